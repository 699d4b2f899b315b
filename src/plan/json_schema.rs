//! The published JSON Schema of the plan format, printed from the table that the reader refuses by. It says what this
//! version runs; what the format knows beyond that is not in it, so an editor marks it as the reader does.

use serde_json::{Map, Value, json};

use super::schema::{Block, FILE, Form, Level};

/// The schema, as JSON Schema 2020-12.
#[must_use]
pub fn json_schema() -> Value {
    let mut blocks = Map::new();
    let root = reference(&FILE, &mut blocks);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gonogo release plan",
        "$ref": root,
        "$defs": blocks,
    })
}

/// Where a block is described; describes it the first time.
fn reference(block: &'static Block, blocks: &mut Map<String, Value>) -> String {
    let name = key(block);
    if !blocks.contains_key(&name) {
        // first the name: blocks can be inside themselves
        blocks.insert(name.clone(), Value::Null);
        let described = describe(block, blocks);
        blocks.insert(name.clone(), described);
    }
    format!("#/$defs/{name}")
}

/// A block's name in the schema: its name in messages, and its first members where two have the same.
fn key(block: &Block) -> String {
    let word = |name: &str| {
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect::<String>()
    };
    let named = block.name.trim_start_matches("a ").trim_start_matches("an ");
    let first = block.members.first().map_or("", |member| member.key);
    format!("{}.{}", word(named).trim_matches('-'), word(first))
}

fn describe(block: &'static Block, blocks: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for member in block.taken() {
        properties.insert(member.key.to_owned(), of_form(&member.form, blocks));
    }
    let required: Vec<&str> = block.at(Level::Required).collect();
    let mut described = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        described["required"] = json!(required);
    }
    described
}

/// Letters, digits and joints, as ids inside a plan are written.
const ID: &str = "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$";
const SPAN: &str = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$";
const SHARE: &str = "^[0-9]+(\\.[0-9]+)? *%$";
const NUMBER: &str = "^-?[0-9]+(\\.[0-9]+)? *([%a-zA-Z/]+)?$";

fn of_form(form: &'static Form, blocks: &mut Map<String, Value>) -> Value {
    match form {
        Form::Text => json!({ "type": ["string", "number"] }),
        Form::Slug => json!({ "type": "string", "pattern": ID, "maxLength": 63 }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Span => json!({ "type": "string", "pattern": SPAN, "minLength": 2 }),
        Form::Share => json!({ "oneOf": [
            { "type": "string", "pattern": SHARE },
            { "type": "number", "minimum": 0, "maximum": 1 },
        ] }),
        Form::Number => json!({ "oneOf": [{ "type": "number" }, { "type": "string", "pattern": NUMBER }] }),
        Form::Whole => json!({ "type": "integer", "minimum": 0 }),
        Form::Word(words) => json!({ "enum": words() }),
        Form::Texts => json!({ "type": "array", "items": { "type": ["string", "number"] } }),
        Form::Pairs => json!({
            "type": "object",
            "minProperties": 1,
            "additionalProperties": { "type": ["string", "number"] },
        }),
        Form::One(block) => json!({ "$ref": reference(block, blocks) }),
        Form::Many(inner) => json!({ "type": "array", "items": of_form(inner, blocks) }),
        Form::Either(forms) => {
            let forms: Vec<Value> = forms.iter().map(|form| of_form(form, blocks)).collect();
            json!({ "anyOf": forms })
        }
        Form::Undescribed => json!(false),
    }
}
