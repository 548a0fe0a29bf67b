//! Values of documents, which are text by nature, as cells.

use serde::Serialize;
use serde_json::Value;

use crate::output::{Absence, Cell, Object};

/// Anything that documents serialise to.
///
/// Text and keys of JSON are Unicode, so nothing is lost on the way.
pub fn cell(value: &impl Serialize) -> Cell {
    // Only a map whose keys are no text fails, and no document has one.
    serde_json::to_value(value).map_or(Cell::Absent(Absence::Damaged), from_json)
}

/// The entries of what serialises to an object; none of anything else.
pub fn entries(value: &impl Serialize) -> Vec<(String, Cell)> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map.into_iter().map(|(key, value)| (key, from_json(value))).collect(),
        _ => Vec::new(),
    }
}

fn from_json(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Absent(Absence::NotStored),
        Value::Bool(yes) => Cell::Bool(yes),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Cell::Count(number),
            (None, Some(number)) => Cell::Integer(number),
            // Beyond 64 bits, or with a fraction: the digits as they stand.
            (None, None) => Cell::Text(number.to_string().into()),
        },
        Value::String(text) => Cell::Text(text.into()),
        Value::Array(values) => Cell::List(values.into_iter().map(from_json).collect()),
        Value::Object(map) => {
            Cell::Object(map.into_iter().map(|(key, value)| (key, from_json(value))).collect::<Object>())
        }
    }
}
