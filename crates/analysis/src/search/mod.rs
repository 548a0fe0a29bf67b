//! Searching all memory of a checkpoint for bytes, and what it holds beside memory.
//!
//! A literal is found at any length, across pages, entries of pagemaps, areas that touch, and checkpoints of a chain. A
//! match of an expression is found up to [`MAX_MATCH`] bytes, or as long as was set. Each is given once for each place
//! where its bytes are stored, with everybody who sees them there.

mod beyond;
mod owners;
mod pattern;

use std::ops::ControlFlow;

use bstr::BString;
use icecore::memory::PageSource;
use icecore::{Checkpoint, Memory, Pid, Vaddr};
use serde::Serialize;

use crate::windows;
pub use crate::windows::Filter;
pub use beyond::{Holder, Place, search_beyond};
use owners::Sharers;
pub use pattern::{BadPattern, MAX_MATCH, Needles, Pattern};

/// A place where a pattern matches.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Hit {
    /// Index of the pattern.
    pub pattern: usize,
    /// The bytes that match, cut at [`MAX_SHOWN`].
    pub matched: Vec<u8>,
    /// How many bytes match.
    pub length: u64,
    /// Known bytes in front of it, at most [`CONTEXT`].
    pub before: Vec<u8>,
    /// Known bytes behind it, at most [`CONTEXT`].
    pub after: Vec<u8>,
    /// Everybody who sees these bytes, by rising process and address.
    pub owners: Vec<Owner>,
    /// Where its first byte comes from.
    pub source: Source,
    /// The path of the file in the container, or the name of the object, beside mapped memory.
    pub path: Option<BString>,
    /// The member that holds its first byte; absent where that was never written.
    pub member: Option<BString>,
    /// Where in the member, in bytes; for compressed pages, where their block begins.
    pub offset: Option<u64>,
}

/// Where the first byte of a hit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Memory that a process has mapped.
    Page(PageSource),
    /// Something else.
    Beside(Holder),
}

impl Source {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page(source) => source.name(),
            Self::Beside(holder) => holder.name(),
        }
    }
}

/// Who sees the bytes of a hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Owner {
    /// The process.
    pub pid: Pid,
    /// The address of the first byte there.
    pub address: Vaddr,
    /// Where its area begins; absent outside of all areas.
    pub vma_start: Option<Vaddr>,
    /// The name of the area.
    pub vma_name: Option<BString>,
    /// The permissions of the area, such as `rw-p`.
    pub perms: Option<String>,
}

/// The most bytes of a match that are given.
pub const MAX_SHOWN: usize = 4096;
/// The most bytes around a match that are given, on each side.
pub const CONTEXT: u64 = 32;

/// Searches, and gives hits one by one until `take` breaks. Returns whether the search came to its end.
pub fn search(
    checkpoint: &Checkpoint,
    needles: &Needles,
    filter: &Filter,
    take: &mut dyn FnMut(Hit) -> ControlFlow<()>,
) -> bool {
    let pids: Vec<Pid> =
        checkpoint.pids_with_memory().into_iter().filter(|pid| filter.wants_pid(*pid)).collect();
    let sharers = Sharers::of(checkpoint, &pids);
    for pid in pids {
        let Ok(memory) = checkpoint.memory(pid) else { continue };
        if in_process(&memory, needles, filter, &sharers, take).is_break() {
            return false;
        }
    }
    true
}

fn in_process(
    memory: &Memory,
    needles: &Needles,
    filter: &Filter,
    sharers: &Sharers,
    take: &mut dyn FnMut(Hit) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut cursors = needles.cursors();
    let mut found = Vec::new();
    windows::visit(memory, filter, needles.longest(), &mut |window| {
        found.clear();
        needles.find(window.bytes, window.start.0, window.limit, &mut cursors, &mut found);
        for &(start, end, pattern) in &found {
            let address = Vaddr(window.start.0.saturating_add(start as u64));
            let bytes = window.bytes.get(start..end).unwrap_or_default();
            if let Some(hit) = hit(memory, address, bytes, pattern, sharers) {
                take(hit)?;
            }
        }
        ControlFlow::Continue(())
    })
}

/// The hit at an address; `None` if another process or area that sees the same bytes has given it.
fn hit(memory: &Memory, address: Vaddr, bytes: &[u8], pattern: usize, sharers: &Sharers) -> Option<Hit> {
    let run = memory.run_at(address);
    let owner = Owner::new(memory.pid(), address, run.area);
    let owners = match (run.source, run.area) {
        (PageSource::Shared, Some(area)) => {
            let all = sharers.of_address(area, address);
            if all.first().is_some_and(|first| *first != owner) {
                return None;
            }
            all
        }
        _ => vec![owner],
    };
    let end = Vaddr(address.0.saturating_add(bytes.len() as u64));
    let matched = bytes.get(..MAX_SHOWN.min(bytes.len())).unwrap_or_default().to_vec();
    let (length, source) = (bytes.len() as u64, Source::Page(run.source));
    let (before, after) = (before(memory, address), after(memory, end));
    let (member, offset) = (run.member().cloned(), run.offset());
    Some(Hit { pattern, matched, length, before, after, owners, source, path: None, member, offset })
}

/// Known bytes in front of an address.
fn before(memory: &Memory, address: Vaddr) -> Vec<u8> {
    // Byte by byte from the end of what may be unknown: the longest readable tail.
    let all = Vaddr(address.0.saturating_sub(CONTEXT))..address;
    let known =
        memory.runs_within(all.clone()).filter(|run| !run.is_known()).last().map_or(all.start, |run| run.end);
    memory.read(known..all.end, CONTEXT).unwrap_or_default()
}

/// Known bytes from an address on.
fn after(memory: &Memory, address: Vaddr) -> Vec<u8> {
    let all = address..Vaddr(address.0.saturating_add(CONTEXT));
    let known = memory.runs_within(all.clone()).find(|run| !run.is_known()).map_or(all.end, |run| run.start);
    memory.read(all.start..known, CONTEXT).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "places in pages made by hand")]
mod tests;
