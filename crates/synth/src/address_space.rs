//! Address spaces made to measure: areas, pages in a chain of checkpoints, shared objects, in every form of a pagemap.

use std::io::Write as _;

use lz4_flex::frame::FrameEncoder;

use crate::image::{self, Image, Task};
use crate::{Message, Tar};

const MM: u32 = 0x5749_2820;
const PAGEMAP: u32 = 0x5608_4025;
const INVENTORY: u32 = 0x5831_3116;

/// `PE_PARENT`, `PE_LAZY`, `PE_PRESENT`, `PE_PAYLOAD_ALIGNED`.
pub const PARENT: u32 = 1;
/// A page that a page server has.
pub const LAZY: u32 = 2;
/// A page of the pages file.
pub const PRESENT: u32 = 4;
/// Its bytes begin at a multiple of the page size.
pub const ALIGNED: u32 = 8;

/// One mapped area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vma {
    /// First address.
    pub start: u64,
    /// First address behind it.
    pub end: u64,
    /// Where it begins in its object.
    pub pgoff: u64,
    /// The number of its object.
    pub shmid: u64,
    /// `PROT_*`.
    pub prot: u32,
    /// `MAP_*`.
    pub flags: u32,
    /// `VMA_*` of CRIU.
    pub status: u32,
    /// Advice, a bit for each.
    pub madv: Option<u64>,
}

impl Vma {
    /// Private anonymous memory that can be read and written.
    pub fn anon(start: u64, end: u64) -> Self {
        Self { start, end, pgoff: 0, shmid: 0, prot: 3, flags: 0x22, status: 0x201, madv: None }
    }

    /// Shared anonymous memory as it was before CRIU 3.14: the object by its number, from an offset on.
    pub fn shared(start: u64, end: u64, number: u32, pgoff: u64) -> Self {
        Self { pgoff, shmid: number.into(), flags: 0x21, status: 0x101, ..Self::anon(start, end) }
    }

    /// A range of guard pages.
    pub fn guard(start: u64, end: u64) -> Self {
        Self { prot: 0, flags: 0, status: 0x1_0000, ..Self::anon(start, end) }
    }

    fn message(&self) -> Message {
        let message = Message::new()
            .varint(1, self.start)
            .varint(2, self.end)
            .varint(3, self.pgoff)
            .varint(4, self.shmid)
            .varint(5, self.prot.into())
            .varint(6, self.flags.into())
            .varint(7, self.status.into())
            .signed(8, -1);
        match self.madv {
            Some(advice) => message.varint(9, advice),
            None => message,
        }
    }
}

/// How pagemaps count pages, and pages files hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As CRIU 4.2: the count in field 5.
    Fields,
    /// As CRIU 3.5 to 4.1: the count in field 2.
    Old,
    /// As before CRIU 3.5: no flags, but `in_parent`.
    Oldest,
    /// As the development branch of 2026: LZ4 blocks of so many pages, each perhaps padded to whole pages.
    Blocks(u32, bool),
    /// As the CRIU of CRaC's Java: each pages file as a whole in an LZ4 frame, under a name of its own.
    Frames,
}

/// A run of pages in a pagemap.
#[derive(Debug, Clone)]
struct Entry {
    vaddr: u64,
    pages: u64,
    flags: u32,
    bytes: Vec<u8>,
}

/// The memory of one process in the making.
///
/// ```
/// use std::sync::Arc;
///
/// use icecore_archive::{Archive, Options};
/// use icecore_synth::address_space::{AddressSpace, Vma};
///
/// let space = AddressSpace::new(7, 4096).area(Vma::anon(0x1000, 0x3000)).stored(0, 0x2000, &[1; 4096]);
/// let archive = Archive::open(Arc::new(space.tar()), &Options::default())?;
/// assert!(archive.members().file(b"checkpoint/pages-1.img").is_some());
/// # Ok::<(), icecore_archive::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct AddressSpace {
    task: Task,
    page_size: u64,
    coding: Coding,
    first_pages: u32,
    areas: Vec<Vma>,
    /// Of each checkpoint of the chain, the newest first.
    links: Vec<Vec<Entry>>,
    /// Of shared objects, by their numbers.
    objects: Vec<(u32, Vec<Entry>)>,
}

