//! The published schemas. Every document that any test reads is held against its own, so a field
//! that nobody described fails wherever it first appears.
//!
//! What is here knows the words of JSON Schema that ours use, but for patterns and formats, and is
//! quick enough for every document. `schemas.rs` holds it against a validator of the world.

use serde_json::Value;
use std::path::PathBuf;

/// Words of schemas that say nothing about what is right here.
const SILENT: [&str; 7] = [
    "$schema",
    "title",
    "description",
    "$defs",
    "pattern",
    "format",
    "minItems",
];

/// Where the schemas are.
pub(crate) fn folder() -> PathBuf {
    takeback_artifacts::repository().join("docs/schemas")
}

/// The schema of documents of this type, if it is published.
pub(crate) fn schema(message_type: &str) -> Option<Value> {
    let text = std::fs::read_to_string(folder().join(format!("{message_type}.json"))).ok()?;
    let schema = serde_json::from_str(&text);
    Some(schema.unwrap_or_else(|e| panic!("docs/schemas/{message_type}.json is no JSON: {e}")))
}

/// What is wrong with a document by its schema; nothing for what is none of ours.
pub(crate) fn complaints(document: &Value) -> Vec<String> {
    let Some(message_type) = document["message_type"].as_str() else {
        return Vec::new();
    };
    let Some(schema) = schema(message_type) else {
        return vec![format!(
            "documents of the type `{message_type}` have no schema: describe every field of them \
             in docs/schemas/{message_type}.json (copy a short one, such as remove.json), name the \
             command in COMMANDS of tests/it/schemas.rs, and add a row to docs/json.md"
        )];
    };
    let mut reader = Reader {
        root: &schema,
        complaints: Vec::new(),
    };
    reader.check(document, &schema, "");
    let file = format!("docs/schemas/{message_type}.json");
    let said = reader.complaints.into_iter();
    said.map(|why| format!("{why} (so says {file}; new fields are added there too)"))
        .collect()
}

struct Reader<'a> {
    root: &'a Value,
    complaints: Vec<String>,
}

impl Reader<'_> {
    fn check(&mut self, value: &Value, schema: &Value, at: &str) {
        let Value::Object(words) = schema else {
            if *schema == false {
                self.complaints.push(format!("{at}: nothing may be here"));
            }
            return;
        };
        for (word, wanted) in words {
            let right = match word.as_str() {
                "type" => is_of(value, wanted),
                "const" => value == wanted,
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value.as_i64().is_none_or(|n| n >= wanted.as_i64().unwrap()),
                "anyOf" => wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| self.fits(value, one, at)),
                "required" => {
                    self.required(value, wanted, at);
                    true
                }
                "$ref" => {
                    let pointer = wanted.as_str().unwrap().trim_start_matches('#');
                    let meant = self.root.pointer(pointer);
                    let meant = meant.unwrap_or_else(|| panic!("{pointer} is not in the schema"));
                    self.check(value, &meant.clone(), at);
                    true
                }
                "properties" | "additionalProperties" | "items" | "prefixItems" => true,
                word if SILENT.contains(&word) => true,
                word => panic!("`{word}` is not understood here; teach it to {}", file!()),
            };
            if !right {
                self.complaints
                    .push(format!("{at}: {value} is not {word} {wanted}"));
            }
        }
        self.inside(value, schema, at);
    }

    fn fits(&self, value: &Value, schema: &Value, at: &str) -> bool {
        let mut inner = Reader {
            root: self.root,
            complaints: Vec::new(),
        };
        inner.check(value, schema, at);
        inner.complaints.is_empty()
    }

    fn required(&mut self, value: &Value, wanted: &Value, at: &str) {
        let Value::Object(fields) = value else { return };
        for name in wanted.as_array().unwrap() {
            if !fields.contains_key(name.as_str().unwrap()) {
                self.complaints.push(format!("{at}: {name} is missing"));
            }
        }
    }

    /// The fields of an object and the items of a list.
    fn inside(&mut self, value: &Value, schema: &Value, at: &str) {
        if let Value::Object(fields) = value {
            for (name, field) in fields {
                let described = &schema["properties"][name.as_str()];
                let described = if described.is_null() {
                    &schema["additionalProperties"]
                } else {
                    described
                };
                self.check(field, described, &format!("{at}/{name}"));
            }
        }
        if let Value::Array(items) = value {
            for (number, item) in items.iter().enumerate() {
                let described = schema["prefixItems"]
                    .get(number)
                    .unwrap_or(&schema["items"]);
                self.check(item, described, &format!("{at}/{number}"));
            }
        }
    }
}

/// Whether a value is of a type, or of one of several.
fn is_of(value: &Value, wanted: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => panic!("the type `{name}` is not understood here"),
    };
    match wanted {
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        name => is(name.as_str().unwrap()),
    }
}
