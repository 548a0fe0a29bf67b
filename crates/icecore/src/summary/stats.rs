//! What the dump cost: `stats-dump`.

use icecore_images::Image;
use icecore_images::messages::{DumpStatsEntry, StatsEntry};
use serde::Serialize;

use crate::{Checkpoint, Diagnostic};

/// Figures of a dump. Times are microseconds and wrap after 71 minutes; pages are those of the dumped machine.
///
/// Source: `stats-dump`, `dump_stats_entry`. There is no absolute time in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DumpStats {
    /// How long the tasks stood still (`frozen_time`).
    pub frozen_us: u32,
    /// From the first task frozen to the last (`freezing_time`).
    pub freezing_us: u32,
    /// Collecting memory (`memdump_time`).
    pub memdump_us: u32,
    /// Writing memory (`memwrite_time`).
    pub memwrite_us: u32,
    /// Pages looked at.
    pub pages_scanned: u64,
    /// Pages left to the parent dump.
    pub pages_skipped_parent: u64,
    /// Pages of private memory written.
    pub pages_written: u64,
    /// Pages left out, to be served lazily.
    pub pages_lazy: u64,
    /// Pages of shared memory looked at; since CRIU 3.13.
    pub shpages_scanned: Option<u64>,
    /// Pages of shared memory left to the parent dump; since CRIU 3.13.
    pub shpages_skipped_parent: Option<u64>,
    /// Pages of shared memory written; since CRIU 3.13.
    pub shpages_written: Option<u64>,
}

impl DumpStats {
    /// Reads `stats-dump` at the root, or beside the images.
    pub(crate) fn of(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let member = checkpoint.beside_images("stats-dump")?;
        let bytes = checkpoint.member_bytes(member, diagnostics)?;
        let image = Image::parse("stats-dump", &bytes)
            .map_err(|error| diagnostics.push(checkpoint.images().damaged_member(member, &error)))
            .ok()?;
        let record = image.records::<StatsEntry>().next()?;
        let record =
            record.map_err(|error| diagnostics.push(checkpoint.images().damaged_member(member, &error)));
        record.ok()?.message.dump.map(Self::from)
    }
}

impl From<DumpStatsEntry> for DumpStats {
    fn from(entry: DumpStatsEntry) -> Self {
        Self {
            frozen_us: entry.frozen_time,
            freezing_us: entry.freezing_time,
            memdump_us: entry.memdump_time,
            memwrite_us: entry.memwrite_time,
            pages_scanned: entry.pages_scanned,
            pages_skipped_parent: entry.pages_skipped_parent,
            pages_written: entry.pages_written,
            pages_lazy: entry.pages_lazy,
            shpages_scanned: entry.shpages_scanned,
            shpages_skipped_parent: entry.shpages_skipped_parent,
            shpages_written: entry.shpages_written,
        }
    }
}
