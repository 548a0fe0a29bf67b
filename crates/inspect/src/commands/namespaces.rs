//! `icecore namespaces`: what separates the processes from the host and from each other.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::namespaces;

/// Arguments of `namespaces`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "namespaces fixtures/user-namespace/checkpoint.tar.xz",
        "namespaces fixtures/kitchen-sink/checkpoint.tar.gz --format json | jq .namespaces[].processes",
    ];

    const ANSWER: Answer = Answer::Lists(&[&namespaces::NAMESPACES]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, &[namespaces::LIST])
    }
}
