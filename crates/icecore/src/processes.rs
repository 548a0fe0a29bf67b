//! The process list, as far as counting it needs.

use icecore_images::messages::PstreeEntry;

use crate::Diagnostic;
use crate::diagnostic::PROCESS_BROKEN;
use crate::images::Images;

/// The records of `pstree.img`, checked against each other.
pub(crate) fn records(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<PstreeEntry>> {
    let records: Vec<PstreeEntry> = images.records("pstree.img", diagnostics)?;
    let mut pids: Vec<u32> = records.iter().map(|record| record.pid).collect();
    pids.sort_unstable();
    let twice = pids.windows(2).filter(|pair| pair.first() == pair.last()).count();
    if twice > 0 {
        let text = format!("{twice} of {} records repeat a process id", records.len());
        diagnostics.push(Diagnostic::new(PROCESS_BROKEN, text).of(images.full_name("pstree.img")));
    }
    Some(records)
}

/// Whether a process is alive or stopped, told by its images: CRIU writes no `ids`, `mm` or `fs` image for a zombie,
/// whose thread list is left to chance.
pub(crate) fn is_live(images: &Images, pid: u32) -> bool {
    ["ids", "mm", "fs"].iter().any(|image| images.member(&format!("{image}-{pid}.img")).is_some())
}
