//! Tars, written header by header.

mod header;
mod sparse;

pub use header::{Checksum, Field, Header};
pub use sparse::{Chunk, Dialect};

/// Bytes of a block, the unit of a tar.
const BLOCK: usize = 512;

/// A tar in the making. Each method appends; nothing is checked, so that anything can be written.
///
/// ```
/// use icecore_synth::{Checksum, Header, Tar};
///
/// let sound = Tar::new().directory("checkpoint/").file("checkpoint/a", "content").finish();
/// assert_eq!(sound.len(), 512 * 5);
///
/// let odd = Tar::new()
///     .pax(&[("size", b"3")])
///     .member(Header::file("config.dump").size(0).checksum(Checksum::Signed), "{}\n")
///     .bytes();
/// assert_eq!(odd.len(), 512 * 4);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

impl Tar {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A regular file in ustar form.
    #[must_use]
    pub fn file(self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.member(Header::file(name), content)
    }

    /// A directory.
    #[must_use]
    pub fn directory(self, name: impl AsRef<[u8]>) -> Self {
        self.member(Header::new(b'5', name).mode(0o755), "")
    }

    /// A symbolic link.
    #[must_use]
    pub fn symlink(self, name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.member(Header::new(b'2', name).link(target), "")
    }

    /// A hard link to a member.
    #[must_use]
    pub fn hardlink(self, name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.member(Header::new(b'1', name).link(target), "")
    }

    /// A header and its body, padded to blocks. The size is that of the body unless the header has one.
    #[must_use]
    pub fn member(mut self, header: Header, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        self.bytes.extend_from_slice(&header.block(body.len() as u64));
        self.padded(body)
    }

    /// An extended header for the next member.
    #[must_use]
    pub fn pax(self, records: &[(&str, &[u8])]) -> Self {
        self.member(Header::new(b'x', "PaxHeaders/x"), pax_records(records))
    }

    /// A global extended header, for all members behind it.
    #[must_use]
    pub fn pax_global(self, records: &[(&str, &[u8])]) -> Self {
        self.member(Header::new(b'g', "PaxHeaders/g"), pax_records(records))
    }

    /// A GNU long name for the next member.
    #[must_use]
    pub fn long_name(self, name: impl AsRef<[u8]>) -> Self {
        self.long(b'L', name.as_ref())
    }

    /// A GNU long link target for the next member.
    #[must_use]
    pub fn long_link(self, target: impl AsRef<[u8]>) -> Self {
        self.long(b'K', target.as_ref())
    }

    fn long(self, flag: u8, text: &[u8]) -> Self {
        self.member(Header::new(flag, "././@LongLink"), [text, b"\0"].concat())
    }

    /// A sparse file: `chunks` of a content of `real_size` bytes, zeros between them.
    #[must_use]
    pub fn sparse(self, dialect: Dialect, name: &str, real_size: u64, chunks: &[Chunk<'_>]) -> Self {
        dialect.write(self, name, real_size, chunks)
    }

    /// Any bytes, as they are.
    #[must_use]
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.bytes.extend_from_slice(bytes.as_ref());
        self
    }

    /// Any bytes, padded with zeros to whole blocks.
    #[must_use]
    pub fn padded(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        let whole = self.bytes.len().next_multiple_of(BLOCK);
        self.bytes.resize(whole, 0);
        self
    }

    /// Where the next header will stand, in bytes.
    pub fn position(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The archive with the two blocks of zeros that end it.
    pub fn finish(self) -> Vec<u8> {
        self.raw([0; BLOCK * 2]).bytes
    }

    /// The archive as it is, without an end.
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Records of an extended header: each its length, key and value, where the length counts its own digits.
pub fn pax_records(records: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (key, value) in records {
        // Space, equals sign, newline.
        let rest = key.len().saturating_add(value.len()).saturating_add(3);
        let fits = |length: &usize| length.to_string().len() == length.saturating_sub(rest);
        let length = (1..=20).map(|digits| rest.saturating_add(digits)).find(fits).unwrap_or(rest);
        bytes.extend_from_slice(format!("{length} {key}=").as_bytes());
        bytes.extend_from_slice(value);
        bytes.push(b'\n');
    }
    bytes
}

#[cfg(test)]
mod tests;
