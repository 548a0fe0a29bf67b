//! Why an archive cannot be opened, or a member not be read.

use std::io;

use crate::MemberName;

/// What ends an operation. What does not is a [`Finding`](crate::Finding).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The medium failed.
    #[error("{what}: {source}")]
    Io {
        /// What was read: a path, or a member and an offset.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// The bytes are none of the containers this crate knows.
    #[error("not a checkpoint: {found}; expected {expected}")]
    UnknownContainer {
        /// What the first bytes or names look like.
        found: String,
        /// What would have been opened.
        expected: &'static str,
    },
    /// The bytes are not what their format says, and nothing of them can be used.
    #[error("{place}, offset {offset:#x}: {what}")]
    Malformed {
        /// The archive's part: a member, or `archive`.
        place: String,
        /// Where in it, in bytes.
        offset: u64,
        /// What was found and what was expected.
        what: String,
    },
    /// A limit was reached; raise it for an archive you trust.
    #[error("{place}: {what} (limit `{limit}`: {value}{option})")]
    Limit {
        /// The archive's part: a member, or `archive`.
        place: String,
        /// What there is too much of, with its number.
        what: String,
        /// The name of the setter in [`Limits`](crate::Limits).
        limit: &'static str,
        /// Its value.
        value: u64,
        /// The option of the command line that raises it, as `; NAME raises it`, or nothing.
        option: &'static str,
    },
    /// There is no such member.
    #[error("no member `{0}`")]
    NoMember(MemberName),
    /// The member is there, but has no bytes to read: a directory, a device, a link that leads nowhere.
    #[error("member `{name}` is {what}, not a file")]
    NotAFile {
        /// Which one.
        name: MemberName,
        /// What it is instead.
        what: String,
    },
    /// The member's bytes were passed over when the compressed archive was decoded.
    #[error("member `{0}` was not kept when the archive was decoded; open it with `Keep::Everything`")]
    NotKept(MemberName),
}

impl Error {
    /// An I/O error with what was being read.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line each, with what is needed to go on: the place, what is there, what would help.
    #[test]
    fn errors_are_one_line_with_place_and_advice() {
        let name = MemberName::new(b"checkpoint/pages-1.img");
        let errors = [
            (Error::io("a.tar")(io::Error::other("no medium")), "a.tar: no medium"),
            (
                Error::UnknownContainer { found: "7 bytes".into(), expected: "a tar" },
                "not a checkpoint: 7 bytes; expected a tar",
            ),
            (
                Error::Malformed { place: "archive".into(), offset: 4096, what: "no header".into() },
                "archive, offset 0x1000: no header",
            ),
            (
                Error::Limit {
                    place: "archive".into(),
                    what: "9 members".into(),
                    limit: "members",
                    value: 8,
                    option: "; --max-members raises it",
                },
                "archive: 9 members (limit `members`: 8; --max-members raises it)",
            ),
            (Error::NoMember(name.clone()), "no member `checkpoint/pages-1.img`"),
            (
                Error::NotAFile { name: name.clone(), what: "a dir".into() },
                "member `checkpoint/pages-1.img` is a dir, not a file",
            ),
            (
                Error::NotKept(name),
                "member `checkpoint/pages-1.img` was not kept when the archive was decoded; \
                 open it with `Keep::Everything`",
            ),
        ];
        for (error, expected) in errors {
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn names_in_errors_are_escaped() {
        let error = Error::NoMember(MemberName::new(b"a\n\x1b[31m\xff"));
        assert_eq!(error.to_string(), r"no member `a\n\x1B[31m\xFF`");
    }

    #[test]
    fn the_system_is_the_source_of_its_errors() {
        let error = Error::io("x")(io::ErrorKind::PermissionDenied.into());
        let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<io::Error>());
        assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::PermissionDenied));
    }
}
