//! `icecore limits`: the resource limits.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::limits;

/// Arguments of `limits`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "limits fixtures/minimal/checkpoint.tar -p 1",
        "limits fixtures/podman-pod/front.tar.zst --format json | jq .processes[0].limits",
    ];

    const ANSWER: Answer = Answer::Lists(&[&limits::OF_PROCESSES]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, &[limits::LIST, limits::PEOPLE])
    }
}
