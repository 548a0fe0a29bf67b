//! Who sees the bytes of an address.

use std::collections::BTreeMap;
use std::sync::Arc;

use icecore::memory::{Area, AreaKind, Object, PageSource, Run};
use icecore::process::MemoryLayout;
use icecore::{Checkpoint, Memory, Vaddr};

use super::hit::{Owner, Part};
use crate::filter::Filter;

/// The address spaces that are searched, and the areas of them that show each shared object.
#[derive(Debug, Default)]
pub(super) struct Spaces {
    filter: Filter,
    pub(super) all: Vec<Space>,
    /// By object: index of the space, and the area; by rising process and address.
    sharers: BTreeMap<(AreaKind, u64), Vec<(usize, Area)>>,
}

/// An address space.
#[derive(Debug)]
pub(super) struct Space {
    pub(super) memory: Arc<Memory>,
    layout: Option<MemoryLayout>,
}

impl Spaces {
    pub(super) fn of(checkpoint: &Checkpoint, filter: &Filter) -> Self {
        let pids = checkpoint.pids_with_memory().into_iter().filter(|pid| filter.wants_pid(*pid));
        let layout = |pid| checkpoint.process(pid).and_then(|process| process.layout.clone());
        let space = |pid| Some(Space { memory: checkpoint.memory(pid).ok()?, layout: layout(pid) });
        let mut spaces =
            Self { filter: filter.clone(), all: pids.filter_map(space).collect(), sharers: BTreeMap::new() };
        for (index, space) in spaces.all.iter().enumerate() {
            for area in space.memory.areas() {
                if let Some(object) = &area.object {
                    let areas = spaces.sharers.entry((object.kind, object.number)).or_default();
                    areas.push((index, area.clone()));
                }
            }
        }
        spaces
    }

    /// Whether a search of memory sees these bytes of an object.
    pub(super) fn see(&self, object: &Object, offset: u64, length: u64) -> bool {
        self.sharers_of(object, offset, length).any(|(_, area, address)| {
            self.filter.wants_area(Some(area)) && self.filter.wants_address(address)
        })
    }

    /// Whether the bytes of a run are seen, in the same order, in an area that is searched before it.
    pub(super) fn show_before(&self, index: usize, run: &Run<'_>) -> bool {
        let (PageSource::Shared, Some(area), None) = (run.source, run.area, &self.filter.range) else {
            return false;
        };
        let Some((object, offset)) = within(area, run.start) else { return false };
        let mut sharers = self.sharers_of(object, offset, run.length());
        let first = sharers.find(|(_, area, _)| self.filter.wants_area(Some(area)));
        first.is_some_and(|(other, _, address)| {
            let there = self.all.get(other).map(|space| space.memory.run_at(address));
            (other, address) < (index, run.start) && there.is_some_and(|there| there.length() >= run.length())
        })
    }

    /// Everybody who sees bytes that begin at an address; empty if another one has to tell of them, as the first whose
    /// area is searched does.
    pub(super) fn owners(&self, index: usize, address: Vaddr, length: u64) -> Vec<Owner> {
        let Some(space) = self.all.get(index) else { return Vec::new() };
        let run = space.memory.run_at(address);
        let own = || vec![space.owner(address, run.area)];
        let (PageSource::Shared, Some(area)) = (run.source, run.area) else { return own() };
        let Some((object, offset)) = within(area, address) else { return own() };
        let (mut owners, mut first, mut is_whole) = (Vec::new(), None, false);
        for (other, area, at) in self.sharers_of(object, offset, length) {
            is_whole |= (other, at) == (index, address);
            if self.filter.wants_area(Some(area)) && self.filter.wants_address(at) {
                first = first.or(Some((other, at)));
            }
            owners.extend(self.all.get(other).map(|space| space.owner(at, Some(area))));
        }
        match first {
            // It leaves its area, and what is behind that is no part of the object.
            _ if !is_whole => own(),
            Some(first) if first != (index, address) => Vec::new(),
            _ => owners,
        }
    }

    /// The areas that show bytes of an object, all of them, and where: a private mapping that wrote the page shows its
    /// own bytes there.
    fn sharers_of(
        &self,
        object: &Object,
        offset: u64,
        length: u64,
    ) -> impl Iterator<Item = (usize, &Area, Vaddr)> {
        let areas = self.sharers.get(&(object.kind, object.number)).map_or(&[][..], Vec::as_slice);
        areas.iter().filter_map(move |(index, area)| {
            let within = offset.checked_sub(area.offset)?;
            if within.checked_add(length)? > area.length() {
                return None;
            }
            let address = Vaddr(area.start.0.checked_add(within)?);
            let run = self.all.get(*index)?.memory.run_at(address);
            let shows = run.source == PageSource::Shared && run.area.is_some_and(|it| it.start == area.start);
            shows.then_some((*index, area, address))
        })
    }
}

impl Space {
    fn owner(&self, address: Vaddr, area: Option<&Area>) -> Owner {
        Owner {
            pid: self.memory.pid(),
            address,
            vma_start: area.map(|area| area.start),
            vma_name: area.and_then(|area| area.name.clone()),
            perms: area.map(Area::perms),
            part: self.layout.as_ref().and_then(|layout| Part::at(layout, address)),
        }
    }
}

/// The object that an area shows, and the offset in it of an address.
fn within(area: &Area, address: Vaddr) -> Option<(&Object, u64)> {
    let within = address.0.checked_sub(area.start.0)?;
    Some((area.object.as_deref()?, area.offset.checked_add(within)?))
}
