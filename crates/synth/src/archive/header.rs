//! One header block of a tar, with power over each of its bytes.

use super::BLOCK;

/// A field of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The name, 100 bytes.
    Name,
    /// Permission bits.
    Mode,
    /// Owner.
    Uid,
    /// Group.
    Gid,
    /// Bytes of the body.
    Size,
    /// Seconds since 1970.
    Mtime,
    /// The sum of all bytes with this field as spaces.
    Checksum,
    /// Target of a link.
    Link,
    /// Magic and version: `ustar\0` `00`, or `ustar  \0` for GNU.
    Magic,
    /// Owner's name.
    Owner,
    /// Group's name.
    Group,
    /// Major device number.
    Major,
    /// Minor device number.
    Minor,
    /// What stands in front of the name and a slash, in ustar.
    Prefix,
}

impl Field {
    /// Offset and length in the block, in bytes; from POSIX.1-1988.
    fn place(self) -> (usize, usize) {
        match self {
            Self::Name => (0, 100),
            Self::Mode => (100, 8),
            Self::Uid => (108, 8),
            Self::Gid => (116, 8),
            Self::Size => (124, 12),
            Self::Mtime => (136, 12),
            Self::Checksum => (148, 8),
            Self::Link => (157, 100),
            Self::Magic => (257, 8),
            Self::Owner => (265, 32),
            Self::Group => (297, 32),
            Self::Major => (329, 8),
            Self::Minor => (337, 8),
            Self::Prefix => (345, 155),
        }
    }
}

/// How the checksum is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checksum {
    /// The sum of unsigned bytes, as it should be.
    #[default]
    Unsigned,
    /// The sum of signed bytes, as some old programs made it.
    Signed,
    /// One too much.
    Wrong,
    /// Whatever was put there.
    Untouched,
}

/// A header block in the making; ustar, mode 0644, owner 0, time 0 unless told otherwise.
#[derive(Debug, Clone)]
pub struct Header {
    block: [u8; BLOCK],
    checksum: Checksum,
    sized: bool,
}

impl Header {
    /// A header with this type flag and name; of the name what fits.
    pub fn new(flag: u8, name: impl AsRef<[u8]>) -> Self {
        let header = Self { block: [0; BLOCK], checksum: Checksum::default(), sized: false };
        let header = header.at(156, &[flag]).field(Field::Name, name).field(Field::Magic, b"ustar\x0000");
        let numbers = [(Field::Mode, 0o644), (Field::Uid, 0), (Field::Gid, 0), (Field::Mtime, 0)];
        numbers.into_iter().fold(header, |header, (field, value)| header.number(field, value))
    }

    /// The header of a regular file.
    pub fn file(name: impl AsRef<[u8]>) -> Self {
        Self::new(b'0', name)
    }

    /// Permission bits.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        self.number(Field::Mode, u64::from(mode))
    }

    /// The size, whatever the body has.
    #[must_use]
    pub fn size(self, size: u64) -> Self {
        self.number(Field::Size, size)
    }

    /// When the content was last changed, in seconds since 1970.
    #[must_use]
    pub fn mtime(self, seconds: u64) -> Self {
        self.number(Field::Mtime, seconds)
    }

    /// Owner and group.
    #[must_use]
    pub fn owner(self, uid: u64, gid: u64) -> Self {
        self.number(Field::Uid, uid).number(Field::Gid, gid)
    }

    /// The target of a link; of it what fits.
    #[must_use]
    pub fn link(self, target: impl AsRef<[u8]>) -> Self {
        self.field(Field::Link, target)
    }

    /// The magic of GNU tar.
    #[must_use]
    pub fn gnu(self) -> Self {
        self.field(Field::Magic, b"ustar  \0")
    }

    /// No magic and nothing behind the link, as before ustar.
    #[must_use]
    pub fn v7(self) -> Self {
        self.at(257, &[0; BLOCK - 257])
    }

    /// A number: octal with a NUL behind it where that fits, base-256 where not.
    #[must_use]
    pub fn number(self, field: Field, value: u64) -> Self {
        let digits = field.place().1.saturating_sub(1);
        let octal = format!("{value:0digits$o}");
        if octal.len() > digits { self.base256(field, value.into()) } else { self.field(field, octal) }
    }

    /// A number in the binary form of GNU tar: big-endian two's complement, the first bit set as a mark.
    #[must_use]
    pub fn base256(self, field: Field, value: i128) -> Self {
        let length = field.place().1;
        let fill = if value < 0 { 0xff } else { 0 };
        let mut bytes = vec![fill; length.saturating_sub(16)];
        let value = value.to_be_bytes();
        bytes.extend_from_slice(value.get(16_usize.saturating_sub(length)..).unwrap_or(&value));
        if let Some(first) = bytes.first_mut() {
            *first |= 0x80;
        }
        self.field(field, bytes)
    }

    /// Any bytes in a field, NULs behind them; of them what fits.
    #[must_use]
    pub fn field(mut self, field: Field, bytes: impl AsRef<[u8]>) -> Self {
        let (offset, length) = field.place();
        self.sized |= field == Field::Size;
        let bytes = bytes.as_ref();
        let mut whole = bytes.get(..length).unwrap_or(bytes).to_vec();
        whole.resize(length, 0);
        self.at(offset, &whole)
    }

    /// Any bytes anywhere in the block; of them what fits.
    #[must_use]
    pub fn at(mut self, offset: usize, bytes: &[u8]) -> Self {
        let places = self.block.get_mut(offset..).unwrap_or_default();
        places.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        self
    }

    /// How the checksum is made.
    #[must_use]
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = checksum;
        self
    }

    /// The block, with `size` where no size was set.
    pub fn block(self, size: u64) -> [u8; BLOCK] {
        let header = if self.sized { self } else { self.size(size) };
        let sum = match header.checksum {
            Checksum::Untouched => return header.block,
            Checksum::Unsigned => header.sum(i64::from),
            Checksum::Signed => header.sum(|byte| i64::from(byte.cast_signed())),
            Checksum::Wrong => header.sum(i64::from).saturating_add(1),
        };
        header.field(Field::Checksum, format!("{sum:06o}\0 ")).block
    }

    /// The sum of the bytes with the checksum as spaces.
    fn sum(&self, value: impl Fn(u8) -> i64) -> i64 {
        let blank = self.clone().field(Field::Checksum, b"        ");
        blank.block.iter().fold(0, |sum, byte| sum.saturating_add(value(*byte)))
    }
}