impl AddressSpace {
    /// One without areas.
    pub fn new(pid: u32, page_size: u64) -> Self {
        let task = Task::new(pid, 0, "synthetic");
        let (areas, objects) = (Vec::new(), Vec::new());
        let (coding, links) = (Coding::Fields, vec![Vec::new()]);
        Self { task, page_size, coding, first_pages: 1, areas, links, objects }
    }

    /// Sets the number of the first pages file: a page server begins with 65537.
    #[must_use]
    pub fn first_pages(mut self, number: u32) -> Self {
        self.first_pages = number;
        self
    }

    /// Sets the form of pagemaps and pages files.
    #[must_use]
    pub fn coding(mut self, coding: Coding) -> Self {
        self.coding = coding;
        self
    }

    /// Adds an area; they are written in the order in which they are added.
    #[must_use]
    pub fn area(mut self, vma: Vma) -> Self {
        self.areas.push(vma);
        self
    }

    /// Adds whole pages that are stored in a checkpoint of the chain, 0 being the newest.
    #[must_use]
    pub fn stored(self, depth: usize, vaddr: u64, bytes: &[u8]) -> Self {
        let pages = (bytes.len() as u64).div_ceil(self.page_size.max(1));
        self.push(depth, Entry { vaddr, pages, flags: PRESENT, bytes: bytes.to_vec() })
    }

    /// Adds an entry without bytes.
    #[must_use]
    pub fn entry(self, depth: usize, vaddr: u64, pages: u64, flags: u32) -> Self {
        self.push(depth, Entry { vaddr, pages, flags, bytes: Vec::new() })
    }

    /// Adds whole pages of a shared object, from an offset on.
    #[must_use]
    pub fn shared(mut self, number: u32, offset: u64, bytes: &[u8]) -> Self {
        let pages = (bytes.len() as u64).div_ceil(self.page_size.max(1));
        let entry = Entry { vaddr: offset, pages, flags: PRESENT, bytes: bytes.to_vec() };
        match self.objects.iter_mut().find(|(of, _)| *of == number) {
            Some((_, entries)) => entries.push(entry),
            None => self.objects.push((number, vec![entry])),
        }
        self
    }

    fn push(mut self, depth: usize, entry: Entry) -> Self {
        while self.links.len() <= depth {
            self.links.push(Vec::new());
        }
        if let Some(entries) = self.links.get_mut(depth) {
            entries.push(entry);
        }
        self
    }

    /// `mm-PID.img`.
    pub fn mm(&self) -> Vec<u8> {
        let message = (1..=12).fold(Message::new(), |message, field| message.varint(field, 0));
        let message = message.repeated(13, &[6, self.page_size, 0, 0]);
        let message = self.areas.iter().fold(message, |message, vma| message.message(14, &vma.message()));
        Image::of(MM).record(&message).bytes()
    }

    /// The images of each checkpoint of the chain with their names, the newest first.
    pub fn images(&self) -> Vec<Vec<(String, Vec<u8>)>> {
        let pid = self.task.pid;
        let link = |entries: &Vec<Entry>| {
            let (map, pages) = self.pagemap(self.first_pages, entries);
            let named = [(format!("pagemap-{pid}.img"), map), self.pages_file(self.first_pages, pages)];
            [("inventory.img".to_owned(), self.inventory())].into_iter().chain(named).collect()
        };
        let mut links: Vec<Vec<_>> = self.links.iter().map(link).collect();
        if let Some(newest) = links.first_mut() {
            newest.push(("pstree.img".to_owned(), image::pstree(std::slice::from_ref(&self.task))));
            newest.push((format!("core-{pid}.img"), image::core(&self.task)));
            newest.push((format!("mm-{pid}.img"), self.mm()));
            for ((number, entries), pages_id) in self.objects.iter().zip(self.first_pages.saturating_add(1)..)
            {
                let (map, pages) = self.pagemap(pages_id, entries);
                newest.push((format!("pagemap-shmem-{number}.img"), map));
                newest.push(self.pages_file(pages_id, pages));
            }
        }
        links
    }

