//! What `mm-PID.img` says that is not only about the memory of one process.
//!
//! Four parts of the model need a word of it, and the image of a large process is long: it is decoded for all of them once.
//! [`Memory`](crate::Memory) reads it for itself, because it keeps all areas.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use icecore_images::messages::{MmEntry, VmaEntry};

use crate::checkpoint::Noted;
use crate::vma::{flags, status};
use crate::{Checkpoint, Diagnostic, Pid};

/// The images that were asked for, by process. `None`: there is none, or its record is damaged.
#[derive(Debug, Default)]
pub(crate) struct Spaces(Mutex<BTreeMap<Pid, Noted<Option<Arc<MmEntry>>>>>);

impl Checkpoint {
    /// What `mm-PID.img` says, of its areas those that others may share. What is wrong with it is told to everyone who asks.
    pub(crate) fn space(&self, pid: Pid, told: &mut Vec<Diagnostic>) -> Option<Arc<MmEntry>> {
        let read = || Noted::read(|told| self.read_space(pid, told));
        let mut spaces = self.spaces().0.lock().ok()?;
        let space = spaces.entry(pid).or_insert_with(read);
        told.extend_from_slice(&space.diagnostics);
        space.value.clone()
    }

    fn read_space(&self, pid: Pid, told: &mut Vec<Diagnostic>) -> Option<Arc<MmEntry>> {
        let mut mm: MmEntry = self.images().first(&format!("mm-{pid}.img"), told)?;
        mm.vmas.retain(is_shared);
        mm.vmas.shrink_to_fit();
        Some(Arc::new(mm))
    }
}

/// Whether an area shows memory that other processes may have mapped too.
fn is_shared(area: &VmaEntry) -> bool {
    area.flags & flags::MAP_SHARED != 0 || area.status & status::SYSVIPC != 0
}
