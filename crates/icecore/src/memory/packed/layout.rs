//! Where the pages of a pagemap's entries lie in their file, when some are in blocks or aligned.
//!
//! Written by the development branch of CRIU of 2026. A block is all zeros (0 bytes), stored as it is, or LZ4.

use icecore_images::messages::PagemapBlocks;

use super::LARGEST_BLOCK;

/// How the pages of one entry are stored, where not as they are.
#[derive(Debug)]
pub(in crate::memory) struct Form {
    /// The number of the record in its image, from 0.
    pub(in crate::memory) record: usize,
    /// Where the record begins in its image, in bytes.
    pub(in crate::memory) record_offset: u64,
    /// Its first page, counted among the present pages.
    pub(in crate::memory) first: u64,
    pub(in crate::memory) pages: u64,
    /// Whether its bytes begin at a multiple of the page size.
    pub(in crate::memory) aligned: bool,
    pub(in crate::memory) blocks: Option<Box<PagemapBlocks>>,
}

/// The places of all pages of a file.
#[derive(Debug, Default)]
pub(in crate::memory) struct Layout {
    /// By rising place among the decoded pages, without a gap.
    pub(super) parts: Vec<Part>,
    /// Stored bytes of all blocks.
    pub(super) sizes: Vec<u32>,
    /// For each part in blocks: where every [`STRIDE`]th of them begins behind the beginning of the part.
    prefixes: Vec<u64>,
    page_size: u64,
    /// Bytes that the file must have.
    pub(in crate::memory) end: u64,
}

/// A run of pages that are stored in one way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Where it begins among the decoded pages, in bytes.
    pub(super) logical: u64,
    /// Bytes that it has decoded.
    pub(super) length: u64,
    /// Where it begins in the file, in bytes.
    pub(super) physical: u64,
    pub(super) kind: PartKind,
    /// The record that describes it.
    pub(super) record: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum PartKind {
    Plain,
    /// What the record says of its blocks contradicts itself.
    Broken,
    Blocks {
        /// Bytes of a block when decoded; the last may have fewer.
        block: u64,
        /// Index of the first in the list of sizes.
        sizes: usize,
        /// Index of the first in the list of prefixes.
        prefixes: usize,
        /// Whether each takes whole pages in the file.
        padded: bool,
    },
}

/// One block of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// Its number in the part.
    pub(super) number: u64,
    /// Where it begins among the decoded pages, in bytes.
    pub(super) logical: u64,
    /// Bytes that it has decoded.
    pub(super) length: u64,
    /// Where it begins in the file.
    pub(super) physical: u64,
    /// Bytes that it has there.
    pub(super) stored: u32,
}

/// Every how many blocks the place in the file is remembered; from there sizes are added up.
const STRIDE: u64 = 64;

impl Layout {
    /// Puts the entries behind each other. `present` is the number of pages of all. What contradicts itself is given
    /// to `tell`, with the form that it is about.
    pub(in crate::memory) fn new(
        forms: &[Form],
        present: u64,
        page_size: u64,
        mut tell: impl FnMut(&Form, String),
    ) -> Self {
        let mut layout = Self { page_size, ..Self::default() };
        let mut logical = 0;
        for form in forms {
            let first = form.first.saturating_mul(page_size);
            logical = layout.plain(logical, first, 0);
            if form.aligned {
                layout.end = layout.end.checked_next_multiple_of(page_size.max(1)).unwrap_or(u64::MAX);
            }
            let behind = first.saturating_add(form.pages.saturating_mul(page_size));
            logical = match &form.blocks {
                None => layout.plain(logical, behind, form.record),
                Some(blocks) => {
                    let wrong = layout.blocks(logical, behind, form, blocks).err();
                    if let Some(wrong) = wrong {
                        let (kind, record) = (PartKind::Broken, form.record);
                        let length = behind.saturating_sub(logical);
                        layout.parts.push(Part { logical, length, physical: layout.end, kind, record });
                        tell(form, wrong);
                    }
                    // Also where the sizes contradict it: this is what says where the next entry begins.
                    layout.end = layout.end.saturating_add(blocks.total_payload_size);
                    behind
                }
            };
        }
        layout.plain(logical, present.saturating_mul(page_size), 0);
        layout
    }

    /// Adds pages that lie there as they are; gives where they end.
    fn plain(&mut self, logical: u64, behind: u64, record: usize) -> u64 {
        let length = behind.saturating_sub(logical);
        if length > 0 {
            self.parts.push(Part { logical, length, physical: self.end, kind: PartKind::Plain, record });
            self.end = self.end.saturating_add(length);
        }
        behind.max(logical)
    }

