//! What is wrong or remarkable with a checkpoint that is read all the same.

use std::fmt;

use bstr::BString;
use icecore_images::{Image, Kind};
use serde::Serialize;

pub use icecore_archive::Severity;

/// One remark about a checkpoint: what, where, how much it matters, and in words.
///
/// The text comes without the place. Text from the archive in it is quoted, and is not escaped for a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The stable name of its kind.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The member it is about; `None`: the archive as a whole.
    pub member: Option<BString>,
    /// Where, in bytes: in the member, or in the (decoded) archive for its structure.
    pub offset: Option<u64>,
    /// What was found and what was expected.
    pub text: String,
}

impl Diagnostic {
    /// A diagnostic of the checkpoint as a whole.
    pub(crate) fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code: code.name, severity: code.severity, member: None, offset: None, text: text.into() }
    }

    /// What makes it another one: of a member that is missing each who misses it has its own words, and one is enough.
    pub(crate) fn gist(&self) -> Self {
        let mut gist = self.clone();
        if gist.code == MEMBER_MISSING.name && gist.member.is_some() {
            gist.text.clear();
        }
        gist
    }

    /// What an image, or a record of it, cannot be read for.
    pub fn of_image(member: impl Into<BString>, error: &icecore_images::Error) -> Self {
        use icecore_images::Error;
        let (offset, text) = match error {
            Error::Malformed { entry, offset, fault, .. } => {
                (Some(*offset), format!("entry {entry}: {fault}"))
            }
            Error::UnknownMagic { offset, found, expected, .. } => {
                (Some(*offset), format!("magic {found:#010x} is of no known image kind{expected}"))
            }
            Error::Short { length, expected, .. } => {
                let text = format!("{length} bytes are too short for a magic of {expected} bytes");
                (Some(*length as u64), text)
            }
            _ => (None, error.to_string()),
        };
        Self { offset, ..Self::new(IMAGE_DAMAGED, text) }.of(member)
    }

    /// That a member cannot be read, and why.
    pub fn unreadable(member: impl Into<BString>, why: impl Into<String>) -> Self {
        Self::new(MEMBER_UNREADABLE, why).of(member)
    }

    /// That an image is of another kind than its name says, if it is.
    pub(crate) fn of_misnamed(member: &[u8], named: Kind, image: &Image<'_>) -> Option<Self> {
        let found = image.kind();
        let text = format!("the name says {named}, the magic {found}; the magic counts");
        (named != found).then(|| Self::new(IMAGE_MISNAMED, text).of(member))
    }

    /// Names the member.
    pub(crate) fn of(mut self, member: impl Into<BString>) -> Self {
        self.member = Some(member.into());
        self
    }

    /// The same about a member of an archive that is itself a member: `OUTER//INNER`.
    pub(crate) fn inside(mut self, outer: &[u8]) -> Self {
        let mut name = outer.to_vec();
        if let Some(inner) = &self.member {
            name.extend_from_slice(b"//");
            name.extend_from_slice(inner);
        }
        self.member = Some(name.into());
        self
    }
}

/// `MEMBER, offset 0x…: TEXT`; the member as it is, for whoever prints it to escape.
impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.member, self.offset) {
            (Some(member), Some(offset)) => write!(formatter, "{member}, offset {offset:#x}: ")?,
            (Some(member), None) => write!(formatter, "{member}: ")?,
            (None, Some(offset)) => write!(formatter, "offset {offset:#x}: ")?,
            (None, None) => {}
        }
        formatter.write_str(&self.text)
    }
}

impl From<&icecore_archive::Finding> for Diagnostic {
    fn from(finding: &icecore_archive::Finding) -> Self {
        Self {
            code: finding.code.name(),
            severity: finding.code.severity(),
            member: finding.member.as_ref().map(|member| member.as_bytes().into()),
            offset: finding.offset,
            text: finding.text.clone(),
        }
    }
}

/// A kind of diagnostic of this crate; those of archives and documents have tables of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The stable name, as in JSON.
    pub name: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it means for the reader and what to do, in a sentence.
    pub advice: &'static str,
}

/// Makes a constant of each line, and the list of all.
macro_rules! codes {
    ($($constant:ident $name:literal $severity:ident $advice:literal;)+) => {
        $(pub(crate) const $constant: Code = Code { name: $name, severity: Severity::$severity, advice: $advice };)+

        /// The kinds of diagnostics that this crate adds to those of its parts.
        pub const CODES: &[Code] = &[$($constant),+];
    };
}

