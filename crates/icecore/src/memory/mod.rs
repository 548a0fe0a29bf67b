//! The memory of a process: its areas, and where the bytes of each page are.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::{Checkpoint, Pid};
//!
//! let checkpoint = Checkpoint::open(path)?;
//! let memory = checkpoint.memory(Pid(1))?;
//! for area in memory.areas() {
//!     println!("{}-{} {} {:?}", area.start, area.end, area.perms(), area.name);
//! }
//! for run in memory.runs() {
//!     println!("{}: {} bytes {}", run.start, run.length(), run.source.name());
//! }
//! # Ok::<(), icecore::Error>(())
//! ```
//!
//! What the archive does not hold is never filled in: reading it is an error that says why.

mod area;
mod backing;
mod chain;
mod contents;
mod count;
mod counted;
mod files;
mod load;
mod nearby;
mod object_source;
mod objects;
mod packed;
mod page_size;
mod pagemap;
mod pages;
mod read;
mod run;
mod runs;
mod siblings;
mod stacks;
mod stale;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

pub use area::{Area, AreaKind};
use backing::Backing;
pub use count::PageCounts;
use load::Shared;
use nearby::first_behind;
pub use objects::Object;
pub use read::Unreadable;
pub use run::{PageSource, Reason, Run};

pub(crate) use siblings::open as open_siblings;

use crate::checkpoint::Noted;
use crate::{Checkpoint, Diagnostic, Error, Pid, Vaddr};

/// The address space of one process.
#[derive(Debug)]
pub struct Memory {
    pid: Pid,
    page_size: u64,
    areas: Vec<Area>,
    slots: Vec<Slot>,
    guards: Vec<(u64, u64)>,
    private: Backing,
}

/// A range in which an area counts.
#[derive(Debug, Clone, Copy)]
struct Slot {
    start: u64,
    end: u64,
    area: usize,
}

impl Memory {
    /// The process.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Bytes of a page. Source: `AT_PAGESZ` in `mm_entry.mm_saved_auxv`, unless pages files and addresses contradict.
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// Its areas by rising address. A guard range stands beside the area that it is in.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The area that an address is in.
    pub fn area_at(&self, address: Vaddr) -> Option<&Area> {
        let slot = self.slot_at(address.0, &mut 0).ok()?;
        self.areas.get(slot.area)
    }

    /// The slot around an address, or where the next one starts.
    fn slot_at(&self, address: u64, near: &mut usize) -> Result<Slot, Option<u64>> {
        let next = first_behind(&self.slots, |slot| slot.end, address, near);
        match self.slots.get(next) {
            Some(slot) if slot.start <= address => Ok(*slot),
            other => Err(other.map(|slot| slot.start)),
        }
    }
}

/// The address spaces of a checkpoint that were asked for.
#[derive(Debug, Default)]
pub(crate) struct AddressSpaces {
    shared: OnceLock<Noted<Shared>>,
    /// `None`: the process has no memory.
    read: Mutex<BTreeMap<Pid, Noted<Option<Arc<Memory>>>>>,
}

impl AddressSpaces {
    /// What was told about them, by rising process id.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        let shared = self.shared.get().into_iter().flat_map(|shared| shared.diagnostics.clone());
        let read = self.read.lock().map(|read| {
            let told = read.values().flat_map(|memory| memory.diagnostics.clone());
            told.collect::<Vec<_>>()
        });
        shared.chain(read.unwrap_or_default()).collect()
    }
}

/// Bytes of images that are looked into without being asked for.
const LOOK: u64 = 4 << 20;

/// Looks at what the images say of memory, as far as that is little, so that contradictions are told.
pub(crate) fn look(checkpoint: &Checkpoint) {
    let images = checkpoint.images();
    let size = |name: &str| images.member(name).map_or(0, |member| member.size);
    let framed = images.iter().filter(|(name, _)| name.ends_with(b".comp.img"));
    let mut budget = framed.fold(LOOK, |left, (_, member)| left.saturating_sub(member.size));
    for pid in checkpoint.pids_with_memory() {
        let wanted = size(&format!("mm-{pid}.img")).saturating_add(size(&format!("pagemap-{pid}.img")));
        let Some(left) = budget.checked_sub(wanted) else { return };
        budget = left;
        // What is wrong with it is kept among the diagnostics.
        let _ = checkpoint.memory(pid);
    }
}

impl Checkpoint {
    /// The memory of a process.
    ///
    /// # Errors
    /// If the archive does not describe any: there is no such process, it was a zombie, or its `mm-PID.img` is missing
    /// or damaged.
    pub fn memory(&self, pid: Pid) -> Result<Arc<Memory>, Error> {
        let spaces = self.address_spaces();
        let shared = spaces.shared.get_or_init(|| Noted::read(|told| Shared::read(self, told)));
        let no_memory = || Error::NoMemory { pid, image: self.images().full_name(&format!("mm-{pid}.img")) };
        let Ok(mut read) = spaces.read.lock() else { return Err(no_memory()) };
        let load = || Noted::read(|told| Memory::load(self, &shared.value, pid, told).map(Arc::new));
        read.entry(pid).or_insert_with(load).value.clone().ok_or_else(no_memory)
    }

    /// The processes that have memory, by rising id. Source: names of `mm-PID.img`.
    pub fn pids_with_memory(&self) -> Vec<Pid> {
        let numbers = self.images().iter().filter_map(|(name, _)| {
            let named = icecore_images::Kind::of_name(name)?;
            let number = (named.kind == icecore_images::Kind::Mm).then(|| named.number()).flatten()?;
            u32::try_from(number).ok().map(Pid)
        });
        let mut pids: Vec<Pid> = numbers.collect();
        pids.sort_unstable();
        pids
    }
}

#[cfg(test)]
mod tests;