    /// Adds pages in blocks, or says what is wrong with them.
    fn blocks(
        &mut self,
        logical: u64,
        behind: u64,
        form: &Form,
        blocks: &PagemapBlocks,
    ) -> Result<(), String> {
        let length = behind.saturating_sub(logical);
        let block = u64::from(blocks.pages_per_block).saturating_mul(self.page_size);
        if block == 0 || block > LARGEST_BLOCK {
            return Err(format!("{} pages a block; expected 1 up to 4 MiB", blocks.pages_per_block));
        }
        let wanted = length.div_ceil(block);
        if blocks.block_sizes.len() as u64 != wanted {
            let found = blocks.block_sizes.len();
            return Err(format!("{found} blocks for {} pages; expected {wanted}", form.pages));
        }
        let padded = blocks.payload_padded == Some(true);
        let (sizes, prefixes) = (self.sizes.len(), self.prefixes.len());
        let mut sum = 0_u64;
        let mut left = length;
        for (number, &size) in (0_u64..).zip(&blocks.block_sizes) {
            if u64::from(size) > block.min(left) {
                self.sizes.truncate(sizes);
                self.prefixes.truncate(prefixes);
                return Err(format!(
                    "block {number} has {size} bytes, more than the {} of its pages",
                    block.min(left)
                ));
            }
            if number.is_multiple_of(STRIDE) {
                self.prefixes.push(sum);
            }
            self.sizes.push(size);
            sum = sum.saturating_add(self.in_file(size, padded));
            left = left.saturating_sub(block);
        }
        if sum != blocks.total_payload_size {
            self.sizes.truncate(sizes);
            self.prefixes.truncate(prefixes);
            return Err(format!(
                "blocks of {sum} bytes in all; `total_payload_size` is {}",
                blocks.total_payload_size
            ));
        }
        let kind = PartKind::Blocks { block, sizes, prefixes, padded };
        self.parts.push(Part { logical, length, physical: self.end, kind, record: form.record });
        Ok(())
    }

    /// Bytes that a block of this size takes in the file.
    fn in_file(&self, size: u32, padded: bool) -> u64 {
        let size = u64::from(size);
        if padded { size.next_multiple_of(self.page_size.max(1)) } else { size }
    }

    /// The part that holds a place among the decoded pages.
    pub(super) fn part_at(&self, logical: u64) -> Option<&Part> {
        let next = self.parts.partition_point(|part| part.logical.saturating_add(part.length) <= logical);
        self.parts.get(next).filter(|part| part.logical <= logical)
    }

    /// The block of a part that holds a place among the decoded pages.
    pub(super) fn block_at(&self, part: &Part, logical: u64) -> Option<Block> {
        let PartKind::Blocks { block, sizes, prefixes, padded } = part.kind else { return None };
        let number = logical.checked_sub(part.logical)?.checked_div(block)?;
        let index = usize::try_from(number).ok()?;
        let stride = index.checked_div(usize::try_from(STRIDE).ok()?)?;
        let mut physical = part.physical.saturating_add(*self.prefixes.get(prefixes.checked_add(stride)?)?);
        let begun = sizes.checked_add(stride.checked_mul(usize::try_from(STRIDE).ok()?)?)?;
        let at = sizes.checked_add(index)?;
        for size in self.sizes.get(begun..at)? {
            physical = physical.saturating_add(self.in_file(*size, padded));
        }
        let within = number.checked_mul(block)?;
        let length = part.length.checked_sub(within)?.min(block);
        let logical = part.logical.checked_add(within)?;
        Some(Block { number, logical, length, physical, stored: *self.sizes.get(at)? })
    }

    /// Where the bytes at a place among the decoded pages are in the file; for a block, where it begins.
    pub(in crate::memory) fn position(&self, logical: u64) -> Option<u64> {
        let part = self.part_at(logical)?;
        match part.kind {
            PartKind::Plain => Some(part.physical.saturating_add(logical.saturating_sub(part.logical))),
            PartKind::Broken => Some(part.physical),
            PartKind::Blocks { .. } => self.block_at(part, logical).map(|block| block.physical),
        }
    }

    /// The end of what is lost with the byte at a place among the decoded pages: its block, or all that a record with
    /// contradictions describes. `None`: each page is by itself.
    pub(in crate::memory) fn unit_end(&self, logical: u64) -> Option<u64> {
        let part = self.part_at(logical)?;
        match part.kind {
            PartKind::Plain => None,
            PartKind::Broken => Some(part.logical.saturating_add(part.length)),
            PartKind::Blocks { .. } => {
                self.block_at(part, logical).map(|block| block.logical.saturating_add(block.length))
            }
        }
    }

