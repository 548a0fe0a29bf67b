//! Extraction into one tar, for a pipe.

use std::io::{self, Read, Write};

use icecore::archive::{SharedSource, Timestamp};
use icecore::namespaces::Owner;
use tar::{Builder, EntryType, Header};

use super::copy::copy;
use super::sink::{Facts, Failure, Sink, Special, Written};
use crate::hashes::{HoleAllowance, Sha256, stored};

/// A tar of what is extracted, with the same names and by the same rules as a directory.
pub struct TarSink<W: Write> {
    builder: Builder<W>,
    zeros: HoleAllowance,
    watch: Box<dyn FnMut(u64)>,
}

impl<W: Write> std::fmt::Debug for TarSink<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TarSink")
    }
}

/// Holes of one file that are written out as zeros: a tar to a pipe has no others. For all files there is a [`HoleAllowance`].
const HOLES: u64 = 1 << 30;

/// The largest number that fits the seven octal digits which a header has for it.
const LARGEST_DEVICE: u32 = 0o777_7777;

impl<W: Write> TarSink<W> {
    /// Begins a tar.
    pub fn new(out: W) -> Self {
        Self { builder: Builder::new(out), zeros: HoleAllowance::default(), watch: Box::new(drop) }
    }

    /// Tells `watch` of each piece of a file how many bytes it has, to compare with [`Plan::total`](super::Plan::total).
    #[must_use]
    pub fn watch(self, watch: impl FnMut(u64) + 'static) -> Self {
        Self { watch: Box::new(watch), ..self }
    }

    /// Adds a file of our own, such as the manifest.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = plain(EntryType::Regular, 0o644, bytes.len() as u64);
        self.builder.append_data(&mut header, name, bytes)
    }

    /// Writes the end of the tar.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(self) -> io::Result<W> {
        self.builder.into_inner()
    }

    /// Adds an extended header for the times of the next member, if its own has no room for them. What comes behind it must
    /// be that member.
    fn times(&mut self, facts: Facts) -> io::Result<()> {
        let is_short = |time: &Timestamp| time.seconds < 0 || time.nanoseconds != 0;
        let times = [("mtime", facts.modified.filter(is_short)), ("atime", facts.accessed)];
        let records = times.map(|(key, time)| (key, time.map(decimal)));
        let records = records.iter().filter_map(|(key, text)| Some((*key, text.as_ref()?.as_bytes())));
        self.builder.append_pax_extensions(records)
    }

    /// Adds what has no content.
    fn bare(&mut self, facts: Facts, mut header: Header, place: &str) -> Result<Written, Failure> {
        self.times(facts).map_err(Failure::End)?;
        self.builder.append_data(&mut header, place, io::empty()).map_err(Failure::End)?;
        Ok(Written::default())
    }

    /// Adds a link with its target byte for byte; one that is too long for the header stands in front, as GNU tar has it.
    ///
    /// An error here ends the tar: what stands in front would be taken for the target of the next member.
    fn link(&mut self, mut header: Header, place: &str, target: &[u8]) -> io::Result<()> {
        if target.len() > header.as_old().linkname.len() {
            let text = [target, b"\0"].concat();
            let mut long = plain(EntryType::GNULongLink, 0o644, text.len() as u64);
            self.builder.append_data(&mut long, "././@LongLink", text.as_slice())?;
        } else {
            header.set_link_name_literal(target)?;
        }
        self.builder.append_data(&mut header, place, io::empty())
    }
}

/// Seconds with a fraction, as extended headers have them: a quarter in front of -1 is `-1.25`.
fn decimal(time: Timestamp) -> String {
    let (sign, seconds, nanoseconds) = match (time.seconds < 0, time.nanoseconds) {
        (false, nanoseconds) => ("", time.seconds.unsigned_abs(), nanoseconds),
        (true, 0) => ("-", time.seconds.unsigned_abs(), 0),
        (true, nanoseconds) => (
            "-",
            time.seconds.saturating_add(1).unsigned_abs(),
            1_000_000_000_u32.saturating_sub(nanoseconds),
        ),
    };
    match nanoseconds {
        0 => format!("{sign}{seconds}"),
        _ => format!("{sign}{seconds}.{nanoseconds:09}"),
    }
}

/// A header of the owner 0.
fn plain(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header
}

fn header(kind: EntryType, facts: Facts, size: u64) -> Header {
    let mut header = plain(kind, facts.mode, size);
    header.set_mtime(facts.mtime().unwrap_or(0));
    if let Some(Owner { uid, gid }) = facts.owner {
        header.set_uid(uid);
        header.set_gid(gid);
    }
    header
}

