//! One member of an archive.

use std::borrow::Cow;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use crate::container::directory::FileOnDisk;
use crate::source::{Range, SharedSource, read_full_at};
use crate::tar::Records;
use crate::{Error, MemberName};
use spelling::Spelling;

mod spelling;

/// Where the type bits of a mode begin.
const TYPE_SHIFT: u32 = 12;

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
///
/// An archive may have a million of them, so that what most members lack, or have in common, is behind one pointer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Member {
    /// The name it is found by.
    pub name: MemberName,
    /// What it is.
    pub kind: MemberKind,
    /// Permission bits, `07777`.
    pub mode: u32,
    /// Bytes of its content, holes of a sparse member included; as the header claims it.
    pub size: u64,
    /// Where its content begins, in bytes: in the (decoded) archive; 0 in a directory.
    pub offset: u64,
    /// Owner, as a number on the machine or in the user namespace that wrote the archive.
    pub uid: u64,
    /// Group, likewise.
    pub gid: u64,
    /// When the content was last changed; whole seconds where only the tar header tells it.
    pub mtime: Timestamp,
    pub(crate) spelling: Spelling,
    /// The bits of `0170000`, shifted down to a number below 16.
    pub(crate) type_bits: u8,
    /// Neighbours that belong to the same people share them.
    pub(crate) owners: Option<Arc<Owners>>,
    pub(crate) rare: Option<Box<Rare>>,
    /// `None`: it is not of a kind that has any.
    pub(crate) content: Option<Arc<Content>>,
}

/// Names of an owner and of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Owners {
    pub(crate) user: BString,
    pub(crate) group: BString,
}

/// Facts that most members lack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rare {
    /// The name as it stands in the archive, where no [`Spelling`] tells it.
    raw_name: Option<Box<[u8]>>,
    /// Bytes of its content that the archive lacks.
    missing: u64,
    pub(crate) link: Option<BString>,
    pub(crate) device: Option<(u64, u64)>,
    pub(crate) times: Option<Box<OtherTimes>>,
    /// Records of the global headers in front of it, which all members behind them share.
    pub(crate) global: Option<Arc<Records>>,
    /// Records of its own.
    pub(crate) pax: Records,
    pub(crate) sparse: bool,
}

/// The times beside that of the last change of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct OtherTimes {
    pub(crate) accessed: Option<Timestamp>,
    pub(crate) changed: Option<Timestamp>,
    pub(crate) born: Option<Timestamp>,
}

/// Where the bytes of members are. Those that lie in one source share it.
#[derive(Debug)]
pub(crate) enum Content {
    /// In the archive itself, at the member's offset.
    InPlace(SharedSource),
    /// They are all that a source has.
    Source(SharedSource),
    /// In a file of the directory that was opened.
    OnDisk(FileOnDisk),
    /// They ran past in a compressed stream; these were the first of them.
    NotKept(Box<[u8]>),
    /// They cannot be put together; why.
    Damaged(Box<str>),
}

impl Content {
    /// What is there of a member's bytes, which begin at `offset` if they lie in the archive itself.
    pub(crate) fn stored(&self, offset: u64, length: u64) -> Option<SharedSource> {
        match self {
            Self::InPlace(archive) => Some(Arc::new(Range::new(archive.clone(), offset, length))),
            Self::Source(source) => Some(source.clone()),
            _ => None,
        }
    }
}

impl Member {
    /// A member of which nothing is known but its name, as it stands in the archive, and what it is.
    pub(crate) fn new(kind: MemberKind, raw_name: &[u8]) -> Self {
        let mut member = Self {
            name: MemberName::new(raw_name),
            kind,
            mode: 0,
            size: 0,
            offset: 0,
            uid: 0,
            gid: 0,
            mtime: Timestamp::default(),
            spelling: Spelling::default(),
            type_bits: 0,
            owners: None,
            rare: None,
            content: None,
        };
        match Spelling::of(raw_name, &member.name) {
            Some(spelling) => member.spelling = spelling,
            None => member.rare_mut().raw_name = Some(raw_name.into()),
        }
        member
    }

    /// A file made of bytes that lie in no archive: the one of a lone image, or what a descriptor embeds.
    pub(crate) fn lone(source: SharedSource, raw_name: &[u8]) -> Self {
        let size = source.len();
        let content = Some(Arc::new(Content::Source(source)));
        Self { size, content, ..Self::new(MemberKind::File, raw_name) }
    }

    /// The same under the name of another.
    pub(crate) fn named_as(mut self, other: &Self) -> Self {
        (self.name, self.spelling) = (other.name.clone(), other.spelling);
        let raw_name = other.rare.as_ref().and_then(|rare| rare.raw_name.clone());
        if raw_name.is_some() || self.rare.is_some() {
            self.rare_mut().raw_name = raw_name;
        }
        self
    }

