//! `icecore ps`: the processes, as a tree.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::{processes, signals, threads};

/// Arguments of `ps`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// The threads of each process instead
    #[arg(short = 'T', long, conflicts_with_all = ["env", "flat"])]
    threads: bool,
    /// The signals of each process instead: pending, ignored, caught
    #[arg(long, conflicts_with_all = ["threads", "env", "flat"])]
    signals: bool,
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

    const ANSWER: Answer = Answer::Lists(&[&processes::PROCESSES, &threads::THREADS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        if self.threads {
            return self.listing.lists(io, &[threads::LIST]);
        }
        if self.signals {
            return self.listing.lists(io, &[signals::LIST]);
        }
        let mut ask = self.listing.ask();
        ask.for_people &= !self.flat;
        // Arguments are in memory that no file is behind.
        self.listing.without_rootfs().run(io, &processes::LIST.needs.keep(), false, |checkpoint, writer| {
            let rows = processes::rows(checkpoint, &ask, self.env);
            writer.list(&processes::PROCESSES, rows)
        })
    }
}
