//! A place in a JSON document, kept on the stack while a document is read and written out only for a finding.

use std::fmt;

/// The way from the root of a document to a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'a> {
    /// The document itself.
    Root,
    /// The value behind a key of an object.
    Key(&'a Path<'a>, &'a str),
    /// An item of a list, counted from 0.
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
            Path::Key(parent, key) if !is_plain(key) => {
                write!(f, "{parent}[{}]", crate::finding::Brief(*key))
            }
            Path::Key(Path::Root, key) => f.write_str(key),
            Path::Key(parent, key) => write!(f, "{parent}.{key}"),
        }
    }
}

/// True for a key that needs no quotes.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.len() <= 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_in_a_program() {
        let process = Path::Key(&Path::Root, "process");
        let environment = Path::Key(&process, "env");
        assert_eq!(Path::Index(&environment, 3).to_string(), "process.env[3]");
        let annotations = Path::Key(&Path::Root, "annotations");
        assert_eq!(Path::Key(&annotations, "a.b\u{1b}").to_string(), "annotations[\"a.b\\u{1b}\"]");
    }
}
