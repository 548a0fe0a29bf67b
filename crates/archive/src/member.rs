//! One member of an archive.

use std::borrow::Cow;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use crate::container::directory::FileOnDisk;
use crate::input::Body;
use crate::source::{SharedSource, read_full_at};
use crate::{Error, MemberName};

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; [`Member::link`] is its target.
    Symlink,
    /// One more name of an earlier member; [`Member::link`] is that member's name.
    Hardlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// Something with a type flag of its own; 0 for what a directory on disk holds beside all these.
    Other(u8),
}

impl MemberKind {
    /// The name in listings and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "dir",
            Self::Symlink => "symlink",
            Self::Hardlink => "hardlink",
            Self::CharacterDevice => "char",
            Self::BlockDevice => "block",
            Self::Fifo => "fifo",
            Self::Other(_) => "other",
        }
    }
}

/// A time as archives have it: seconds since 1970, which may lie outside of any calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Timestamp {
    /// Whole seconds, rounded down.
    pub seconds: i64,
    /// Nanoseconds above them, below 10^9.
    pub nanoseconds: u32,
}

/// One member: what its header says, and the way to its bytes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Member {
    /// The name it is found by.
    pub name: MemberName,
    /// The name as it stands in the archive.
    pub raw_name: BString,
    /// What it is.
    pub kind: MemberKind,
    /// Bytes of its content, holes of a sparse member included; as the header claims it.
    pub size: u64,
    /// How many of these bytes the archive really has; fewer than `size` where it is cut off.
    pub available: u64,
    /// Where its content begins, in bytes: in the (decoded) archive; 0 in a directory.
    pub offset: u64,
    /// Permission bits, `07777`.
    pub mode: u32,
    /// The type bits that some writers leave in the mode, `0170000`; usually 0.
    pub mode_type: u32,
    /// Owner, as a number on the machine or in the user namespace that wrote the archive.
    pub uid: u64,
    /// Group, likewise.
    pub gid: u64,
    /// When the content was last changed; whole seconds where only the tar header tells it.
    pub mtime: Timestamp,
    /// Target of a link, as it stands in the archive.
    pub link: Option<BString>,
    /// Major and minor number of a device.
    pub device: Option<(u64, u64)>,
    /// What only some members have.
    pub(crate) extra: Option<Box<Extra>>,
    pub(crate) content: Content,
}

/// Facts that most members lack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extra {
    pub(crate) owner: BString,
    pub(crate) group: BString,
    pub(crate) pax: Vec<(BString, BString)>,
    pub(crate) times: OtherTimes,
    pub(crate) sparse: bool,
}

/// The times beside that of the last change of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct OtherTimes {
    pub(crate) accessed: Option<Timestamp>,
    pub(crate) changed: Option<Timestamp>,
    pub(crate) born: Option<Timestamp>,
}

/// Where the bytes of a member are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// It is not of a kind that has any.
    None,
    /// In a source.
    Source(SharedSource),
    /// In a file of the directory that was opened.
    OnDisk(Arc<FileOnDisk>),
    /// They ran past in a compressed stream; these were the first of them.
    NotKept(Arc<[u8]>),
    /// They cannot be put together; why.
    Damaged(Box<str>),
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        match body {
            Body::Kept(source) | Body::Cut(source) => Self::Source(source),
            Body::Head(head) => Self::NotKept(head),
        }
    }
}

