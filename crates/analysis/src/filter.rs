//! Which memory is looked at.

use std::ops::Range;

use icecore::memory::{Area, PageSource, Reason, Run};
use icecore::{Memory, Pid, Vaddr};

/// Which memory is looked at. The default is all of it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Only these processes; empty: all.
    pub pids: Vec<Pid>,
    /// Only these addresses.
    pub range: Option<Range<Vaddr>>,
    /// Only areas whose permissions, as `/proc/PID/maps` shows them, have all these letters, such as `wx` or `s`.
    pub perms: String,
    /// Only areas of these kinds, by the names that [`icecore::memory::AreaKind::name`] gives; empty: all.
    pub kinds: Vec<String>,
}

impl Filter {
    /// Whether a process is looked at.
    pub fn wants_pid(&self, pid: Pid) -> bool {
        self.pids.is_empty() || self.pids.contains(&pid)
    }

    /// Whether an area is looked at. Pages outside of all areas have neither kind nor permissions.
    pub fn wants_area(&self, area: Option<&Area>) -> bool {
        let Some(area) = area else { return self.kinds.is_empty() && self.perms.is_empty() };
        let perms = area.perms();
        self.perms.chars().all(|letter| perms.contains(letter))
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == area.kind.name()))
    }

    /// Whether an address is looked at, as far as its area does not count.
    pub fn wants_address(&self, address: Vaddr) -> bool {
        self.range.as_ref().is_none_or(|range| range.contains(&address))
    }

    /// Bytes of a process's memory that are looked at: all that are known but those that were never written.
    pub fn length(&self, memory: &Memory) -> u64 {
        let there = self.runs(memory).filter(|run| run.is_known() && run.source != PageSource::Zero);
        there.fold(0, |sum, run| sum.saturating_add(run.length()))
    }

    /// The pieces of a process's memory that are looked at, cut to the range.
    pub(crate) fn runs<'m>(&self, memory: &'m Memory) -> impl Iterator<Item = Run<'m>> + use<'m> {
        let filter = self.clone();
        let clip = self.range.clone().unwrap_or(Vaddr(0)..Vaddr(u64::MAX));
        let runs = memory.runs_within(clip).filter(|run| run.reason != Some(Reason::Unmapped));
        runs.filter(move |run| filter.wants_area(run.area))
    }
}
