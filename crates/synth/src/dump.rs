//! A small checkpoint in a few lines: images by name, records by the names of their fields.

mod process;

use std::collections::BTreeMap;

use crate::image::{self, Image};
use crate::schema::{self, Field};
use crate::{Record, Tar};

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
    common_magic: bool,
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
        Self { images: BTreeMap::new(), big_endian: false, common_magic: true }
    }

    /// As [`Dump::new`], of a machine with its bytes in the other order.
    pub fn big_endian() -> Self {
        let inventory = Record::new("inventory_entry").set("img_version", 2u32).set("fdinfo_per_id", true);
        let empty = Self { big_endian: true, ..Self::empty() };
        empty.record("inventory.img", &inventory.set("ns_per_id", true))
    }

    /// As [`Dump::new`], of a CRIU before 1.6, whose images have but the magic of their kind.
    pub fn old() -> Self {
        let inventory = Record::new("inventory_entry").set("img_version", 1u32);
        Self { common_magic: false, ..Self::empty() }.record("inventory.img", &inventory)
    }

    /// With an image of this name that has no records yet, if it is not there.
    ///
    /// # Panics
    /// As [`Dump::record`].
    #[must_use]
    pub fn begun(self, name: &str) -> Self {
        let head = self.head(name);
        self.append(name, || head, &[])
    }

    /// As [`Dump::record`], of a message with its required fields, as `change` makes it.
    ///
    /// # Panics
    /// Also if the schema has no such message.
    #[must_use]
    pub fn with_record(self, name: &str, message: &str, change: impl FnOnce(Record) -> Record) -> Self {
        self.record(name, &change(Record::required(message)))
    }

    /// Appends a record to the image of this name, which begins with the magic that its name calls for.
    ///
    /// # Panics
    /// If no kind of image has that name.
    #[must_use]
    pub fn record(self, name: &str, record: &Record) -> Self {
        let bytes = self.start(&[]).record(&record.encode()).bytes();
        let head = self.head(name);
        self.append(name, || head, &bytes)
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

    /// As [`Dump::file`], with this id and the required fields of its record, as `change` makes it.
    ///
    /// # Panics
    /// As [`Dump::file`].
    #[must_use]
    pub fn with_file(self, id: u32, kind: &str, change: impl FnOnce(Record) -> Record) -> Self {
        let field = FILES.into_iter().find(|(known, _)| *known == kind).map(|(_, field)| field);
        let fields = schema::messages().get("file_entry").map(Vec::as_slice).unwrap_or_default();
        let message = fields.iter().find(|known| Some(known.name) == field).and_then(Field::message_kind);
        assert!(message.is_some(), "no type of file is {kind}");
        self.file(kind, change(Record::required(message.unwrap_or_default()).set("id", id)))
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

    /// An image that begins with these magics, in the order of the machine.
    fn start(&self, magics: &[u32]) -> Image {
        if self.big_endian { Image::big_endian(magics) } else { Image::new(magics) }
    }

    /// What an image of this name begins with.
    fn head(&self, name: &str) -> Vec<u8> {
        let magics = magics(name);
        assert!(magics.is_some(), "{name} is not the name of an image with records");
        let all = magics.unwrap_or_default();
        let written: Vec<u32> =
            all.into_iter().filter(|magic| self.common_magic || *magic != image::COMMON).collect();
        self.start(&written).bytes()
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
    fn old_images_have_one_magic() {
        let dump = Dump::old().with_record("fs-1.img", "fs_entry", |fs| fs.set("root_id", 5u32));
        assert_eq!(dump.get("fs-1.img"), Some(&b"\x12\x39\x40\x51\x04\0\0\0\x08\0\x10\x05"[..]));
        assert_eq!(dump.get("inventory.img"), Some(&b"\x16\x31\x31\x58\x02\0\0\0\x08\x01"[..]));
    }

    #[test]
    fn an_image_without_records_is_its_magic() {
        let dump = Dump::empty().begun("pstree.img").begun("pstree.img");
        assert_eq!(dump.get("pstree.img"), Some(&b"\x19CVT00'P"[..]));
    }

    #[test]
    fn a_file_is_made_of_what_it_must_have() {
        let dump = Dump::empty().with_file(9, "PIPE", |pipe| pipe.set("pipe_id", 7u32));
        let record = Record::required("pipe_entry").set("id", 9u32).set("pipe_id", 7u32);
        assert_eq!(dump.get("files.img"), Dump::empty().file("PIPE", record).get("files.img"));
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