impl Member {
    /// Whether this is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == MemberKind::File
    }

    /// Whether the archive ends, or the limit was reached, inside of this member.
    pub fn is_cut(&self) -> bool {
        self.available < self.size
    }

    /// Whether it is stored with holes.
    pub fn is_sparse(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.sparse)
    }

    /// When the content was last read: PAX `atime`, or that field of GNU's header.
    ///
    /// Engines store none of the times but [`mtime`](Self::mtime); who packs an archive anew with `tar --format=posix` adds
    /// this one and [`ctime`](Self::ctime), which then tell of the copy.
    pub fn atime(&self) -> Option<Timestamp> {
        self.other_times().accessed
    }

    /// When the inode was last changed, be it only its owner or mode: PAX `ctime`, or that field of GNU's header.
    pub fn ctime(&self) -> Option<Timestamp> {
        self.other_times().changed
    }

    /// When the file was made: PAX `LIBARCHIVE.creationtime`, which `bsdtar` writes.
    pub fn btime(&self) -> Option<Timestamp> {
        self.other_times().born
    }

    fn other_times(&self) -> OtherTimes {
        self.extra.as_ref().map(|extra| extra.times).unwrap_or_default()
    }

    /// Name of the owner and of the group where the writer stored them; names of the host that wrote the archive.
    pub fn owner_names(&self) -> (&BStr, &BStr) {
        let names = self.extra.as_ref().map(|extra| (extra.owner.as_bstr(), extra.group.as_bstr()));
        names.unwrap_or_default()
    }

    /// Records of the extended header (PAX) that applied to this member, in their order, as they stand there:
    /// `SCHILY.xattr.NAME` are extended attributes. Values are bytes.
    pub fn pax_records(&self) -> &[(BString, BString)] {
        self.extra.as_ref().map_or(&[], |extra| &extra.pax)
    }

    /// Extended attributes: names and values.
    pub fn xattrs(&self) -> impl Iterator<Item = (&BStr, &BStr)> {
        const PREFIX: &[u8] = b"SCHILY.xattr.";
        self.pax_records()
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(PREFIX)?.as_bstr(), value.as_bstr())))
    }

    /// The first bytes, at most 1024, which are there even if the member was not kept; empty for what is no file.
    pub fn head(&self) -> Vec<u8> {
        if let Content::NotKept(head) = &self.content {
            return head.to_vec();
        }
        let mut head = vec![0; crate::input::HEAD];
        let count = self.source().and_then(|source| {
            read_full_at(source.as_ref(), 0, &mut head).map_err(Error::io(self.name.to_string()))
        });
        head.truncate(count.unwrap_or(0));
        head
    }

    /// The content as a source.
    ///
    /// # Errors
    /// If the member is no regular file, was not kept, is damaged, or the file on disk cannot be opened.
    pub fn source(&self) -> Result<SharedSource, Error> {
        match &self.content {
            Content::Source(source) => Ok(source.clone()),
            Content::OnDisk(file) => file.open(),
            Content::NotKept(_) => Err(Error::NotKept(self.name.clone())),
            Content::None => {
                Err(Error::NotAFile { name: self.name.clone(), what: format!("a {}", self.kind.name()) })
            }
            Content::Damaged(why) => {
                Err(Error::Malformed { place: self.name.to_string(), offset: 0, what: why.to_string() })
            }
        }
    }

    /// The whole content, borrowed where it lies in memory. `limit` names the [`Limits`](crate::Limits) field and
    /// its value that bounds it.
    ///
    /// # Errors
    /// As [`Member::source`], and if the content is larger than the limit.
    pub fn bytes(&self, limit: (&'static str, u64)) -> Result<Cow<'_, [u8]>, Error> {
        if let Content::Source(source) = &self.content
            && let Some(bytes) = source.as_slice()
            && bytes.len() as u64 <= limit.1
        {
            return Ok(Cow::Borrowed(bytes));
        }
        let source = self.source()?;
        let length = usize::try_from(source.len()).ok().filter(|&length| length as u64 <= limit.1);
        let Some(length) = length else {
            return Err(Error::Limit {
                place: self.name.to_string(),
                what: format!("{} bytes of content", source.len()),
                limit: limit.0,
                value: limit.1,
                option: "",
            });
        };
        let mut bytes = vec![0; length];
        let count = read_full_at(source.as_ref(), 0, &mut bytes).map_err(Error::io(self.name.to_string()))?;
        bytes.truncate(count);
        Ok(Cow::Owned(bytes))
    }
}

#[cfg(test)]
mod tests;
