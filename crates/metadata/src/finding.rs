//! What is wrong, odd or contradictory in the documents: data, never text on a terminal.
//!
//! One table says which findings there are. A sink gathers them for one document and keeps at most
//! [`PER_CODE`] of a kind, so that a hostile document cannot make more findings than it has to say.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Serialize, Serializer};

use crate::json::Path;

/// Findings of one code that are kept for one document; the rest is counted in a last one.
pub const PER_CODE: usize = 20;

/// Characters of a value from a document that a finding shows.
const SHOWN: usize = 120;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// Something is odd, was changed in reading, or contradicts something else.
    Warning,
    /// A document, or a part of one, could not be read.
    Error,
}

/// One thing that is wrong or odd in a document, or between documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding this is; stable, for scripts.
    pub code: Code,
    /// How much it matters; follows from the code.
    pub severity: Severity,
    /// The member of the archive that it is about.
    pub member: String,
    /// Byte offset in the member, where one is known.
    pub offset: Option<u64>,
    /// The place in a JSON document, as `process.env[0]`; absent where the document as a whole is meant.
    pub path: Option<String>,
    /// What was found and what was expected, without the place. Values from the archive are quoted, escaped
    /// and cut.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.member)?;
        if let Some(offset) = self.offset {
            write!(f, ": offset {offset:#x}")?;
        }
        if let Some(path) = &self.path {
            write!(f, ": {path}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Declares the codes: a name, its stable text, its severity, and what to do about it.
///
/// ```text
/// codes! { /// doc  JsonBom "json-bom" Warning "advice" }   becomes
/// enum Code { JsonBom }  with  as_str() = "json-bom", severity() = Warning, advice() = "advice", ALL
/// ```
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $severity:ident $advice:literal)*) => {
        /// The kinds of findings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The stable name that scripts may rely on.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// How much findings of this code matter.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            /// What a person may do about it.
            pub fn advice(self) -> &'static str {
                match self { $(Code::$name => $advice,)* }
            }
        }
    };
}

codes! {
    /// The document is not JSON; nothing of it is used.
    JsonInvalid "json-invalid" Error "look at the raw member; the engine could not read it either"
    /// The document nests deeper, or holds more values, than is read.
    JsonLimit "json-limit" Error "no engine writes such a document; look at the raw member"
    /// The document begins with a byte order mark, which was skipped.
    JsonBom "json-bom" Warning "the document was edited after the engine wrote it"
    /// Bytes that are not UTF-8 were read as U+FFFD.
    JsonUtf8 "json-utf8" Warning "look at the raw member for the exact bytes"
    /// Half a surrogate pair was read as U+FFFD.
    JsonSurrogate "json-surrogate" Warning "look at the raw member for the exact text"
    /// Something stands behind the end of the document.
    JsonTrailing "json-trailing" Warning "the engine refuses such a document; it was edited or damaged"
    /// A key stands twice in one object; the last one counts.
    JsonDuplicateKey "json-duplicate-key" Warning "the engine reads the last one; other programs may read the first"
    /// A value has another type than the engine writes there; the field counts as absent.
    JsonType "json-type" Warning "the engine never writes this; the document was edited"
    /// A number does not fit the integer that the field holds; the field counts as absent.
    JsonNumber "json-number" Warning "the number as it was written stands in the finding and among the other keys"
    /// JSON inside an annotation could not be read; its text is kept.
    JsonInner "json-inner" Warning "look at the annotation's raw text"
    /// A time is no date that a calendar has, or one at which no checkpoint was made.
    TimeOdd "time-odd" Warning "the text is shown as it stands; take another source of the time"
    /// A path in a list of files is empty, relative, climbs, or holds control characters.
    PathOdd "path-odd" Warning "do not act on this path"
    /// A protobuf message of a containerd checkpoint could not be read.
    WireInvalid "wire-invalid" Error "the blob is damaged; verify its digest"
    /// A document that the engine always writes is not there.
    DocumentMissing "document-missing" Warning "the archive is cut or was edited"
    /// Two sources of one fact say different things; both are kept.
    Contradiction "contradiction" Warning "the documents were edited, or do not belong together"
    /// The rules that tell the engine disagree.
    EngineContradiction "engine-contradiction" Warning "the archive was edited, or is of an engine not known here"
    /// A container of Podman was probably made from a checkpoint: its documents look as after a restore.
    RestoreHint "restore-hint" Note "Podman stores no such fact; this is an inference"
    /// Times that cannot be in this order.
    TimeOrder "time-order" Warning "one of the times is wrong: a clock was set or a document edited"
    /// The log of CRIU says something that its own lines or the presence of the images contradict.
    LogContradiction "log-contradiction" Warning "the log is text that anybody can write; trust the images"
    /// The last line of CRIU's log does not say that the dump finished.
    LogUnfinished "log-unfinished" Warning "check that the images are complete"
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Gathers the findings of one document.
#[derive(Debug)]
pub(crate) struct Findings {
    member: String,
    list: Vec<Finding>,
    counts: BTreeMap<Code, usize>,
}

impl Findings {
    pub(crate) fn new(member: &str) -> Self {
        Findings { member: member.to_owned(), list: Vec::new(), counts: BTreeMap::new() }
    }

    /// Adds a finding about the whole document.
    pub(crate) fn add(&mut self, code: Code, text: fmt::Arguments<'_>) {
        self.push(code, None, None, text);
    }

    /// Adds a finding about another document than the one at hand.
    pub(crate) fn about(&mut self, member: &str, code: Code, text: fmt::Arguments<'_>) {
        let own = std::mem::replace(&mut self.member, member.to_owned());
        self.add(code, text);
        self.member = own;
    }

    /// Adds a finding about a place in the document.
    pub(crate) fn at_path(&mut self, code: Code, path: &Path<'_>, text: fmt::Arguments<'_>) {
        self.push(code, None, Some(path), text);
    }

    /// Adds a finding about a byte of the document.
    pub(crate) fn at_offset(&mut self, code: Code, offset: u64, text: fmt::Arguments<'_>) {
        self.push(code, Some(offset), None, text);
    }

    /// Formats only what is kept: a million findings cost a million counts.
    fn push(&mut self, code: Code, offset: Option<u64>, path: Option<&Path<'_>>, text: fmt::Arguments<'_>) {
        let count = self.counts.entry(code).or_default();
        *count = count.saturating_add(1);
        if *count > PER_CODE {
            return;
        }
        self.list.push(Finding {
            code,
            severity: code.severity(),
            member: self.member.clone(),
            offset,
            path: path.map(Path::to_string).filter(|path| !path.is_empty()),
            text: text.to_string(),
        });
    }

    /// All that was found, in the order of finding, and for each code with too many how many more there are.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        for (code, count) in std::mem::take(&mut self.counts) {
            let more = count.saturating_sub(PER_CODE);
            if more > 0 {
                self.list.push(Finding {
                    code,
                    severity: code.severity(),
                    member: self.member.clone(),
                    offset: None,
                    path: None,
                    text: format!("{more} more findings of this kind"),
                });
            }
        }
        self.list
    }
}

/// A value from a document as a finding shows it: quoted, escaped, cut after [`SHOWN`] characters.
///
/// Formatting stops at the cut, so that a value of any size costs the same.
pub(crate) struct Brief<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: fmt::Debug + ?Sized> fmt::Display for Brief<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cut = Cut { out: f, left: SHOWN };
        if write!(cut, "{:?}", self.0).is_err() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

/// A writer that fails after so many characters.
struct Cut<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    left: usize,
}

impl fmt::Write for Cut<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.out.write_char(character)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
