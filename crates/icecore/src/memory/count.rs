//! How many pages come from where.

use serde::Serialize;

use super::area::{Area, AreaKind};
use super::run::PageSource;
use super::{Memory, Slot};
use crate::Vaddr;

/// Numbers of pages by their source. They add up to the pages of what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct PageCounts {
    /// In a pages file of this checkpoint.
    pub stored: u64,
    /// In an earlier checkpoint, at hand or not.
    pub parent: u64,
    /// In a shared object.
    pub shared: u64,
    /// Never written: zeros.
    pub zero: u64,
    /// Those of the mapped file.
    pub file: u64,
    /// With a page server.
    pub lazy: u64,
    /// Not known.
    pub unknown: u64,
}

impl PageCounts {
    /// The number from one source.
    pub fn of(&self, source: PageSource) -> u64 {
        match source {
            PageSource::Stored => self.stored,
            PageSource::Parent => self.parent,
            PageSource::Shared => self.shared,
            PageSource::Zero => self.zero,
            PageSource::File => self.file,
            PageSource::Lazy => self.lazy,
            PageSource::Unknown => self.unknown,
        }
    }

    fn add(&mut self, source: PageSource, pages: u64) {
        let count = match source {
            PageSource::Stored => &mut self.stored,
            PageSource::Parent => &mut self.parent,
            PageSource::Shared => &mut self.shared,
            PageSource::Zero => &mut self.zero,
            PageSource::File => &mut self.file,
            PageSource::Lazy => &mut self.lazy,
            PageSource::Unknown => &mut self.unknown,
        };
        *count = count.saturating_add(pages);
    }

    /// The sum of two counts.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for source in PageSource::ALL {
            self.add(source, other.of(source));
        }
        self
    }

    /// Each number so many times, as for bytes of pages.
    #[must_use]
    pub fn times(&self, factor: u64) -> Self {
        let mut product = Self::default();
        for source in PageSource::ALL {
            product.add(source, self.of(source).saturating_mul(factor));
        }
        product
    }

    /// All pages.
    pub fn total(&self) -> u64 {
        PageSource::ALL.iter().fold(0, |sum, source| sum.saturating_add(self.of(*source)))
    }
}

impl Memory {
    /// Counts the pages of one of its areas. Where areas lie over each other, the pages that count for another one are
    /// unknown here. All pages of a guard range are.
    pub fn pages_of(&self, area: &Area) -> PageCounts {
        let mut counts = PageCounts::default();
        let page = self.page_size.max(1);
        let all = area.length().div_euclid(page);
        if let Some(slot) = self.slot_of(area) {
            for run in self.runs_within(Vaddr(slot.start)..Vaddr(slot.end)) {
                // By borders of pages, so that runs that end off one do not lose any; from where the area begins, which
                // may itself be off a border.
                let before = |at: Vaddr| at.0.saturating_sub(area.start.0).div_euclid(page);
                counts.add(run.source, before(run.end).saturating_sub(before(run.start)));
            }
        }
        counts.unknown = counts.unknown.saturating_add(all.saturating_sub(counts.total()));
        counts
    }

    fn slot_of(&self, area: &Area) -> Option<Slot> {
        if area.kind == AreaKind::Guard || area.start >= area.end {
            return None;
        }
        let slot = self.slot_at(area.end.0.saturating_sub(1), &mut 0).ok()?;
        let owner = self.areas.get(slot.area)?;
        (owner.start == area.start && owner.end == area.end).then_some(slot)
    }
}
