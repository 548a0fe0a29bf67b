//! Extraction into one tar, for a pipe.

use std::io::{self, Read, Write};

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

impl<W: Write> TarSink<W> {
    /// Adds a link with its target byte for byte; one that is too long for the header stands in front, as GNU tar has it.
    ///
    /// An error here ends the tar: what stands in front would be taken for the target of the next member.
    fn link(&mut self, mut header: Header, place: &str, target: &[u8]) -> io::Result<()> {
        if target.len() > header.as_old().linkname.len() {
            let text = [target, b"\0"].concat();
            let mut long = self::header(EntryType::GNULongLink, 0o644, None, text.len() as u64);
            self.builder.append_data(&mut long, "././@LongLink", text.as_slice())?;
        } else {
            header.set_link_name_literal(target)?;
        }
        self.builder.append_data(&mut header, place, io::empty())
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
            return Err(Failure::Skip(io::Error::other(text)));
        }
        // A member that cannot be read to its end would break the tar: it is read once before.
        if content.as_slice().is_none() {
            copy(content, false, |_, _| Ok(()))?;
        }
        let mut header = header(EntryType::Regular, facts.mode, facts.mtime(), content.len());
        let reader = icecore::archive::Reader::new(content.clone());
        let mut reader = Hashing { reader, hasher: facts.with_sum.then(Default::default) };
        self.builder.append_data(&mut header, place, &mut reader).map_err(Failure::End)?;
        Ok(reader.hasher.map(|hasher: sha2::Sha256| Sha256(sha2::Digest::finalize(hasher).into())))
    }

    fn hard_link(&mut self, place: &str, first: &str) -> Result<(), Failure> {
        self.link(header(EntryType::Link, 0o644, None, 0), place, first.as_bytes()).map_err(Failure::End)
    }

    fn symlink(&mut self, place: &str, target: &[u8]) -> Result<(), Failure> {
        if target.contains(&0) {
            let text = "a target with a byte 0 in it can be written nowhere";
            return Err(Failure::Skip(io::Error::new(io::ErrorKind::InvalidInput, text)));
        }
        self.link(header(EntryType::Symlink, 0o777, None, 0), place, target).map_err(Failure::End)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, targets and contents of a tar.
    fn listed(bytes: &[u8]) -> Vec<(String, Vec<u8>, String)> {
        let mut archive = tar::Archive::new(bytes);
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            (name, entry.link_name_bytes().unwrap_or_default().into_owned(), content)
        });
        entries.collect()
    }

    #[test]
    fn a_link_that_cannot_be_written_leaves_nothing_to_the_next_member() {
        let long = "n".repeat(150);
        for target in ["a\0b".to_owned(), format!("{long}\0")] {
            let mut sink = TarSink::new(Vec::new());
            assert!(matches!(sink.symlink(&long, target.as_bytes()), Err(Failure::Skip(_))));
            sink.add("manifest.json", b"{}").unwrap();
            let expected = ("manifest.json".to_owned(), Vec::new(), "{}".to_owned());
            assert_eq!(listed(&sink.finish().unwrap()), [expected]);
        }
    }

    #[test]
    fn targets_are_written_byte_for_byte() {
        let long = format!("{}//./x", "../".repeat(100));
        for target in [&b"a//b/./c"[..], b"/../\xff", &[b'x'; 100], &[b'y'; 101], long.as_bytes()] {
            let mut sink = TarSink::new(Vec::new());
            sink.symlink("diff/link", target).unwrap();
            sink.add("next", b"x").unwrap();
            let [link, next] = &listed(&sink.finish().unwrap())[..] else { panic!("two members") };
            assert_eq!((link.0.as_str(), link.1.as_slice()), ("diff/link", target));
            assert_eq!((next.0.as_str(), next.1.len()), ("next", 0));
        }
    }
}