    /// How many bytes of decoded pages a file of this length has, from its beginning on.
    pub(in crate::memory) fn readable(&self, length: u64) -> u64 {
        let mut readable = 0;
        for part in &self.parts {
            let behind = part.logical.saturating_add(part.length);
            match part.kind {
                PartKind::Plain => {
                    let there = length.saturating_sub(part.physical).min(part.length);
                    readable = part.logical.saturating_add(there);
                }
                PartKind::Broken => readable = behind,
                PartKind::Blocks { block, .. } => readable = self.readable_blocks(part, block, length),
            }
            if readable < behind {
                break;
            }
        }
        readable
    }

    fn readable_blocks(&self, part: &Part, block: u64, length: u64) -> u64 {
        let behind = part.logical.saturating_add(part.length);
        let last = self.block_at(part, behind.saturating_sub(1));
        let fits = |block: &Block| block.physical.saturating_add(block.stored.into()) <= length;
        if last.as_ref().is_some_and(fits) {
            return behind;
        }
        // Blocks lie in order, so the first that does not fit is found by halving.
        let (mut low, mut high) = (0, part.length.div_ceil(block));
        while low < high {
            let middle = low.midpoint(high);
            let at = part.logical.saturating_add(middle.saturating_mul(block));
            if self.block_at(part, at).as_ref().is_some_and(fits) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        part.logical.saturating_add(low.saturating_mul(block)).min(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(first: u64, pages: u64, aligned: bool, sizes: &[u32], per_block: u32, padded: bool) -> Form {
        let in_file =
            |size: &u32| if padded { u64::from(*size).next_multiple_of(4096) } else { (*size).into() };
        let mut blocks = PagemapBlocks::default();
        blocks.block_sizes = sizes.to_vec();
        blocks.total_payload_size = sizes.iter().map(in_file).sum();
        blocks.pages_per_block = per_block;
        blocks.payload_padded = padded.then_some(true);
        Form {
            record: 1,
            record_offset: 20,
            first,
            pages,
            aligned,
            blocks: (per_block > 0).then_some(Box::new(blocks)),
        }
    }

    fn layout(forms: &[Form], present: u64) -> (Layout, Vec<String>) {
        let mut told = Vec::new();
        let layout = Layout::new(forms, present, 4096, |_, text| told.push(text));
        (layout, told)
    }

    #[test]
    fn entries_lie_behind_each_other_with_their_padding() {
        let forms = [form(1, 3, false, &[100, 0], 2, false), form(4, 1, true, &[], 0, false)];
        let (layout, told) = layout(&forms, 6);
        assert!(told.is_empty());
        // One plain page, 100 bytes of blocks, padding, one aligned page, one plain page.
        assert_eq!(layout.end, 4096 + 4096 + 4096 + 4096);
        assert_eq!(layout.position(0), Some(0));
        assert_eq!(layout.position(4096), Some(4096));
        assert_eq!(layout.position(3 * 4096), Some(4196));
        assert_eq!(layout.position(4 * 4096 + 5), Some(8192 + 5));
        assert_eq!(layout.position(5 * 4096), Some(12288));
        assert_eq!(layout.position(6 * 4096), None);
    }

    #[test]
    fn blocks_far_into_an_entry_are_found() {
        let sizes: Vec<u32> = (0..1000).map(|size| size % 4000).collect();
        let (layout, told) = layout(&[form(0, 1000, true, &sizes, 1, true)], 1000);
        assert!(told.is_empty());
        let wanted: u64 = sizes[..777].iter().map(|size| u64::from(*size).next_multiple_of(4096)).sum();
        assert_eq!(layout.position(777 * 4096), Some(wanted));
        assert_eq!(layout.readable(wanted), 777 * 4096);
        assert_eq!(layout.readable(u64::MAX), 1000 * 4096);
    }

    #[test]
    fn contradictions_are_told() {
        let mut wrong_sum = form(0, 2, false, &[10, 10], 1, false);
        if let Some(blocks) = &mut wrong_sum.blocks {
            blocks.total_payload_size = 21;
        }
        for (form, words) in [
            (form(0, 2, false, &[10], 1, false), "1 blocks for 2 pages; expected 2"),
            (form(0, 2, false, &[10, 5000], 1, false), "block 1 has 5000 bytes"),
            (form(0, 2, false, &[10], 2000, false), "2000 pages a block"),
            (wrong_sum, "`total_payload_size` is 21"),
        ] {
            let (layout, told) = layout(&[form], 2);
            assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
            assert!(matches!(layout.parts[0].kind, PartKind::Broken));
        }
    }
}