    /// A pages file with its name.
    fn pages_file(&self, pages_id: u32, pages: Vec<u8>) -> (String, Vec<u8>) {
        if self.coding != Coding::Frames {
            return (format!("pages-{pages_id}.img"), pages);
        }
        let mut encoder = FrameEncoder::new(Vec::new());
        // Nothing fails that writes into memory.
        let written = encoder.write_all(&pages).map(|()| encoder.finish().unwrap_or_default());
        (format!("pages-{pages_id}.comp.img"), written.unwrap_or_default())
    }

    /// A tar of all checkpoints of the chain, each linked to the one before it.
    pub fn tar(&self) -> Vec<u8> {
        let name =
            |depth: usize| if depth == 0 { "checkpoint".to_owned() } else { format!("parent-{depth}") };
        let links = self.images();
        let last = links.len().saturating_sub(1);
        let tar = links.iter().enumerate().fold(Tar::new(), |tar, (depth, images)| {
            let folder = name(depth);
            let tar =
                images.iter().fold(tar, |tar, (image, bytes)| tar.file(format!("{folder}/{image}"), bytes));
            if depth == last {
                return tar;
            }
            tar.symlink(format!("{folder}/parent"), format!("../{}", name(depth.saturating_add(1))))
        });
        tar.finish()
    }

    fn inventory(&self) -> Vec<u8> {
        match self.coding {
            Coding::Blocks(pages, _) => {
                let block = u64::from(pages).saturating_mul(self.page_size);
                let message = Message::new().varint(1, 3).varint(2, 1).varint(4, 1);
                Image::new(&[INVENTORY]).record(&message.varint(15, 1).varint(16, block)).bytes()
            }
            _ => image::inventory(),
        }
    }

    /// A pagemap and the pages file that it names.
    fn pagemap(&self, pages_id: u32, entries: &[Entry]) -> (Vec<u8>, Vec<u8>) {
        let mut image = Image::of(PAGEMAP).record(&Message::new().varint(1, pages_id.into()));
        let mut pages = Vec::new();
        for entry in entries {
            let message = Message::new().varint(1, entry.vaddr);
            let message = match self.coding {
                Coding::Fields | Coding::Frames => {
                    message.varint(2, 0).varint(4, entry.flags.into()).varint(5, entry.pages)
                }
                Coding::Old => message.varint(2, entry.pages).varint(4, entry.flags.into()),
                Coding::Oldest => {
                    message.varint(2, entry.pages).varint(3, u64::from(entry.flags & PARENT != 0))
                }
                Coding::Blocks(..) if entry.bytes.is_empty() => {
                    message.varint(2, 0).varint(4, entry.flags.into()).varint(5, entry.pages)
                }
                Coding::Blocks(of, padded) => {
                    self.align(&mut pages);
                    let (blocks, payload) = self.blocks(&entry.bytes, of, padded);
                    pages.extend_from_slice(&payload);
                    let flags = u64::from(entry.flags | ALIGNED);
                    message.varint(2, 0).varint(4, flags).varint(5, entry.pages).message(6, &blocks)
                }
            };
            if !matches!(self.coding, Coding::Blocks(..)) {
                pages.extend_from_slice(&entry.bytes);
            }
            image = image.record(&message);
        }
        (image.bytes(), pages)
    }

    /// Fills up to a whole page.
    fn align(&self, pages: &mut Vec<u8>) {
        let page = usize::try_from(self.page_size).unwrap_or(1).max(1);
        pages.resize(pages.len().next_multiple_of(page), 0);
    }

