//! The records of one pagemap image, as they stand: which pages there are, and where in the pages file.

use icecore_images::messages::{InventoryEntry, PagemapEntry, PagemapHead};
use icecore_images::{Image, wire};

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
    /// Whether a record could not be read, so that nobody can say where the pages of those behind it are.
    displaced: bool,
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
    /// In the pages file, behind pages of which nobody can say how many there are.
    Displaced,
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
        let compression = Compression::of(images, diagnostics);
        for record in image.records::<PagemapEntry>() {
            match record {
                Ok(record) => {
                    let (index, offset) = (record.entry.index, record.entry.offset);
                    let at = At { index, offset };
                    contradictory.look(&record.message, at, compression);
                    let unreleased = compression.is_on && has_unreleased_blocks(record.entry.bytes);
                    contradictory.unreleased = contradictory.unreleased.or(unreleased.then_some(at));
                    pagemap.displaced |= unreleased;
                    pagemap.add(record.message, index, offset);
                }
                // The first fault of an image tells enough, and a million of them too much.
                Err(error) => {
                    pagemap.displaced = true;
                    damaged = damaged.or(Some(error));
                }
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
        if flags & PRESENT != 0 && !self.displaced {
            self.present = self.present.saturating_add(pages);
            let aligned = flags & ALIGNED != 0;
            if aligned || entry.blocks.is_some() {
                let blocks = entry.blocks;
                self.forms.push(Form { record, record_offset, first, pages, aligned, blocks });
            }
        }
        let place = if flags & PARENT != 0 {
            EntryPlace::Parent
        } else if flags & PRESENT != 0 && self.displaced {
            EntryPlace::Displaced
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

/// What the inventory of the directory says of compressed pages.
#[derive(Debug, Clone, Copy, Default)]
struct Compression {
    is_on: bool,
    /// The version of the image format, which is 3 where it is on.
    version: u32,
}

/// The first version of the image format that has compressed pages.
const COMPRESSED: u32 = 3;

impl Compression {
    /// Whether entries may have blocks.
    fn is_declared(self) -> bool {
        self.is_on && self.version >= COMPRESSED
    }

    fn of(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let inventory: Option<InventoryEntry> = images.first("inventory.img", diagnostics);
        let told =
            |it: InventoryEntry| Self { is_on: it.compress.unwrap_or(0) != 0, version: it.img_version };
        inventory.map(told).unwrap_or_default()
    }
}

/// Whether a record has numbers where its blocks should be: the form of spring 2026, which no release ever wrote.
fn has_unreleased_blocks(record: &[u8]) -> bool {
    let mut fields = wire::fields(record).map_while(Result::ok);
    fields.any(|field| field.number == BLOCKS && matches!(field.value, wire::Value::Varint(_)))
}

/// `pagemap_entry.blocks`.
const BLOCKS: u32 = 6;

/// A record: its number and where it begins in its image, in bytes.
#[derive(Debug, Clone, Copy)]
struct At {
    index: usize,
    offset: u64,
}

/// What entries say that no CRIU writes, with the first that does.
#[derive(Debug, Default)]
struct Contradictions {
    flags: u64,
    first_flags: Option<(At, u32)>,
    /// Blocks or alignment of pages that are not there.
    absent_blocks: Option<At>,
    unreleased: Option<At>,
    /// Blocks or alignment though the inventory says that there are none, or is of a version that has none.
    undeclared: Option<(At, Compression)>,
}

impl Contradictions {
    fn look(&mut self, entry: &PagemapEntry, at: At, compression: Compression) {
        let flags = entry.flags.unwrap_or(if entry.in_parent == Some(true) { PARENT } else { PRESENT });
        if entry.blocks.is_some() || flags & ALIGNED != 0 {
            if flags & PRESENT == 0 {
                self.absent_blocks = self.absent_blocks.or(Some(at));
            } else if !compression.is_declared() {
                self.undeclared = self.undeclared.or(Some((at, compression)));
            }
        }
        let sound = matches!(flags & (PARENT | LAZY | PRESENT), PARENT | LAZY | PRESENT | 6)
            && flags & !(PARENT | LAZY | PRESENT | ALIGNED) == 0;
        if !sound {
            self.flags = self.flags.saturating_add(1);
            self.first_flags = self.first_flags.or(Some((at, flags)));
        }
    }

    fn tell(&self) -> impl Iterator<Item = Diagnostic> {
        let flags = self.first_flags.map(|(at, flags)| {
            let text = format!(
                "{} entries have flags that no CRIU writes, entry {} first: {flags:#x}; expected 1 (parent), 2 (lazy), 4 \
                 or 6 (stored); parent counts above stored",
                self.flags, at.index
            );
            (at, text)
        });
        let told = |at: Option<At>, says: &str| at.map(|at| (at, format!("entry {} {says}", at.index)));
        let absent = told(
            self.absent_blocks,
            "says how its pages are compressed or aligned, and that they are not stored",
        );
        let unreleased = told(
            self.unreleased,
            "has sizes of compressed pages as a development version of spring 2026 wrote them, which was never released; \
             its pages, and those of all entries behind it, cannot be found",
        );
        let undeclared = self.undeclared.and_then(|(at, compression)| {
            let Compression { is_on, version } = compression;
            let why = if is_on { "has no such pages" } else { "says that there are none" };
            told(
                Some(at),
                &format!(
                    "has compressed or aligned pages, though inventory.img, of version {version}, {why}; \
                the entry counts"
                ),
            )
        });
        let all = [flags, absent, unreleased, undeclared].into_iter().flatten();
        all.map(|(at, text)| Diagnostic { offset: Some(at.offset), ..Diagnostic::new(PAGEMAP_ODD, text) })
    }
}

#[cfg(test)]
mod tests;
