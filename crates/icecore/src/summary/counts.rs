//! How many of what.

use icecore_archive::Archive;
use serde::Serialize;

use crate::Diagnostic;
use crate::images::Images;
use crate::process::list;

/// How many of what a checkpoint holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Members of the archive, directories included.
    pub members: u64,
    /// CRIU images, pages included.
    pub images: u64,
    /// Processes, zombies included; `null`: there is no process list, as in a pre-dump.
    pub processes: Option<u64>,
    /// Threads of those that live.
    pub threads: Option<u64>,
}

impl Counts {
    pub(crate) fn of(archive: &Archive, images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let records = list::records(images, diagnostics);
        let threads = |records: &Vec<icecore_images::messages::PstreeEntry>| {
            let live = records.iter().filter(|record| list::is_live(images, record.pid));
            live.fold(0_u64, |sum, record| sum.saturating_add(record.threads.len() as u64))
        };
        Self {
            members: archive.members().len() as u64,
            images: images.iter().filter(|(name, member)| member.is_file() && name.ends_with(b".img")).count()
                as u64,
            processes: records.as_ref().map(|records| records.len() as u64),
            threads: records.as_ref().map(threads),
        }
    }
}