    /// Pages as blocks: what says where they are, and the blocks.
    fn blocks(&self, bytes: &[u8], of: u32, padded: bool) -> (Message, Vec<u8>) {
        let block = usize::try_from(u64::from(of).saturating_mul(self.page_size)).unwrap_or(1).max(1);
        let (mut sizes, mut payload) = (Message::new(), Vec::new());
        for piece in bytes.chunks(block) {
            let packed = lz4_flex::block::compress(piece);
            let stored = match () {
                () if piece.iter().all(|byte| *byte == 0) => &[][..],
                () if packed.len() < piece.len().div_euclid(8).saturating_mul(7) => &packed,
                () => piece,
            };
            sizes = sizes.packed(stored.len() as u64);
            payload.extend_from_slice(stored);
            if padded {
                self.align(&mut payload);
            }
        }
        let blocks = Message::new().message(1, &sizes).varint(2, payload.len() as u64).varint(3, of.into());
        (if padded { blocks.varint(4, 1) } else { blocks }, payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(coding: Coding) -> AddressSpace {
        let space = AddressSpace::new(7, 4096).coding(coding).area(Vma::anon(0x1000, 0x5000));
        space.stored(0, 0x1000, &[b'x'; 8192]).entry(0, 0x3000, 1, PARENT).stored(1, 0x3000, &[b'y'; 4096])
    }

    fn file(images: &[(String, Vec<u8>)], name: &str) -> Vec<u8> {
        images.iter().find(|(of, _)| of == name).unwrap().1.clone()
    }

    /// The records as the formats' text has them, byte by byte.
    #[test]
    fn every_coding_has_its_fields() {
        let head = b"\x02\0\0\0\x08\x01".to_vec();
        let map = |coding| file(&space(coding).images()[0], "pagemap-7.img")[8..].to_vec();
        let fields =
            b"\x09\0\0\0\x08\x80\x20\x10\0\x20\x04\x28\x02\x09\0\0\0\x08\x80\x60\x10\0\x20\x01\x28\x01";
        assert_eq!(map(Coding::Fields), [&head[..], fields].concat());
        let old = b"\x07\0\0\0\x08\x80\x20\x10\x02\x20\x04\x07\0\0\0\x08\x80\x60\x10\x01\x20\x01";
        assert_eq!(map(Coding::Old), [&head[..], old].concat());
        let oldest = b"\x07\0\0\0\x08\x80\x20\x10\x02\x18\0\x07\0\0\0\x08\x80\x60\x10\x01\x18\x01";
        assert_eq!(map(Coding::Oldest), [&head[..], oldest].concat());
    }

    #[test]
    fn plain_pages_lie_one_behind_the_other() {
        let links = space(Coding::Fields).images();
        assert_eq!(file(&links[0], "pages-1.img"), [b'x'; 8192]);
        assert_eq!(file(&links[1], "pages-1.img"), [b'y'; 4096]);
    }

    #[test]
    fn blocks_are_packed_and_a_block_of_zeros_takes_nothing() {
        let zeros = AddressSpace::new(1, 4096).coding(Coding::Blocks(1, false)).stored(0, 0, &[0; 8192]);
        assert_eq!(file(&zeros.images()[0], "pages-1.img"), b"");
        let padded = AddressSpace::new(1, 4096).coding(Coding::Blocks(1, true)).stored(0, 0, &[7; 8192]);
        assert_eq!(file(&padded.images()[0], "pages-1.img").len(), 8192);
        let tight = space(Coding::Blocks(2, false)).images();
        let pages = file(&tight[0], "pages-1.img");
        assert_eq!(lz4_flex::block::decompress(&pages, 8192).unwrap(), [b'x'; 8192]);
    }

    #[test]
    fn frames_have_a_name_of_their_own() {
        let images = space(Coding::Frames).first_pages(65537).images();
        let frame = file(&images[0], "pages-65537.comp.img");
        let mut pages = Vec::new();
        std::io::copy(&mut lz4_flex::frame::FrameDecoder::new(frame.as_slice()), &mut pages).unwrap();
        assert_eq!(pages, [b'x'; 8192]);
        assert!(file(&images[0], "pagemap-7.img")[8..].starts_with(b"\x04\0\0\0\x08\x81\x80\x04"));
    }

    #[test]
    fn objects_have_pagemaps_of_their_own() {
        let space = AddressSpace::new(1, 4096).shared(9, 0, &[1; 4096]).shared(9, 8192, &[2; 4096]);
        let images = space.images();
        assert_eq!(file(&images[0], "pages-2.img").len(), 8192);
        assert_eq!(file(&images[0], "pagemap-shmem-9.img")[8..14], *b"\x02\0\0\0\x08\x02");
    }
}
