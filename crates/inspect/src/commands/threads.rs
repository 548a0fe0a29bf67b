//! `icecore threads`: registers and system calls.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::threads;

/// Arguments of `threads`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "threads fixtures/podman-pod/front.tar.zst",
        "threads fixtures/s390x/checkpoint.tar.gz -p 1 --format json | jq .threads[].registers",
    ];

    const ANSWER: Answer = Answer::Lists(&[&threads::THREADS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, &[threads::LIST])
    }
}