    /// Sets the mode, with the type bits that may be in it.
    pub(crate) fn set_mode(&mut self, mode: u32) {
        self.mode = mode & 0o7777;
        self.type_bits = u8::try_from((mode & 0o170_000) >> TYPE_SHIFT).unwrap_or_default();
    }

    /// Says how many of its bytes the archive has.
    pub(crate) fn set_available(&mut self, available: u64) {
        let missing = self.size.saturating_sub(available);
        if missing > 0 || self.rare.is_some() {
            self.rare_mut().missing = missing;
        }
    }

    /// The facts that most members lack, to be set.
    pub(crate) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The name as it stands in the archive.
    pub fn raw_name(&self) -> Cow<'_, BStr> {
        match self.rare.as_ref().and_then(|rare| rare.raw_name.as_ref()) {
            Some(raw_name) => Cow::Borrowed(raw_name.as_bstr()),
            None => self.spelling.apply(&self.name),
        }
    }

    /// How many bytes of its content the archive really has; fewer than `size` where it is cut off.
    pub fn available(&self) -> u64 {
        self.size.saturating_sub(self.rare.as_ref().map_or(0, |rare| rare.missing))
    }

    /// The type bits that some writers leave in the mode, `0170000`; usually 0.
    pub fn mode_type(&self) -> u32 {
        u32::from(self.type_bits) << TYPE_SHIFT
    }

    /// Target of a link, as it stands in the archive.
    pub fn link(&self) -> Option<&BStr> {
        self.rare.as_ref()?.link.as_ref().map(|link| link.as_bstr())
    }

    /// Major and minor number of a device.
    pub fn device(&self) -> Option<(u64, u64)> {
        self.rare.as_ref()?.device
    }

    /// Whether this is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == MemberKind::File
    }

    /// Whether the archive ends, or the limit was reached, inside of this member.
    pub fn is_cut(&self) -> bool {
        self.available() < self.size
    }

    /// Whether it is stored with holes.
    pub fn is_sparse(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.sparse)
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
        self.rare.as_ref().and_then(|rare| rare.times.as_deref()).copied().unwrap_or_default()
    }

    /// Name of the owner and of the group where the writer stored them; names of the host that wrote the archive.
    pub fn owner_names(&self) -> (&BStr, &BStr) {
        let names = self.owners.as_ref().map(|owners| (owners.user.as_bstr(), owners.group.as_bstr()));
        names.unwrap_or_default()
    }

    /// Records of the extended headers (PAX) that applied to this member, in their order, as they stand there:
    /// `SCHILY.xattr.NAME` are extended attributes. Values are bytes.
    pub fn pax_records(&self) -> impl Iterator<Item = (&BStr, &BStr)> {
        let headers = self.rare.iter().flat_map(|rare| rare.global.as_deref().into_iter().chain([&rare.pax]));
        headers.flat_map(Records::iter)
    }

    /// Extended attributes: names and values.
    pub fn xattrs(&self) -> impl Iterator<Item = (&BStr, &BStr)> {
        const PREFIX: &[u8] = b"SCHILY.xattr.";
        self.pax_records().filter_map(|(key, value)| Some((key.strip_prefix(PREFIX)?.as_bstr(), value)))
    }

    /// The first bytes, at most 1024, which are there even if the member was not kept; empty for what is no file.
    pub fn head(&self) -> Vec<u8> {
        if let Some(Content::NotKept(head)) = self.content.as_deref() {
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
        let name = &self.name;
        let no_file = || Error::NotAFile { name: name.clone(), what: format!("a {}", self.kind.name()) };
        match self.content.as_deref().ok_or_else(no_file)? {
            content @ (Content::InPlace(_) | Content::Source(_)) => {
                content.stored(self.offset, self.available()).ok_or_else(no_file)
            }
            Content::OnDisk(file) => file.open(),
            Content::NotKept(_) => Err(Error::NotKept(name.clone())),
            Content::Damaged(why) => {
                Err(Error::Malformed { place: name.to_string(), offset: 0, what: why.to_string() })
            }
        }
    }

    /// The content where it lies in memory already.
    fn as_slice(&self) -> Option<&[u8]> {
        match self.content.as_deref()? {
            Content::InPlace(archive) => {
                let start = usize::try_from(self.offset).ok()?;
                let end = start.checked_add(usize::try_from(self.available()).ok()?)?;
                archive.as_slice()?.get(start..end)
            }
            Content::Source(source) => source.as_slice(),
            _ => None,
        }
    }

    /// The whole content, borrowed where it lies in memory. `limit` names the [`Limits`](crate::Limits) field and
    /// its value that bounds it.
    ///
    /// # Errors
    /// As [`Member::source`], and if the content is larger than the limit.
    pub fn bytes(&self, limit: (&'static str, u64)) -> Result<Cow<'_, [u8]>, Error> {
        if let Some(bytes) = self.as_slice().filter(|bytes| bytes.len() as u64 <= limit.1) {
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
