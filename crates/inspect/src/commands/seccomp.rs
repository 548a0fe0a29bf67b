//! `icecore seccomp`: the filters that decide on system calls.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::seccomp;

/// Arguments of `seccomp`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "seccomp fixtures/kitchen-sink/checkpoint.tar.gz",
        "seccomp fixtures/kitchen-sink/checkpoint.tar.gz --format json | jq .filters[].program",
    ];

    const ANSWER: Answer = Answer::Lists(&[&seccomp::FILTERS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, &[seccomp::LIST, seccomp::PEOPLE])
    }
}
