//! `icecore ipc`: SysV objects, as `ipcs` would list them.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::ipc;

/// Arguments of `ipc`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Also list the limits of each namespace
    #[arg(short, long)]
    limits: bool,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "ipc fixtures/s390x/checkpoint.tar.gz",
        "ipc fixtures/s390x/checkpoint.tar.gz --format json | jq .semaphores[].values",
    ];

    const ANSWER: Answer = Answer::Lists(&ipc::TABLES);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, if self.limits { &ipc::LISTS } else { &ipc::SHORT })
    }
}
