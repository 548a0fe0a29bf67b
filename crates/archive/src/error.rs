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
