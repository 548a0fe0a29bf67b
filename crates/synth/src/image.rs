//! CRIU images, written record by record.
//!
//! Field numbers and magics are this module's own, from CRIU's sources.

use crate::Message;

/// The head of all images but the inventory and those of services.
pub(crate) const COMMON: u32 = 0x5456_4319;
/// The head of statistics.
pub(crate) const SERVICE: u32 = 0x5510_5940;
/// The one magic of the inventory.
const INVENTORY: u32 = 0x5831_3116;
const PSTREE: u32 = 0x5027_3030;
const CORE: u32 = 0x5505_3847;
const MM: u32 = 0x5749_2820;
const PAGEMAP: u32 = 0x5608_4025;
const STATS: u32 = 0x5709_3306;

/// An image in the making: magics, then records.
#[derive(Debug, Clone)]
pub struct Image {
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Image {
    /// An image that begins with these magics, little-endian.
    pub fn new(magics: &[u32]) -> Self {
        magics.iter().fold(Self { bytes: Vec::new(), big_endian: false }, |image, magic| image.number(*magic))
    }

    /// As [`Image::new`], on a big-endian machine.
    pub fn big_endian(magics: &[u32]) -> Self {
        magics.iter().fold(Self { bytes: Vec::new(), big_endian: true }, |image, magic| image.number(*magic))
    }

    /// An image of this kind as CRIU 1.6 and later write it.
    pub fn of(kind: u32) -> Self {
        Self::new(&[COMMON, kind])
    }

    /// Appends a record.
    #[must_use]
    pub fn record(self, message: &Message) -> Self {
        let length = u32::try_from(message.as_bytes().len()).unwrap_or(u32::MAX);
        self.number(length).raw(message.as_bytes())
    }

    /// Appends any bytes: what follows a record, or damage.
    #[must_use]
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.bytes.extend_from_slice(bytes.as_ref());
        self
    }

    /// The image.
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn number(self, number: u32) -> Self {
        let bytes = if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        self.raw(bytes)
    }
}

/// `inventory.img` of the present image version, with nothing else in it.
pub fn inventory() -> Vec<u8> {
    Image::new(&[INVENTORY]).record(&Message::new().varint(1, 2).varint(2, 1).varint(4, 1)).bytes()
}

/// A process of a synthetic checkpoint: one thread, one area of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub pid: u32,
    /// The id of its parent; 0 for the first.
    pub ppid: u32,
    /// What `/proc/PID/comm` said.
    pub comm: Vec<u8>,
    /// Where its area begins.
    pub start: u64,
    /// What is in it, padded to pages of 4 KiB with zeros.
    pub memory: Vec<u8>,
}

impl Task {
    /// A process with a page of zeros at 0x400000.
    pub fn new(pid: u32, ppid: u32, comm: impl AsRef<[u8]>) -> Self {
        Self { pid, ppid, comm: comm.as_ref().to_vec(), start: 0x40_0000, memory: vec![0; PAGE] }
    }

    /// The pages that hold its memory.
    fn pages(&self) -> Vec<u8> {
        let mut pages = self.memory.clone();
        pages.resize(pages.len().next_multiple_of(PAGE), 0);
        pages
    }
}

const PAGE: usize = 4096;

/// `pstree.img`.
pub fn pstree(tasks: &[Task]) -> Vec<u8> {
    let record = |task: &Task| {
        let pid = u64::from(task.pid);
        Message::new().varint(1, pid).varint(2, task.ppid.into()).varint(3, pid).varint(4, pid).varint(5, pid)
    };
    tasks.iter().fold(Image::of(PSTREE), |image, task| image.record(&record(task))).bytes()
}

/// `core-PID.img` of a living x86-64 process, with no registers in it.
pub fn core(task: &Task) -> Vec<u8> {
    let facts = Message::new()
        .varint(1, 1)
        .varint(2, 0)
        .varint(3, 0)
        .varint(4, 0x40_4000)
        .varint(5, 0)
        .bytes(6, &task.comm);
    let thread = Message::new().varint(1, 0).varint(2, 0);
    Image::of(CORE).record(&Message::new().varint(1, 1).message(3, &facts).message(5, &thread)).bytes()
}

