//! `icecore mem pages`: where the bytes of each piece of memory are.

use icecore::archive::Keep;

use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::memory;

/// Arguments of `mem pages`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only pieces from these sources: stored, parent, shared, zero, file, lazy, unknown
    #[arg(long = "source", value_name = "SOURCE", value_delimiter = ',')]
    sources: Vec<String>,
}

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let wanted = |name| self.sources.is_empty() || self.sources.iter().any(|wanted| wanted == name);
            let pids = checkpoint.pids_with_memory().into_iter().filter(|pid| self.listing.wants(*pid));
            let spaces: Vec<_> = pids.filter_map(|pid| checkpoint.memory(pid).ok()).collect();
            let rows = spaces.iter().flat_map(|memory| {
                let runs = memory.runs().filter(move |run| wanted(run.source.name()));
                runs.map(move |run| Ok(memory::run(memory, &run)))
            });
            writer.list(&memory::RUNS, rows)
        })
    }
}
