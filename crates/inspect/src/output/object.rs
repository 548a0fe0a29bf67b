//! Named values in the order they were given: nested documents such as that of `show`.

use std::borrow::Cow;
use std::fmt::{self, Display};

use super::cell::Cell;
use super::{escape, json_cells};

/// An ordered map from names to [`Cell`]s.
///
/// Becomes JSON by the rules of every answer: a value that is not applicable is left out; bytes that no
/// string can hold get a twin key. A model type becomes JSON by being turned into one of these, so the
/// rules hold at every depth.
///
/// ```
/// use icecore_inspect::output::{Cell, Object};
/// let image = Object::new().with("name", "nginx").with("digest", None::<String>);
/// let name = &b"web\xff"[..];
/// let container = Object::new().with("name", name).with("image", image);
/// assert_eq!(
///     container.to_json(),
///     r#"{"name":"web�","name_b64":"d2Vi/w==","image":{"name":"nginx","digest":null}}"#
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object(Vec<(Cow<'static, str>, Cell)>);

impl Object {
    /// An object without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry at the end. A name given twice would stand twice in the JSON.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cell>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// The form for JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        json_cells::object(&mut out, self.entries());
        out
    }

    /// The entries in their order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Cell)> + Clone {
        self.0.iter().map(|(name, cell)| (name.as_ref(), cell))
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<Cell>> FromIterator<(N, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// `name=value` pairs, escaped.
impl Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = self.entries().filter(|(_, cell)| !cell.is_left_out());
        for (position, (name, cell)) in present.enumerate() {
            let gap = if position == 0 { "" } else { " " };
            write!(f, "{gap}{}={cell}", escape::field(name.as_bytes()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::cell::Absence;

    #[test]
    fn order_is_kept_and_what_makes_no_sense_is_left_out() {
        let object = Object::new()
            .with("z", 1_u64)
            .with("pos", Absence::NotApplicable)
            .with("a", Absence::NotStored)
            .with("inner", Object::new().with("argv", vec![&b"\xfe"[..], b"x"]));
        assert_eq!(
            object.to_json(),
            r#"{"z":1,"a":null,"inner":{"argv":["�","x"],"argv_b64":["/g==",null]}}"#
        );
        assert_eq!(object.to_string(), r"z=1 a=- inner=argv=\xfe, x");
    }

    #[test]
    fn names_from_the_archive_are_escaped_in_text() {
        let labels: Object = [("\u{1b}[2J".to_owned(), "x")].into_iter().collect();
        assert_eq!(labels.to_string(), r"\x1b[2J=x");
    }
}
