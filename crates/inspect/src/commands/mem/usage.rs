//! `icecore mem usage`: how much memory each process has, and how much of it is where.

use std::collections::BTreeMap;

use icecore::Checkpoint;
use icecore::archive::Keep;

use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::memory::{self, Usage};

/// Arguments of `mem usage`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Files, true, |checkpoint, writer| {
            let all = self.all(checkpoint);
            let rows = all.processes.iter().map(|(pid, usage)| Ok(memory::usage(pid.0.into(), usage)));
            writer.list(&memory::USAGE, rows)?;
            let count = u64::try_from(all.processes.len()).unwrap_or(u64::MAX);
            writer.list(&memory::TOTALS, [Ok(memory::usage(count, &all.total))])
        })
    }

    fn all(&self, checkpoint: &Checkpoint) -> All {
        let mut all = All::default();
        let mut shared = BTreeMap::new();
        for pid in checkpoint.pids_with_memory().into_iter().filter(|pid| self.listing.wants(*pid)) {
            let Ok(memory) = checkpoint.memory(pid) else { continue };
            let usage = Usage::of(&memory);
            for object in memory.areas().iter().filter_map(|area| area.object.as_ref()) {
                shared.insert((object.kind, object.number), object.stored());
            }
            all.total.vsz = all.total.vsz.saturating_add(usage.vsz);
            all.total.bytes = all.total.bytes.plus(&usage.bytes);
            all.processes.push((pid, usage));
        }
        // Each object once, however many areas show it.
        all.total.bytes.shared = shared.values().fold(0, |sum, bytes| sum.saturating_add(*bytes));
        all
    }
}

#[derive(Debug, Default)]
struct All {
    processes: Vec<(icecore::Pid, Usage)>,
    total: Usage,
}
