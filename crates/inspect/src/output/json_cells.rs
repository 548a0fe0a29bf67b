//! The JSON of cells and of named cells, by the rules of every JSON answer.
//!
//! What is not applicable is left out. What a string cannot carry of bytes stands in base64 under the same name with `_b64`
//! behind it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bstr::ByteSlice as _;

use super::cell::Cell;
use super::json_strings;

/// What stands in front of a value.
pub(super) trait Name {
    /// Appends it as JSON, with the colon.
    fn push(&self, out: &mut String);

    /// The name itself.
    fn plain(&self) -> &str;
}

/// A name that is written once.
impl Name for &str {
    fn push(&self, out: &mut String) {
        json_strings::write(out, self);
        out.push(':');
    }

    fn plain(&self) -> &str {
        self
    }
}

/// A name that is written in every row: its JSON is made before.
#[derive(Debug)]
pub(super) struct Key {
    plain: &'static str,
    json: String,
}

impl Key {
    pub(super) fn new(plain: &'static str) -> Self {
        let mut json = String::new();
        plain.push(&mut json);
        Self { plain, json }
    }

    /// The name itself.
    pub(super) fn name(&self) -> &'static str {
        self.plain
    }
}

impl Name for &Key {
    fn push(&self, out: &mut String) {
        out.push_str(&self.json);
    }

    fn plain(&self) -> &str {
        self.plain
    }
}

/// Appends an object with these entries.
pub(super) fn object<'a, N: Name>(out: &mut String, entries: impl Iterator<Item = (N, &'a Cell)>) {
    out.push('{');
    let mut is_first = true;
    for (name, value) in entries.filter(|(_, cell)| !cell.is_left_out()) {
        if !is_first {
            out.push(',');
        }
        is_first = false;
        entry(out, name, value);
    }
    out.push('}');
}

/// Appends an entry of an object, and its twin if it needs one.
pub(super) fn entry(out: &mut String, name: impl Name, value: &Cell) {
    name.push(out);
    if !cell(out, value) {
        out.push(',');
        json_strings::write(out, &format!("{}_b64", name.plain()));
        out.push(':');
        twin(out, value);
    }
}

/// Appends a value. `false`: it has bytes that no string carries, so that a twin has to.
///
/// Lists lack what their values lack; objects nothing, because they have names of their own for it.
pub(super) fn cell(out: &mut String, cell: &Cell) -> bool {
    match cell {
        Cell::Bytes(bytes) => return words(out, bytes),
        Cell::List(cells) => return list(out, cells),
        Cell::Text(text) => json_strings::write(out, text),
        Cell::Object(entries) => object(out, entries.entries()),
        Cell::Absent(_) => out.push_str("null"),
        number if number.is_bare() => number.push_exact(out),
        // Digits and marks only, which need no escape.
        exact => {
            out.push('"');
            exact.push_exact(out);
            out.push('"');
        }
    }
    true
}

/// Bytes as a string, in which U+FFFD stands for what is no text.
fn words(out: &mut String, bytes: &[u8]) -> bool {
    match str::from_utf8(bytes) {
        Ok(text) => json_strings::write(out, text),
        Err(_) => {
            json_strings::write(out, &bytes.to_str_lossy());
            return false;
        }
    }
    true
}

fn list(out: &mut String, cells: &[Cell]) -> bool {
    let mut is_exact = true;
    separated(out, cells, |out, value| is_exact &= cell(out, value));
    is_exact
}

/// What stands under `NAME_b64`: base64 for bytes that lost something, `null` for what lost nothing.
fn twin(out: &mut String, cell: &Cell) {
    match cell {
        Cell::Bytes(bytes) if is_lossy(cell) => {
            out.push('"');
            STANDARD.encode_string(bytes, out);
            out.push('"');
        }
        Cell::List(cells) if is_lossy(cell) => separated(out, cells, twin),
        _ => out.push_str("null"),
    }
}

fn is_lossy(cell: &Cell) -> bool {
    match cell {
        Cell::Bytes(bytes) => str::from_utf8(bytes).is_err(),
        Cell::List(cells) => cells.iter().any(is_lossy),
        _ => false,
    }
}

/// Appends a list whose values are written so.
fn separated(out: &mut String, cells: &[Cell], mut write: impl FnMut(&mut String, &Cell)) {
    out.push('[');
    for (position, cell) in cells.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write(out, cell);
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::cell::Absence;

    fn check(cell: impl Into<Cell>, expected: &str) {
        let mut out = String::new();
        object(&mut out, [(&Key::new("x"), &cell.into())].into_iter());
        assert_eq!(out, expected);
    }

    #[test]
    fn only_what_was_lost_has_a_twin() {
        check(&b"gr\xc3\xb6\xc3\x9fe"[..], r#"{"x":"größe"}"#);
        check(&b"a\xff"[..], r#"{"x":"a�","x_b64":"Yf8="}"#);
        check(vec![&b"sh"[..], b"\xff"], r#"{"x":["sh","�"],"x_b64":[null,"/w=="]}"#);
        let nested: Vec<Cell> = vec![vec!["a"].into(), vec![&b"\xff"[..]].into(), 7_u32.into()];
        check(nested, r#"{"x":[["a"],["�"],7],"x_b64":[null,["/w=="],null]}"#);
    }

    #[test]
    fn null_is_written_and_what_makes_no_sense_is_not() {
        check(Absence::NotStored, r#"{"x":null}"#);
        check(Absence::Damaged, r#"{"x":null}"#);
        check(Absence::NotApplicable, "{}");
        check(vec![Cell::NOT_APPLICABLE], r#"{"x":[null]}"#);
    }
}
