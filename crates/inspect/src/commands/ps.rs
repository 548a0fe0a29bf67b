//! `icecore ps`: the processes, as a tree.

use icecore::archive::Keep;

use super::Run;
use crate::arguments::Format;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::processes::{self, Extent};
use crate::views::threads;

/// Arguments of `ps`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// The threads of each process instead
    #[arg(short = 'T', long, conflicts_with_all = ["env", "flat"])]
    threads: bool,
    /// Also the environment, as the process has it in memory
    #[arg(short, long)]
    env: bool,
    /// By rising number instead of as a tree; the forms for programs always are
    #[arg(long)]
    flat: bool,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "ps fixtures/podman-pod/kitchen.tar.gz",
        "ps fixtures/minimal/checkpoint.tar --env --format json | jq .processes[].environ",
        "ps -T fixtures/podman-pod/front.tar.zst --columns pid,tid,comm",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        // Command lines are in memory.
        self.listing.run(io, &Keep::Everything, false, |checkpoint, writer| {
            if self.threads {
                return threads::list(checkpoint, &self.listing, writer);
            }
            let environ = self.env;
            if self.flat || self.listing.table.format != Format::Text || !self.listing.wants_all() {
                let wanted = checkpoint.processes().iter().filter(|one| self.listing.wants(one.pid));
                let rows =
                    wanted.map(|process| processes::row(checkpoint, process, Extent { depth: 0, environ }));
                return writer.list(&processes::PROCESSES, rows.map(Ok));
            }
            let tree = checkpoint.process_tree();
            let rows = tree.iter().map(|branch| {
                processes::row(checkpoint, branch.process, Extent { depth: branch.depth, environ })
            });
            writer.list(&processes::PROCESSES, rows.map(Ok))
        })
    }
}
