//! Extraction into one tar, for a pipe.

use std::io::{self, Read, Write};

use bstr::ByteSlice;
use icecore::archive::SharedSource;
use tar::{Builder, EntryType, Header};

use super::copy::{Failure, copy};
use super::{Facts, Sink};
use crate::hashes::{Sha256, stored};

/// A tar of what is extracted, with the same names and by the same rules as a directory.
pub struct TarSink<W: Write> {
    builder: Builder<W>,
}

impl<W: Write> std::fmt::Debug for TarSink<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TarSink")
    }
}

/// Holes that are written out as zeros: a tar to a pipe has no others.
const HOLES: u64 = 1 << 30;

impl<W: Write> TarSink<W> {
    /// Begins a tar.
    pub fn new(out: W) -> Self {
        Self { builder: Builder::new(out) }
    }

    /// Adds a file of our own, such as the manifest.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = header(EntryType::Regular, 0o644, None, bytes.len() as u64);
        self.builder.append_data(&mut header, name, bytes)
    }

    /// Writes the end of the tar.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(self) -> io::Result<W> {
        self.builder.into_inner()
    }
}

fn header(kind: EntryType, mode: u32, mtime: Option<u64>, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(mtime.unwrap_or(0));
    header.set_size(size);
    header
}

impl<W: Write> Sink for TarSink<W> {
    fn directory(&mut self, place: &str, facts: Facts) -> io::Result<()> {
        let mut header = header(EntryType::Directory, facts.mode, facts.mtime(), 0);
        self.builder.append_data(&mut header, format!("{place}/"), io::empty())
    }

    fn file(&mut self, place: &str, facts: Facts, content: &SharedSource) -> Result<Option<Sha256>, Failure> {
        let holes = content.len().saturating_sub(stored(content.as_ref()));
        if holes > HOLES {
            let text = format!("{holes} bytes of holes do not go into a tar; extract into a directory");
            return Err(Failure::Read(io::Error::other(text)));
        }
        // A member that cannot be read to its end would break the tar: it is read once before.
        if content.as_slice().is_none() {
            copy(content, false, |_, _| Ok(()))?;
        }
        let mut header = header(EntryType::Regular, facts.mode, facts.mtime(), content.len());
        let reader = icecore::archive::Reader::new(content.clone());
        let mut reader = Hashing { reader, hasher: facts.with_sum.then(Default::default) };
        self.builder.append_data(&mut header, place, &mut reader).map_err(Failure::Write)?;
        Ok(reader.hasher.map(|hasher: sha2::Sha256| Sha256(sha2::Digest::finalize(hasher).into())))
    }

    fn hard_link(&mut self, place: &str, first: &str) -> io::Result<()> {
        let mut header = header(EntryType::Link, 0o644, None, 0);
        self.builder.append_link(&mut header, place, first)
    }

    fn symlink(&mut self, place: &str, target: &[u8]) -> io::Result<()> {
        let Ok(target) = target.to_path() else {
            return Err(io::Error::other("the target cannot be written on this system"));
        };
        let mut header = header(EntryType::Symlink, 0o777, None, 0);
        self.builder.append_link(&mut header, place, target)
    }
}

/// A reader that hashes what is read.
struct Hashing<R> {
    reader: R,
    hasher: Option<sha2::Sha256>,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if let Some(hasher) = &mut self.hasher {
            sha2::Digest::update(hasher, buffer.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}
