//! Label and field selectors, as objects hold them and as requests write them.

use serde_json::Value;

use super::json;

/// One requirement on a label.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Requirement {
    fn matches(&self, value_of: &dyn Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::In(key, values) => value_of(key).is_some_and(|value| values.contains(&value)),
            Self::NotIn(key, values) => value_of(key).is_none_or(|value| !values.contains(&value)),
            Self::Exists(key) => value_of(key).is_some(),
            Self::Absent(key) => value_of(key).is_none(),
        }
    }
}

/// A conjunction of requirements; an empty one matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    requirements: Vec<Requirement>,
}

impl Selector {
    /// Reads the query form: `app=web,tier in (a,b),!legacy`.
    pub(crate) fn parse(query: &str) -> Result<Self, String> {
        let requirements = split_outside_brackets(query)
            .into_iter()
            .map(str::trim)
            .filter(|term| !term.is_empty())
            .map(parse_term)
            .collect::<Result<_, _>>()?;
        Ok(Self { requirements })
    }

    /// Reads a `LabelSelector` object: `matchLabels` and `matchExpressions`.
    pub(crate) fn of_object(selector: &Value) -> Self {
        let mut requirements = equalities(selector, "/matchLabels");
        for expression in json::items(selector, "/matchExpressions") {
            let key = json::text(expression, "/key").to_owned();
            let values = || {
                json::items(expression, "/values")
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            };
            requirements.push(match json::text(expression, "/operator") {
                "In" => Requirement::In(key, values()),
                "NotIn" => Requirement::NotIn(key, values()),
                "DoesNotExist" => Requirement::Absent(key),
                _exists => Requirement::Exists(key),
            });
        }
        Self { requirements }
    }

    /// Reads a plain map of labels, as a Service's selector is.
    pub(crate) fn of_map(map: &Value) -> Self {
        Self { requirements: equalities(map, "") }
    }

    /// Whether nothing is required.
    pub(crate) fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether the labels of `object` satisfy every requirement.
    pub(crate) fn matches_labels(&self, object: &Value) -> bool {
        self.matches(&|key| json::label(object, key).map(str::to_owned))
    }

    /// Whether the fields of `object` satisfy every requirement (`metadata.name=web`).
    pub(crate) fn matches_fields(&self, object: &Value) -> bool {
        self.matches(&|field| {
            let value = object.pointer(&format!("/{}", field.replace('.', "/")));
            Some(value.map(plain).unwrap_or_default())
        })
    }

    fn matches(&self, value_of: &dyn Fn(&str) -> Option<String>) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(value_of))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn equalities(object: &Value, pointer: &str) -> Vec<Requirement> {
    json::members(object, pointer)
        .map(|(key, value)| {
            Requirement::In(key.to_owned(), vec![value.as_str().unwrap_or_default().to_owned()])
        })
        .collect()
}

fn split_outside_brackets(query: &str) -> Vec<&str> {
    let (mut terms, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, letter) in query.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                terms.push(&query[start..at]);
                start = at + 1;
            }
            _other => {}
        }
    }
    terms.push(&query[start..]);
    terms
}

fn parse_term(term: &str) -> Result<Requirement, String> {
    if let Some((key, value)) = term.split_once("!=") {
        return Ok(Requirement::NotIn(key.trim().to_owned(), vec![value.trim().to_owned()]));
    }
    if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        return Ok(Requirement::In(key.trim().to_owned(), vec![value.trim().to_owned()]));
    }
    if let Some((head, values)) = term.strip_suffix(')').and_then(|term| term.split_once('(')) {
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let words: Vec<&str> = head.split_whitespace().collect();
        return match words.as_slice() {
            [key, "in"] => Ok(Requirement::In((*key).to_owned(), values)),
            [key, "notin"] => Ok(Requirement::NotIn((*key).to_owned(), values)),
            _other => Err(format!("unable to parse requirement: {term}")),
        };
    }
    if term.contains(char::is_whitespace) {
        return Err(format!("unable to parse requirement: {term}"));
    }
    Ok(term
        .strip_prefix('!')
        .map_or_else(|| Requirement::Exists(term.to_owned()), |key| Requirement::Absent(key.to_owned())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Selector;

    #[test]
    fn query_forms() {
        let pod = json!({"metadata": {"name": "p", "labels": {"app": "web", "tier": "a"}}});
        for (query, expected) in [
            ("", true),
            ("app=web,tier in (a, b)", true),
            ("app==web,tier notin (a)", false),
            ("app!=web", false),
            ("zone!=x,!zone,app", true),
        ] {
            assert_eq!(Selector::parse(query).unwrap().matches_labels(&pod), expected, "{query}");
        }
        assert!(Selector::parse("metadata.name=p").unwrap().matches_fields(&pod));
        assert!(Selector::parse("spec.nodeName!=n1").unwrap().matches_fields(&pod));
        assert!(Selector::parse("app within (a)").is_err());
    }
}
