//! The records of one pagemap image, as they stand: which pages there are, and where in the pages file.

use icecore_images::Image;
use icecore_images::messages::{PagemapEntry, PagemapHead};

use super::packed::layout::Form;
use crate::Diagnostic;
use crate::diagnostic::PAGEMAP_ODD;
use crate::images::Images;

/// `PE_PARENT`: the parent checkpoint has the pages.
const PARENT: u32 = 1;
/// `PE_LAZY`: the pages may be restored lazily; where they are is said by the other bits.
const LAZY: u32 = 2;
/// `PE_PRESENT`: the pages file has the pages.
const PRESENT: u32 = 4;
/// `PE_PAYLOAD_ALIGNED`: the pages begin at a multiple of the page size; development branch of 2026.
const ALIGNED: u32 = 8;

/// What a pagemap says.
#[derive(Debug, Default)]
pub(super) struct Pagemap {
    /// The name of its image.
    pub(super) name: String,
    /// The number of the pages file. `None`: the head is missing or damaged.
    pub(super) pages_id: Option<u32>,
    /// Its entries, in the order of the file.
    pub(super) entries: Vec<Entry>,
    /// Pages in the pages file; at most 2^64 - 1.
    pub(super) present: u64,
    /// How the pages of some entries are stored, where not just one behind the other.
    pub(super) forms: Vec<Form>,
}

/// A run of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// First address, or first offset in a shared object.
    pub(super) vaddr: u64,
    pub(super) pages: u64,
    pub(super) place: EntryPlace,
}

/// What an entry says of the place of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryPlace {
    /// In the pages file, behind this many pages.
    Present(u64),
    Parent,
    Lazy,
    None,
}

impl Pagemap {
    /// Reads an image. `None`: there is none. What is odd is told.
    pub(super) fn read(images: &Images, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let bytes = images.bytes(name, diagnostics)?;
        let mut pagemap = Self { name: name.to_owned(), ..Self::default() };
        let image = match Image::parse(name, &bytes) {
            Ok(image) => image,
            Err(error) => {
                diagnostics.push(images.damaged(name, &error));
                return Some(pagemap);
            }
        };
        let head = image.records::<PagemapHead>().next();
        pagemap.pages_id = head.and_then(Result::ok).map(|head| head.message.pages_id);
        let mut damaged = None;
        let mut contradictory = Contradictions::default();
        for record in image.records::<PagemapEntry>() {
            match record {
                Ok(record) => {
                    contradictory.look(&record.message, record.entry.index);
                    let (index, offset) = (record.entry.index, record.entry.offset);
                    pagemap.add(record.message, index, offset);
                }
                // The first fault of an image tells enough, and a million of them too much.
                Err(error) => damaged = damaged.or(Some(error)),
            }
        }
        diagnostics.extend(damaged.map(|error| images.damaged(name, &error)));
        diagnostics.extend(contradictory.tell().map(|told| told.of(images.full_name(name))));
        Some(pagemap)
    }

    fn add(&mut self, entry: PagemapEntry, record: usize, record_offset: u64) {
        let pages = entry.nr_pages.unwrap_or(entry.compat_nr_pages.into());
        let flags = entry.flags.unwrap_or(if entry.in_parent == Some(true) { PARENT } else { PRESENT });
        let first = self.present;
        // CRIU counts pages as stored by this bit alone, whatever else an entry says.
        if flags & PRESENT != 0 {
            self.present = self.present.saturating_add(pages);
            let aligned = flags & ALIGNED != 0;
            if aligned || entry.blocks.is_some() {
                let blocks = entry.blocks;
                self.forms.push(Form { record, record_offset, first, pages, aligned, blocks });
            }
        }
        let place = if flags & PARENT != 0 {
            EntryPlace::Parent
        } else if flags & PRESENT != 0 {
            EntryPlace::Present(first)
        } else if flags & LAZY != 0 {
            EntryPlace::Lazy
        } else {
            EntryPlace::None
        };
        if pages > 0 {
            self.entries.push(Entry { vaddr: entry.vaddr, pages, place });
        }
    }

    /// Whether any page is said to be in the parent.
    pub(super) fn needs_parent(&self) -> bool {
        self.entries.iter().any(|entry| entry.place == EntryPlace::Parent)
    }
}

/// Entries whose flags say two things, or none.
#[derive(Debug, Default)]
struct Contradictions {
    count: u64,
    first: Option<(usize, u32)>,
}

impl Contradictions {
    fn look(&mut self, entry: &PagemapEntry, index: usize) {
        let Some(flags) = entry.flags else { return };
        let sound = matches!(flags & (PARENT | LAZY | PRESENT), PARENT | LAZY | PRESENT | 6)
            && flags & !(PARENT | LAZY | PRESENT | ALIGNED) == 0;
        if !sound {
            self.count = self.count.saturating_add(1);
            self.first = self.first.or(Some((index, flags)));
        }
    }

    fn tell(&self) -> Option<Diagnostic> {
        let (index, flags) = self.first?;
        let text = format!(
            "{} entries have flags that no CRIU writes, entry {index} first: {flags:#x}; expected 1 (parent), 2 (lazy), \
             4 or 6 (stored); parent counts above stored",
            self.count
        );
        Some(Diagnostic::new(PAGEMAP_ODD, text))
    }
}