codes! {
    IMAGE_DAMAGED "image-damaged" Error "An image, or a record of it, cannot be read; the rest of it is served.";
    IMAGE_ODD "image-odd" Warning "A record can be read, but a required field is absent or a field is not as its schema says.";
    IMAGE_UNKNOWN_FIELD "image-unknown-field" Note "A record has a field that the schema does not have: of a later CRIU, or planted; it is kept.";
    IMAGE_MISNAMED "image-misnamed" Warning "An image is of another kind than its name says; its magic counts.";
    MEMBER_UNREADABLE "member-unreadable" Error "A member cannot be read; what depends on it is absent.";
    NOT_REGULAR "not-regular" Error "A document or image is no regular file; it counts as absent.";
    MEMBER_MISSING "member-missing" Error "A member that other members speak of is not there; what depends on it is absent.";
    MEMBER_EXPECTED "member-expected" Warning "A member that this engine always writes is not there; the archive may have been cut or edited.";
    MEMBER_OPTIONAL "member-optional" Note "A member is not there; the engine leaves it out where there is nothing to say, so nothing may be lost.";
    NESTED_DAMAGED "nested-damaged" Error "An archive of files inside the archive is damaged; what can be read of it is served.";
    PROCESS_BROKEN "process-broken" Warning "The process list contradicts itself; every record is shown.";
    FILE_DANGLING "file-dangling" Warning "A descriptor or file record contradicts the others; what can be told of it is shown.";
    MOUNT_BROKEN "mount-broken" Warning "Mounts contradict each other; every one is shown.";
    PROCESS_STALE "process-stale" Warning "Images belong to processes or threads that the process list does not have.";
    STRINGS_UNREADABLE "strings-unreadable" Warning "Arguments or environment cannot be read from memory, so they are absent; the engine's documents may have what was asked for.";
    ARGUMENTS_ODD "arguments-odd" Warning "The addresses of arguments or environment make no sense, which the process itself can bring about.";
    PAGEMAP_ODD "pagemap-odd" Warning "A pagemap contradicts itself or the areas; what it says without doubt is served.";
    PAGES_LENGTH "pages-length" Error "A pages file is shorter or longer than its pagemap says; pages that are there are served.";
    PAGES_SHARED "pages-shared" Warning "Two pagemaps name one pages file; what each says of it is served.";
    PAGES_DAMAGED "pages-damaged" Error "Compressed pages are damaged; those are unreadable, the others are served.";
    PARENT_MISSING "parent-missing" Error "Pages are in an earlier checkpoint that is not at hand, or not in the one that is; give the right one with --parent.";
    VMA_ODD "vma-odd" Warning "Areas of a process contradict each other; each is listed, and the lower one counts.";
    SHARED_CLASH "shared-clash" Warning "Two shared objects claim one image; only one of them was stored.";
    QUEUE_ODD "queue-odd" Warning "A queue, or a descriptor in it, belongs to no open file; its bytes are served.";
    PAGE_SIZE_ODD "page-size-odd" Warning "The page size that the checkpoint tells does not fit its pages.";
}

#[cfg(test)]
mod tests {
    use bstr::BStr;

    use super::*;

    #[test]
    fn codes_are_unique_among_all_parts() {
        let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// Scripts pick by code, people read the advice.
    #[test]
    fn codes_are_words_and_advice_is_a_sentence() {
        for code in CODES {
            let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(code.name.split('-').all(is_word), "{}", code.name);
            assert!(code.advice.ends_with('.') && code.advice.len() > 20, "{}", code.name);
        }
    }

    #[test]
    fn the_place_stands_in_front_as_far_as_it_is_known() {
        let told = || Diagnostic::new(IMAGE_ODD, "text");
        let at = |told: Diagnostic| Diagnostic { offset: Some(0x1f), ..told };
        assert_eq!(told().to_string(), "text");
        assert_eq!(at(told()).to_string(), "offset 0x1f: text");
        assert_eq!(told().of("a.img").to_string(), "a.img: text");
        assert_eq!(at(told().of("a.img")).to_string(), "a.img, offset 0x1f: text");
    }

    #[test]
    fn a_member_of_a_member_has_both_names() {
        let told = || Diagnostic::new(NESTED_DAMAGED, "text");
        assert_eq!(told().of("etc/x").inside(b"rootfs-diff.tar").member.unwrap(), "rootfs-diff.tar//etc/x");
        assert_eq!(told().inside(b"rootfs-diff.tar").member.unwrap(), "rootfs-diff.tar");
    }

    #[test]
    fn an_image_says_what_it_cannot_be_read_for() {
        let of = |bytes: &[u8]| {
            let error = Image::parse("fs-1.img", bytes).err().unwrap();
            Diagnostic::of_image(BStr::new("checkpoint/fs-1.img"), &error).to_string()
        };
        let short = "checkpoint/fs-1.img, offset 0x3: 3 bytes are too short for a magic of 4 bytes";
        assert_eq!(of(b"abc"), short);
        let unknown = of(b"\x01\x02\x03\x04\0\0\0\0");
        assert!(
            unknown.starts_with("checkpoint/fs-1.img, offset 0x0: magic 0x04030201 is of no known"),
            "{unknown}"
        );
    }
}