impl<W: Write> Sink for TarSink<W> {
    fn directory(&mut self, place: &str, facts: Facts) -> Result<Written, Failure> {
        self.bare(facts, header(EntryType::Directory, facts, 0), &format!("{place}/"))
    }

    fn file(&mut self, place: &str, facts: Facts, content: &SharedSource) -> Result<Written, Failure> {
        let holes = content.len().saturating_sub(stored(content.as_ref()));
        if holes > HOLES || !self.zeros.take(content.as_ref()) {
            let text = format!("{holes} bytes of holes do not go into a tar; extract into a directory");
            return Err(Failure::skip(text));
        }
        // A member that cannot be read to its end would break the tar: it is read once before.
        if content.as_slice().is_none() {
            copy(content, false, |_, _| Ok(()))?;
        }
        let mut header = header(EntryType::Regular, facts, content.len());
        let reader = icecore::archive::Reader::new(content.clone());
        let hasher = facts.with_sum.then(Default::default);
        self.times(facts).map_err(Failure::End)?;
        let mut reader = Hashing { reader, hasher, watch: &mut *self.watch };
        self.builder.append_data(&mut header, place, &mut reader).map_err(Failure::End)?;
        let sha256 = reader.hasher.map(|hasher: sha2::Sha256| Sha256(sha2::Digest::finalize(hasher).into()));
        Ok(Written { sha256, lacks: None })
    }

    fn special(&mut self, place: &str, facts: Facts, special: Special) -> Result<Written, Failure> {
        let (kind, (major, minor)) = match special {
            Special::Fifo => (EntryType::Fifo, (0, 0)),
            Special::CharDevice(major, minor) => (EntryType::Char, (major, minor)),
            Special::BlockDevice(major, minor) => (EntryType::Block, (major, minor)),
        };
        if major.max(minor) > LARGEST_DEVICE {
            return Err(Failure::skip(format!("a header of a tar has no room for device {major}:{minor}")));
        }
        let mut header = header(kind, facts, 0);
        let set = header.set_device_major(major).and_then(|()| header.set_device_minor(minor));
        set.map_err(Failure::Skip)?;
        self.bare(facts, header, place)
    }

    fn hard_link(&mut self, place: &str, first: &str) -> Result<(), Failure> {
        self.link(plain(EntryType::Link, 0o644, 0), place, first.as_bytes()).map_err(Failure::End)
    }

    fn symlink(&mut self, place: &str, facts: Facts, target: &[u8]) -> Result<Written, Failure> {
        if target.contains(&0) {
            return Err(Failure::skip("a target with a byte 0 in it can be written nowhere"));
        }
        let header = header(EntryType::Symlink, Facts { mode: 0o777, ..facts }, 0);
        self.times(facts).and_then(|()| self.link(header, place, target)).map_err(Failure::End)?;
        Ok(Written::default())
    }
}

/// A reader that hashes what is read, and tells how much that is.
struct Hashing<'w, R> {
    reader: R,
    hasher: Option<sha2::Sha256>,
    watch: &'w mut dyn FnMut(u64),
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        (self.watch)(count as u64);
        if let Some(hasher) = &mut self.hasher {
            sha2::Digest::update(hasher, buffer.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts { mode: 0o644, modified: None, accessed: None, owner: None, with_sum: false };

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

    /// pax(1): a decimal fraction of seconds, negative in front of 1970.
    #[test]
    fn times_are_decimal() {
        let text = |seconds, nanoseconds| decimal(Timestamp { seconds, nanoseconds });
        assert_eq!((text(0, 0), text(7, 500_000_000)), ("0".into(), "7.500000000".into()));
        assert_eq!((text(-2, 750_000_000), text(-1, 1)), ("-1.250000000".into(), "-0.999999999".into()));
        assert_eq!((text(-5, 0), text(i64::MIN, 0)), ("-5".into(), "-9223372036854775808".into()));
    }

    #[test]
    fn a_link_that_cannot_be_written_leaves_nothing_to_the_next_member() {
        let long = "n".repeat(150);
        for target in ["a\0b".to_owned(), format!("{long}\0")] {
            let mut sink = TarSink::new(Vec::new());
            assert!(matches!(sink.symlink(&long, FACTS, target.as_bytes()), Err(Failure::Skip(_))));
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
            sink.symlink("diff/link", FACTS, target).unwrap();
            sink.add("next", b"x").unwrap();
            let [link, next] = &listed(&sink.finish().unwrap())[..] else { panic!("two members") };
            assert_eq!((link.0.as_str(), link.1.as_slice()), ("diff/link", target));
            assert_eq!((next.0.as_str(), next.1.len()), ("next", 0));
        }
    }
}
