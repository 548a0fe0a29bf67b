//! How large a page is: as the process was told, unless its own addresses and files say otherwise.

use super::pagemap::Pagemap;
use crate::Diagnostic;
use crate::diagnostic::PAGE_SIZE_ODD;
use crate::images::Images;

/// The page size of most machines, taken where nothing tells.
const COMMON: u64 = 4096;

/// What is known about the page size before looking at pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageSize {
    /// The user's word, which nothing overrides.
    pub(super) forced: Option<u64>,
    /// The process's auxiliary vector, or that of another one on the same machine.
    pub(super) told: Option<u64>,
}

impl PageSize {
    /// The size where there are no pages that could contradict.
    pub(super) fn plain(self) -> u64 {
        self.forced.or(self.told).unwrap_or(COMMON)
    }

    /// The size by which a pagemap with a pages file of `length` bytes is read.
    pub(super) fn of(
        self,
        pagemap: &Pagemap,
        length: Option<u64>,
        images: &Images,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> u64 {
        if let Some(forced) = self.forced {
            return forced;
        }
        let told = self.told.unwrap_or(COMMON);
        let fits = length.is_none_or(|length| pagemap.present.checked_mul(told) == Some(length));
        let aligned = |size: u64| pagemap.entries.iter().all(|entry| entry.vaddr.is_multiple_of(size));
        if self.told.is_some() && (fits || aligned(told)) {
            return told;
        }
        let derived = length
            .and_then(|length| length.checked_div(pagemap.present))
            .filter(|size| size.is_power_of_two() && (1024..=1 << 20).contains(size) && aligned(*size));
        let size = derived.unwrap_or(told.min(COMMON));
        if self.told.is_some_and(|told| told != size) {
            let text = format!(
                "pages of {told} bytes do not fit its addresses and its pages file; {size} bytes are taken"
            );
            diagnostics.push(Diagnostic::new(PAGE_SIZE_ODD, text).of(images.full_name(&pagemap.name)));
        }
        size
    }
}
