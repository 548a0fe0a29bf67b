//! The process list as the images have it, checked against itself.

use std::collections::BTreeSet;

use icecore_images::messages::PstreeEntry;

use crate::Diagnostic;
use crate::diagnostic::PROCESS_BROKEN;
use crate::images::Images;
use crate::place::Placed;

/// The records of `pstree.img` in their order, the first of each process. `None`: there is no such image.
///
/// A record without a process id, or with 0, which stands for what is outside, is no process; it is told.
pub(crate) fn records(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<PstreeEntry>> {
    Some(placed(images, diagnostics)?.into_iter().map(|record| record.message).collect())
}

/// The same, each with its place.
pub(super) fn placed(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Placed<PstreeEntry>>> {
    let mut records: Vec<Placed<PstreeEntry>> = images.placed("pstree.img", diagnostics)?;
    let all = records.len();
    records.retain(|record| record.message.pid != 0);
    if let Some(nameless @ 1..) = all.checked_sub(records.len()) {
        let text = format!("{nameless} of {all} records have no process id, and are left out");
        diagnostics.push(broken(images, text));
    }
    let mut seen = BTreeSet::new();
    let mut twice = Vec::new();
    records.retain(|record| {
        let is_new = seen.insert(record.message.pid);
        if !is_new {
            twice.push(record.message.pid);
        }
        is_new
    });
    if !twice.is_empty() {
        let text = format!(
            "{} of {all} records repeat a process id, and only the first of each counts: {}",
            twice.len(),
            numbers(&twice)
        );
        diagnostics.push(broken(images, text));
    }
    Some(records)
}

/// Whether a process is alive or stopped, told by its images: CRIU writes no `ids`, `mm` or `fs` image for a zombie,
/// whose thread list is left to chance.
pub(crate) fn is_live(images: &Images, pid: u32) -> bool {
    ["ids", "mm", "fs"].iter().any(|image| images.member(&format!("{image}-{pid}.img")).is_some())
}

/// Something that the process list is wrong about.
pub(super) fn broken(images: &Images, text: String) -> Diagnostic {
    Diagnostic::new(PROCESS_BROKEN, text).of(images.full_name("pstree.img"))
}

/// The first of some numbers, as text.
pub(crate) fn numbers(all: &[u32]) -> String {
    const SHOWN: usize = 8;
    let mut text = String::new();
    for (position, number) in all.iter().take(SHOWN).enumerate() {
        let gap = if position == 0 { "" } else { ", " };
        text.push_str(gap);
        text.push_str(&number.to_string());
    }
    match all.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{text} and {more} more"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_summed_up() {
        assert_eq!(numbers(&[7]), "7");
        assert_eq!(numbers(&[1, 2]), "1, 2");
        let all: Vec<u32> = (1..=100).collect();
        assert_eq!(numbers(&all), "1, 2, 3, 4, 5, 6, 7, 8 and 92 more");
    }
}
