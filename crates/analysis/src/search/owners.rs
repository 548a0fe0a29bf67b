//! Who else sees the bytes of a shared object.

use std::collections::BTreeMap;

use icecore::memory::{Area, AreaKind, Object};
use icecore::{Checkpoint, Pid, Vaddr};

use super::Owner;

/// The areas that show each shared object.
#[derive(Debug, Default)]
pub(super) struct Sharers(BTreeMap<(AreaKind, u64), Vec<(Pid, Area)>>);

impl Sharers {
    pub(super) fn of(checkpoint: &Checkpoint, pids: &[Pid]) -> Self {
        let mut sharers = Self::default();
        for pid in pids {
            let Ok(memory) = checkpoint.memory(*pid) else { continue };
            for area in memory.areas() {
                if let Some(object) = &area.object {
                    let areas = sharers.0.entry((object.kind, object.number)).or_default();
                    areas.push((*pid, area.clone()));
                }
            }
        }
        sharers
    }

    /// Whether anybody sees a byte of an object.
    pub(super) fn see(&self, object: &Object, offset: u64) -> bool {
        let areas = self.0.get(&(object.kind, object.number)).map_or(&[][..], Vec::as_slice);
        areas
            .iter()
            .any(|(_, area)| offset.checked_sub(area.offset).is_some_and(|within| within < area.length()))
    }

    /// Everybody who sees the byte that an area shows at an address.
    ///
    /// A private mapping that wrote the page has bytes of its own there, and is not among them as far as its process is
    /// the one that asks; of others the images of their pages are not looked into.
    pub(super) fn of_address(&self, area: &Area, address: Vaddr) -> Vec<Owner> {
        let Some(object) = &area.object else { return Vec::new() };
        let within = address.0.saturating_sub(area.start.0);
        let offset = area.offset.saturating_add(within);
        let areas = self.0.get(&(object.kind, object.number)).map_or(&[][..], Vec::as_slice);
        let sees = |(pid, area): &(Pid, Area)| {
            let within = offset.checked_sub(area.offset).filter(|within| *within < area.length())?;
            let address = Vaddr(area.start.0.checked_add(within)?);
            Some(Owner::new(*pid, address, Some(area)))
        };
        areas.iter().filter_map(sees).collect()
    }
}

impl Owner {
    pub(super) fn new(pid: Pid, address: Vaddr, area: Option<&Area>) -> Self {
        Self {
            pid,
            address,
            vma_start: area.map(|area| area.start),
            vma_name: area.and_then(|area| area.name.clone()),
            perms: area.map(Area::perms),
        }
    }
}
