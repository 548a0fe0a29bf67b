//! A small checkpoint in a few lines: images by name, records by the names of their fields.

mod process;

use std::collections::BTreeMap;

use crate::image::{self, Image};
use crate::{Record, Tar, schema};

pub use process::Process;

/// The images of a dump in the making.
///
/// ```
/// use icecore_synth::{Dump, Process, Record};
///
/// let dump = Dump::new()
///     .process(Process::new(1, 0).set("tc.comm", "init").fd(3, "REG", 7))
///     .file("REG", Record::required("reg_file_entry").set("id", 7u32).set("name", "/var/log/a"));
/// let names: Vec<&str> = dump.names().collect();
/// assert_eq!(names[..4], ["core-1.img", "fdinfo-1.img", "files.img", "fs-1.img"]);
/// ```
#[derive(Debug, Clone)]
pub struct Dump {
    images: BTreeMap<String, Vec<u8>>,
    big_endian: bool,
}

/// The field of `file_entry` with the record of each type of file.
const FILES: [(&str, &str); 20] = [
    ("REG", "reg"),
    ("PIPE", "pipe"),
    ("FIFO", "fifo"),
    ("INETSK", "isk"),
    ("UNIXSK", "usk"),
    ("EVENTFD", "efd"),
    ("EVENTPOLL", "epfd"),
    ("INOTIFY", "ify"),
    ("SIGNALFD", "sgfd"),
    ("PACKETSK", "psk"),
    ("TTY", "tty"),
    ("FANOTIFY", "ffy"),
    ("NETLINKSK", "nlsk"),
    ("NS", "nsf"),
    ("TUNF", "tunf"),
    ("EXT", "ext"),
    ("TIMERFD", "tfd"),
    ("MEMFD", "memfd"),
    ("BPFMAP", "bpf"),
    ("PIDFD", "pidfd"),
];

impl Default for Dump {
    fn default() -> Self {
        Self::new()
    }
}

impl Dump {
    /// One with an inventory of the present version and nothing else.
    pub fn new() -> Self {
        Self::empty().image("inventory.img", image::inventory())
    }

    /// One without any image.
    pub fn empty() -> Self {
        Self { images: BTreeMap::new(), big_endian: false }
    }

    /// As [`Dump::new`], of a machine with its bytes in the other order.
    pub fn big_endian() -> Self {
        let inventory = Record::new("inventory_entry").set("img_version", 2u32).set("fdinfo_per_id", true);
        let empty = Self { images: BTreeMap::new(), big_endian: true };
        empty.record("inventory.img", &inventory.set("ns_per_id", true))
    }

    /// Appends a record to the image of this name, which begins with the magic that its name calls for.
    ///
    /// # Panics
    /// If no kind of image has that name.
    #[must_use]
    pub fn record(self, name: &str, record: &Record) -> Self {
        let magics = magics(name);
        assert!(magics.is_some(), "{name} is not the name of an image with records");
        let big_endian = self.big_endian;
        let start = if big_endian { Image::big_endian } else { Image::new };
        let bytes = start(&[]).record(&record.encode()).bytes();
        let head = move || start(&magics.unwrap_or_default()).bytes();
        self.append(name, head, &bytes)
    }

    /// Appends bytes to what has this name: what stands behind a record, a document, pages.
    #[must_use]
    pub fn raw(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.append(name, Vec::new, bytes.as_ref())
    }

    /// With these bytes under a name, whatever was there.
    #[must_use]
    pub fn image(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.images.insert(name.to_owned(), bytes.into());
        self
    }

    /// Without what has this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.images.remove(name);
        self
    }

    /// A process: its record on the list, and its images.
    #[must_use]
    pub fn process(self, process: Process) -> Self {
        process.add_to(self)
    }

    /// An open file of a type of `fd_types`, with the id that its record has.
    ///
    /// # Panics
    /// If files of that type have no record.
    #[must_use]
    pub fn file(self, kind: &str, record: Record) -> Self {
        let field = FILES.into_iter().find(|(known, _)| *known == kind);
        assert!(field.is_some(), "no type of file is {kind}");
        let entry = Record::new("file_entry").set("type", kind).set("id", record.number("id"));
        self.record("files.img", &entry.with(field.unwrap_or_default().1, record))
    }

    /// A descriptor of the table with this id.
    #[must_use]
    pub fn fd(self, table: u32, fd: u32, kind: &str, file: u32) -> Self {
        let record = Record::required("fdinfo_entry").set("id", file).set("type", kind).set("fd", fd);
        self.record(&format!("fdinfo-{table}.img"), &record)
    }

    /// The names of all that was made, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.images.keys().map(String::as_str)
    }

    /// What has this name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.images.get(name).map(Vec::as_slice)
    }

    /// A tar with all of it at its top.
    pub fn tar(&self) -> Vec<u8> {
        self.images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes)).finish()
    }

    fn append(mut self, name: &str, head: impl FnOnce() -> Vec<u8>, bytes: &[u8]) -> Self {
        self.images.entry(name.to_owned()).or_insert_with(head).extend_from_slice(bytes);
        self
    }
}

