//! `icecore maps`: the areas of address spaces, as `pmap -X` would list them, and how much of each is where.

use icecore::archive::Keep;
use icecore::memory::PageCounts;
use icecore::{Checkpoint, Memory};

use super::Run;
use crate::arguments::Format;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::output::Row;
use crate::views::maps;

/// Arguments of `maps`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only areas of these kinds, such as heap, stack, anon, memfd, file-private
    #[arg(short, long = "kind", value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<String>,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "maps fixtures/minimal/checkpoint.tar",
        "maps fixtures/podman-pod/front.tar.zst -p 1 --kind heap,stack,shared-anon",
        "maps fixtures/minimal/checkpoint.tar --format json | jq .maps[].pages",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let spaces = checkpoint.pids_with_memory().into_iter().filter(|pid| self.listing.wants(*pid));
            let rows = spaces.flat_map(|pid| self.rows(checkpoint, pid)).map(Ok);
            writer.list(&maps::MAPS, rows)
        })
    }
}

impl Arguments {
    /// The rows of a process. One without memory has a diagnostic instead.
    fn rows(&self, checkpoint: &Checkpoint, pid: icecore::Pid) -> Vec<Row> {
        let Ok(memory) = checkpoint.memory(pid) else { return Vec::new() };
        let memory: &Memory = &memory;
        let wanted = |kind| self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind);
        let (mut length, mut pages) = (0_u64, PageCounts::default());
        let mut rows = Vec::new();
        for area in memory.areas().iter().filter(|area| wanted(area.kind.name())) {
            let counts = memory.pages_of(area);
            rows.push(maps::row(memory, area, &counts));
            // A guard range lies in another area, which counts it already.
            if area.kind != icecore::memory::AreaKind::Guard {
                length = length.saturating_add(area.length());
                pages = pages.plus(&counts);
            }
        }
        if self.listing.table.format == Format::Text {
            rows.push(maps::total(memory, length, &pages));
        }
        rows
    }
}
