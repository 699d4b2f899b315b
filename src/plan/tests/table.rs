//! The table: what it takes is taken, what it does not know is refused, and the published schema says the same.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::*;
use crate::plan::fields::Fields;
use crate::plan::schema::{Block, Form, Level};

/// Every block of the table, by where it is.
fn blocks() -> Vec<&'static Block> {
    fn inner(form: &'static Form, all: &mut Vec<&'static Block>) {
        match form {
            Form::One(block) => walk(block, all),
            Form::Many(form) => inner(form, all),
            Form::Either(forms) => forms.iter().for_each(|form| inner(form, all)),
            _ => {}
        }
    }
    fn walk(block: &'static Block, all: &mut Vec<&'static Block>) {
        if all.iter().any(|known| std::ptr::eq(*known, block)) {
            return;
        }
        all.push(block);
        block.members.iter().for_each(|member| inner(&member.form, all));
    }
    let mut all = Vec::new();
    walk(&schema::FILE, &mut all);
    all
}

fn refused(block: &'static Block, key: &str) -> Vec<Diagnostic> {
    let root = tree::parse(&format!("{}: x", serde_json::to_string(key).unwrap())).unwrap();
    let mut found = Findings::default();
    Fields::read(&root, block, &mut found);
    found.sorted().into_iter().filter(|found| found.rule != "F04").collect()
}

#[test]
fn every_key_of_the_table_is_taken_and_every_later_one_is_told_so() {
    let all = blocks();
    assert!(all.len() > 40, "{}", all.len());
    for block in all {
        for member in block.members {
            let found = refused(block, member.key);
            if member.level == Level::Later {
                assert_eq!(found[0].rule, "F06", "{} {}", block.name, member.key);
            } else {
                assert_eq!(found, [], "{} {}", block.name, member.key);
            }
        }
        let mut keys: Vec<_> = block.members.iter().map(|member| member.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), block.members.len(), "{} has a key twice", block.name);
    }
}

proptest! {
    #[test]
    fn every_other_key_is_refused_with_a_proposal(word in "[a-z][a-z_]{0,14}", slip in any::<prop::sample::Index>()) {
        for block in blocks() {
            let known = block.members[slip.index(block.members.len())].key;
            // a slip of the fingers in a known key, and a word out of nowhere
            for key in [word.clone(), format!("{known}x")] {
                if block.members.iter().any(|member| member.key == key) {
                    continue;
                }
                let found = refused(block, &key);
                prop_assert_eq!(found.len(), 1);
                prop_assert!(found[0].suggestion.is_some());
                prop_assert!(found[0].rule == "F02" || found[0].rule == "P02", "{:?}", &found[0]);
            }
        }
    }
}

/// What of a value a schema does not allow; patterns are left to the loader.
fn violations(schema: &Json, value: &Json, root: &Json, at: &str) -> Vec<String> {
    let one = |text: String| vec![format!("{at}: {text}")];
    if let Some(reference) = schema["$ref"].as_str() {
        let path = reference.trim_start_matches('#');
        let target = root.pointer(path).unwrap_or_else(|| panic!("{reference} leads nowhere"));
        return violations(target, value, root, at);
    }
    for many in ["anyOf", "oneOf"] {
        if let Some(schemas) = schema[many].as_array() {
            let fits = schemas.iter().any(|schema| violations(schema, value, root, at).is_empty());
            return if fits { Vec::new() } else { one(format!("{value} fits none of {schemas:?}")) };
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) {
            Vec::new()
        } else {
            one(format!("{value} is no word of {words:?}"))
        };
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        _ => value.is_u64(),
    };
    let fits = match &schema["type"] {
        Json::String(kind) => is(kind),
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).any(is),
        _ => schema != &Json::Bool(false),
    };
    if !fits {
        return one(format!("{value} is no {}", schema["type"]));
    }
    let mut all = Vec::new();
    for item in value.as_array().into_iter().flatten() {
        all.extend(violations(&schema["items"], item, root, at));
    }
    let empty = serde_json::Map::new();
    let members: BTreeMap<_, _> = value.as_object().unwrap_or(&empty).iter().collect();
    for (key, inner) in &members {
        match schema["properties"].get(key.as_str()).or_else(|| schema.get("additionalProperties")) {
            None | Some(Json::Bool(false)) => all.extend(one(format!("unknown key {key}"))),
            Some(schema) => all.extend(violations(schema, inner, root, &format!("{at}.{key}"))),
        }
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        if !members.keys().any(|key| *key == required) {
            all.extend(one(format!("lacks {required}")));
        }
    }
    all
}

fn against_schema(source: &str) -> Vec<String> {
    let value: Json = serde_saphyr::from_str(source).unwrap();
    let schema = json_schema();
    violations(&schema, &value, &schema, "plan")
}

#[test]
fn the_schema_allows_what_the_loader_takes_and_no_other_keys() {
    assert_eq!(against_schema(SAMPLE), Vec::<String>::new());
    for (from, to, about) in [
        ("    kind: canary\n", "    kind: canry\n", "canry"),
        ("    validate: gateway-ok\n", "    validat: gateway-ok\n", "unknown key validat"),
        ("  title: FX platform 2.4\n", "", "lacks title"),
        ("{skew: {versions: 1}}", "{skew: {versions: one}}", "one"),
    ] {
        let wrong = SAMPLE.replacen(from, to, 1);
        assert_ne!(wrong, SAMPLE);
        let found = against_schema(&wrong);
        assert!(found.iter().any(|found| found.contains(about)), "{about}: {found:?}");
        assert!(load(&wrong).is_err());
    }
}

#[test]
fn the_schema_describes_each_block_once() {
    let schema = json_schema();
    let described = schema["$defs"].as_object().unwrap();
    // a strategy with and without an id are two blocks
    assert_eq!(described.len(), blocks().len(), "{:?}", described.keys().collect::<Vec<_>>());
    assert!(described.values().all(Json::is_object));
}
