//! Theme files: a palette, roles, and what the file inherits from.
//!
//! ```toml
//! inherits = "dark"
//! [palette]
//! sky = "#5fafff"
//! [roles]
//! good = { fg = "sky", bold = true }
//! stable = "good"          # the same as another role
//! ```

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::fault::{Fault, did_you_mean};
use super::ThemeError;
use super::colour;
use super::roles::{ROLES, Role};

/// A style by value, or the style of another role.
#[derive(Clone, Copy)]
enum Given {
    Style(Style),
    Like(Role),
}

/// One file, read.
#[derive(Default)]
struct File {
    inherits: Option<String>,
    roles: BTreeMap<Role, Given>,
}

/// The style of every role of the theme `name`; `text_of` finds a theme's file.
pub(super) fn resolve<'a>(
    name: &str,
    text_of: impl Fn(&str) -> Option<&'a str>,
) -> Result<[Style; ROLES.len()], ThemeError> {
    let mut given: BTreeMap<Role, Given> = BTreeMap::new();
    let mut chain = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(current) = next {
        let again = chain.contains(&current);
        chain.push(current.clone());
        if again {
            return Err(ThemeError::Ring(chain));
        }
        let text = text_of(&current).ok_or_else(|| ThemeError::NoSuchTheme { name: current.clone() })?;
        let file = read(text).map_err(|faults| ThemeError::Faulty { name: current.clone(), faults })?;
        for (role, style) in file.roles {
            given.entry(role).or_insert(style);
        }
        next = file.inherits;
    }
    styles(name, &given)
}

fn styles(name: &str, given: &BTreeMap<Role, Given>) -> Result<[Style; ROLES.len()], ThemeError> {
    let missing: Vec<_> =
        ROLES.iter().filter(|row| !given.contains_key(&row.role)).map(|row| row.word).collect();
    if !missing.is_empty() {
        return Err(ThemeError::Incomplete { name: name.to_owned(), roles: missing });
    }
    let mut styles = [Style::new(); ROLES.len()];
    for row in &ROLES {
        styles[row.role as usize] = follow(row.role, given)?;
    }
    Ok(styles)
}

fn follow(role: Role, given: &BTreeMap<Role, Given>) -> Result<Style, ThemeError> {
    let mut path = vec![role];
    loop {
        match given.get(&path[path.len() - 1]) {
            Some(Given::Style(style)) => return Ok(*style),
            None => return Ok(Style::new()),
            Some(Given::Like(other)) => {
                let again = path.contains(other);
                path.push(*other);
                if again {
                    return Err(ThemeError::Ring(
                        path.iter().map(|role| role.row().word.to_owned()).collect(),
                    ));
                }
            }
        }
    }
}

fn read(text: &str) -> Result<File, Vec<Fault>> {
    let document = DeTable::parse(text).map_err(|error| vec![Fault::of_toml(text, &error)])?;
    let mut reader = Reader { text, palette: BTreeMap::new(), faults: Vec::new() };
    let mut file = File::default();
    let table = document.get_ref();
    if let Some(palette) = table.get("palette").and_then(|value| value.get_ref().as_table()) {
        reader.palette(palette);
    }
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("inherits", DeValue::String(name)) => file.inherits = Some(name.to_string()),
            ("palette", DeValue::Table(_)) => {}
            ("roles", DeValue::Table(roles)) => file.roles = reader.roles(roles),
            (other, _) => {
                let known = did_you_mean(other, ["inherits", "palette", "roles"]);
                reader.fault(key.span().start, format!("`{other}` is not known here"), known);
            }
        }
    }
    if reader.faults.is_empty() { Ok(file) } else { Err(reader.faults) }
}

struct Reader<'t> {
    text: &'t str,
    palette: BTreeMap<String, Color>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, offset: usize, message: String, suggestion: Option<String>) {
        self.faults.push(Fault::at(self.text, offset, message).suggesting(suggestion));
    }

    fn palette(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let colour = value.get_ref().as_str().and_then(colour::parse);
            if let Some(colour) = colour {
                self.palette.insert(name.get_ref().to_string(), colour);
            } else {
                let remedy = "write \"#rrggbb\", \"ansi.red\" or \"default\"".to_owned();
                self.fault(value.span().start, format!("`{}` is no colour", name.get_ref()), Some(remedy));
            }
        }
    }

    fn roles(&mut self, table: &DeTable<'_>) -> BTreeMap<Role, Given> {
        let mut roles = BTreeMap::new();
        for (word, value) in table {
            if let Some(role) = self.role(word.get_ref(), word.span().start)
                && let Some(given) = self.given(value)
            {
                roles.insert(role, given);
            }
        }
        roles
    }

    fn role(&mut self, word: &str, offset: usize) -> Option<Role> {
        let role = Role::parse(word);
        if role.is_none() {
            let known = did_you_mean(word, ROLES.iter().map(|row| row.word));
            self.fault(offset, format!("there is no role `{word}`"), known);
        }
        role
    }

    fn given(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Given> {
        match value.get_ref() {
            DeValue::String(word) => self.role(word, value.span().start).map(Given::Like),
            DeValue::Table(parts) => {
                let mut style = Style::new();
                for (part, value) in parts {
                    style = self.part(style, part, value);
                }
                Some(Given::Style(style))
            }
            _ => {
                let remedy = "write { fg = \"...\" } or the name of another role".to_owned();
                self.fault(value.span().start, "this is no style".to_owned(), Some(remedy));
                None
            }
        }
    }

    fn part(
        &mut self,
        style: Style,
        part: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Style {
        let modifier = match part.get_ref().as_ref() {
            "fg" => return self.colour(value).map_or(style, |colour| style.fg(colour)),
            "bg" => return self.colour(value).map_or(style, |colour| style.bg(colour)),
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underlined" => Modifier::UNDERLINED,
            "reversed" => Modifier::REVERSED,
            other => {
                let known =
                    did_you_mean(other, ["fg", "bg", "bold", "dim", "italic", "underlined", "reversed"]);
                self.fault(part.span().start, format!("`{other}` is no part of a style"), known);
                return style;
            }
        };
        if value.get_ref().as_bool() == Some(true) { style.add_modifier(modifier) } else { style }
    }

    fn colour(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Color> {
        let word = value.get_ref().as_str().unwrap_or_default();
        let colour = self.palette.get(word).copied().or_else(|| colour::parse(word));
        if colour.is_none() {
            let known = did_you_mean(word, self.palette.keys().map(String::as_str))
                .or_else(|| Some("name it in [palette], or write \"#rrggbb\"".to_owned()));
            self.fault(value.span().start, format!("there is no colour `{word}`"), known);
        }
        colour
    }
}