/// What an image of this name begins with, as its row in the table of kinds says.
fn magics(name: &str) -> Option<Vec<u32>> {
    let row = schema::images().find(|row| row.get("file").is_some_and(|pattern| fits(pattern, name)))?;
    let number = row.get("magic").and_then(|magic| magic.strip_prefix("0x"));
    let own = u32::from_str_radix(number?, 16).ok()?;
    match *row.get("framing")? {
        "common" => Some(vec![image::COMMON, own]),
        "service" => Some(vec![image::SERVICE, own]),
        "one" => Some(vec![own]),
        _ => None,
    }
}

/// Whether a name is of a pattern with at most one number, written as C's printf has it.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('%') else { return pattern == name };
    let suffix = rest.trim_start_matches('l').get(1..).unwrap_or_default();
    let number = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_begin_as_their_names_say() {
        let head = |name| magics(name).unwrap();
        assert_eq!(head("pstree.img"), [0x5456_4319, 0x5027_3030]);
        assert_eq!(head("tcp-stream-1f.img"), [0x5456_4319, 0x5146_5506]);
        assert_eq!(head("pagemap-shmem-4.img"), head("pagemap-4.img"));
        assert_eq!(head("inventory.img"), [0x5831_3116]);
        assert_eq!(head("stats-dump"), [0x5510_5940, 0x5709_3306]);
        assert_eq!(head("itimers-7.img").len(), 1, "an image without the common magic");
        for none in ["pages-1.img", "ifaddr-9.img", "config.dump", "core-.img", "core-x.img"] {
            assert_eq!(magics(none), None, "{none}");
        }
    }

    #[test]
    fn records_follow_each_other() {
        let fs = Record::required("fs_entry");
        let dump = Dump::empty().record("fs-1.img", &fs).record("fs-1.img", &fs).raw("fs-1.img", "end");
        let image =
            [&b"\x19CVT\x12\x39\x40\x51"[..], b"\x04\0\0\0\x08\0\x10\0\x04\0\0\0\x08\0\x10\0end"].concat();
        assert_eq!(dump.get("fs-1.img"), Some(&image[..]));
        assert_eq!(dump.without("fs-1.img").names().count(), 0);
        let big = Dump::big_endian().record("fs-1.img", &fs);
        let image = b"\x54\x56\x43\x19\x51\x40\x39\x12\0\0\0\x04\x08\0\x10\0";
        assert_eq!(big.get("fs-1.img"), Some(&image[..]));
        assert_eq!(big.get("inventory.img").unwrap()[..4], [0x58, 0x31, 0x31, 0x16]);
    }

    #[test]
    fn a_file_stands_in_the_field_of_its_type() {
        for (kind, field) in FILES {
            let number = schema::enums()["fd_types"].iter().find(|(name, _)| *name == kind).unwrap().1;
            let message = schema::messages()["file_entry"].iter().find(|known| known.name == field).unwrap();
            let record = Record::required(message.message_kind().unwrap());
            let dump = Dump::empty().file(kind, record);
            let image = dump.get("files.img").unwrap();
            assert_eq!(image[12..16], [8, u8::try_from(number).unwrap(), 16, 0], "{kind}");
        }
    }

    #[test]
    fn a_descriptor_names_its_file() {
        let dump = Dump::empty().fd(3, 0, "PIPE", 9);
        assert_eq!(dump.get("fdinfo-3.img").unwrap()[12..], [8, 9, 16, 0, 24, 2, 32, 0]);
        let tar = dump.tar();
        assert!(tar.starts_with(b"fdinfo-3.img\0"));
        assert_eq!(tar.len(), 512 * 4);
    }
}
