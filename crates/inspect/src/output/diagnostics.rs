//! What was damaged, doubtful or remarkable, said once and at the end.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io::{self, Write};

use bstr::BString;

use super::escape;
use super::object::Object;
use super::style::Style;

/// Lines of one code that a terminal shows; more would push the answer out of sight.
const SHOWN_OF_A_CODE: usize = 5;

/// Something that the reader of an answer should know about the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable name of the kind of finding, such as `pages-short`.
    pub code: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// The member of the archive; `None` if it is about the archive as a whole.
    pub member: Option<BString>,
    /// Byte offset in the member, or in the archive if there is no member.
    pub offset: Option<u64>,
    /// What was found, what was expected, and what follows from it.
    pub text: String,
}

/// How bad a finding is. All of them fail a command under `--strict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Remarkable, but nothing is missing.
    Note,
    /// Something may be missing or wrong.
    Warning,
    /// Something is missing or wrong.
    Error,
}

impl Severity {
    /// The word in text and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    fn dress(self, style: Style) -> String {
        match self {
            Self::Note => style.bold(self.as_str()),
            Self::Warning => style.yellow(self.as_str()),
            Self::Error => style.red(self.as_str()),
        }
    }
}

impl Diagnostic {
    /// The JSON form: code, severity, member, offset, text; member and offset `null` where there is none.
    pub fn to_object(&self) -> Object {
        Object::new()
            .with("code", self.code.clone().into_owned())
            .with("severity", self.severity.as_str())
            .with("member", self.member.as_ref())
            .with("offset", self.offset)
            .with("text", self.text.clone())
    }
}

/// The line for people without its severity, escaped: `pages-1.img, offset 0x48: text [code]`.
impl Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.member, self.offset) {
            (Some(member), Some(offset)) => write!(f, "{}, offset {offset:#x}: ", escape::field(member))?,
            (Some(member), None) => write!(f, "{}: ", escape::field(member))?,
            (None, Some(offset)) => write!(f, "offset {offset:#x}: ")?,
            (None, None) => {}
        }
        write!(f, "{} [{}]", escape::line(&self.text), escape::line(&self.code))
    }
}

/// How diagnostics are printed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Printing<'a> {
    /// Colours for the severity.
    pub style: Style,
    /// The error stream is a terminal, where long series are cut with a count; elsewhere all are printed.
    pub is_terminal: bool,
    /// The archive to name in front, if there are several.
    pub archive: Option<&'a BString>,
}

/// Prints diagnostics in their order, each line once.
///
/// # Errors
/// Those of the writer.
pub fn print(err: &mut dyn Write, diagnostics: &[Diagnostic], printing: Printing<'_>) -> io::Result<()> {
    let place = printing.archive.map(|archive| format!("{}: ", escape::field(archive))).unwrap_or_default();
    let mut left_out = BTreeMap::new();
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for (diagnostic, times) in once_each(diagnostics) {
        let of_this_code = shown.entry(&diagnostic.code).or_default();
        if printing.is_terminal && *of_this_code >= SHOWN_OF_A_CODE {
            let count: &mut usize = left_out.entry(&diagnostic.code).or_default();
            *count = count.saturating_add(times);
            continue;
        }
        *of_this_code = of_this_code.saturating_add(1);
        let severity = diagnostic.severity.dress(printing.style);
        let repeated = if times > 1 { format!(" ({times} times)") } else { String::new() };
        writeln!(err, "{severity}: {place}{diagnostic}{repeated}")?;
    }
    for (code, count) in left_out {
        let code = escape::line(code);
        writeln!(err, "{place}{count} more of [{code}]; --format json shows all")?;
    }
    Ok(())
}

/// Equal diagnostics as one, with their number, at the place of the first.
fn once_each(diagnostics: &[Diagnostic]) -> Vec<(&Diagnostic, usize)> {
    let mut positions = BTreeMap::new();
    let mut list: Vec<(&Diagnostic, usize)> = Vec::new();
    for diagnostic in diagnostics {
        let key = (&diagnostic.code, &diagnostic.member, diagnostic.offset, &diagnostic.text);
        let position = *positions.entry(key).or_insert(list.len());
        match list.get_mut(position) {
            Some((_, times)) => *times = times.saturating_add(1),
            None => list.push((diagnostic, 1)),
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(offset: u64) -> Diagnostic {
        Diagnostic {
            code: "pages-short".into(),
            severity: Severity::Warning,
            member: Some("pages-\u{1b}.img".into()),
            offset: Some(offset),
            text: "2 pages cannot be read".into(),
        }
    }

    fn printed(diagnostics: &[Diagnostic], printing: Printing<'_>) -> String {
        let mut err = Vec::new();
        print(&mut err, diagnostics, printing).unwrap();
        String::from_utf8(err).unwrap()
    }

    #[test]
    fn a_line_says_where_and_what_and_is_escaped() {
        assert_eq!(
            printed(&[short(0x48)], Printing::default()),
            "warning: pages-\\x1b.img, offset 0x48: 2 pages cannot be read [pages-short]\n"
        );
        let archive = "a.tar".into();
        let whole = Diagnostic { member: None, offset: None, severity: Severity::Note, ..short(0) };
        assert_eq!(
            printed(&[whole], Printing { archive: Some(&archive), ..Printing::default() }),
            "note: a.tar: 2 pages cannot be read [pages-short]\n"
        );
    }

    #[test]
    fn the_same_thing_is_said_once() {
        let shown = printed(&[short(1), short(2), short(1)], Printing::default());
        assert_eq!(shown.lines().count(), 2);
        assert!(shown.lines().next().unwrap().ends_with("[pages-short] (2 times)"));
    }

    #[test]
    fn a_terminal_gets_a_few_and_a_count_a_pipe_gets_all() {
        let many: Vec<Diagnostic> = (0..100).map(short).collect();
        assert_eq!(printed(&many, Printing::default()).lines().count(), 100);
        let shown = printed(&many, Printing { is_terminal: true, ..Printing::default() });
        assert_eq!(shown.lines().count(), 6);
        assert!(shown.ends_with("95 more of [pages-short]; --format json shows all\n"));
    }

    #[test]
    fn the_json_form_has_the_names_of_the_contract() {
        let mut diagnostic = short(0x48);
        diagnostic.member = None;
        assert_eq!(
            diagnostic.to_object().to_json(),
            r#"{"code":"pages-short","severity":"warning","member":null,"offset":72,"text":"2 pages cannot be read"}"#
        );
    }
}