/// `mm-PID.img`: one private anonymous area, readable and writable, and an auxiliary vector that gives the page size.
pub fn mm(task: &Task) -> Vec<u8> {
    let end = task.start.saturating_add(task.pages().len() as u64);
    let area = Message::new()
        .varint(1, task.start)
        .varint(2, end)
        .varint(3, 0)
        .varint(4, 0)
        .varint(5, 3)
        .varint(6, 0x22)
        .varint(7, 0x201)
        .signed(8, -1);
    let message = (1..=11).fold(Message::new(), |message, field| message.varint(field, task.start));
    // AT_PAGESZ is 6, AT_NULL is 0.
    let message = message.varint(12, 0).repeated(13, &[6, PAGE as u64, 0, 0]).message(14, &area);
    Image::of(MM).record(&message).bytes()
}

/// `pagemap-PID.img` that gives all pages of the process's area from `pages-ID.img`, in the fields of CRIU 4.2.
pub fn pagemap(task: &Task, pages_id: u32) -> Vec<u8> {
    let count = task.pages().len().div_euclid(PAGE) as u64;
    let entry = Message::new().varint(1, task.start).varint(2, 0).varint(4, 4).varint(5, count);
    Image::of(PAGEMAP).record(&Message::new().varint(1, pages_id.into())).record(&entry).bytes()
}

/// `stats-dump`: microseconds until all stood still, and while they did; pages written.
pub fn stats(freezing: u32, frozen: u32, pages_written: u64) -> Vec<u8> {
    let dump = Message::new().varint(1, freezing.into()).varint(2, frozen.into()).repeated(3, &[0]);
    let dump = dump.varint(4, 0).varint(5, pages_written).varint(6, 0).varint(7, pages_written).varint(9, 0);
    Image::new(&[SERVICE, STATS]).record(&Message::new().message(1, &dump)).bytes()
}

/// All images of a small checkpoint with their names.
pub fn checkpoint(tasks: &[Task]) -> Vec<(String, Vec<u8>)> {
    let mut images =
        vec![(String::from("inventory.img"), inventory()), (String::from("pstree.img"), pstree(tasks))];
    for (task, pages_id) in tasks.iter().zip(1_u32..) {
        let pid = task.pid;
        images.push((format!("core-{pid}.img"), core(task)));
        images.push((format!("mm-{pid}.img"), mm(task)));
        images.push((format!("pagemap-{pid}.img"), pagemap(task, pages_id)));
        images.push((format!("pages-{pages_id}.img"), task.pages()));
    }
    images
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of real images.
    #[test]
    fn magics_are_those_of_real_images() {
        assert_eq!(inventory()[..4], [0x16, 0x31, 0x31, 0x58]);
        assert_eq!(pstree(&[])[..8], *b"\x19CVT00'P");
        assert_eq!(stats(1, 2, 3)[..8], [0x40, 0x59, 0x10, 0x55, 0x06, 0x33, 0x09, 0x57]);
        assert_eq!(Image::big_endian(&[INVENTORY]).bytes(), [0x58, 0x31, 0x31, 0x16]);
    }

    /// A process as `pstree.img` of the corpus case `minimal` has it.
    #[test]
    fn a_record_has_its_length_in_front() {
        let image = pstree(&[Task::new(1, 0, "init")]);
        assert_eq!(image[8..], *b"\x0a\0\0\0\x08\x01\x10\0\x18\x01\x20\x01\x28\x01");
    }

    #[test]
    fn memory_fills_whole_pages() {
        let task = Task { memory: vec![7; 5000], ..Task::new(9, 1, "x") };
        let images = checkpoint(&[task]);
        let (name, pages) = images.last().unwrap();
        assert_eq!((name.as_str(), pages.len()), ("pages-1.img", 8192));
    }
}
