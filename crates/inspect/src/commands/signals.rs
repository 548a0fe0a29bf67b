//! `icecore signals`: what is pending, ignored and caught, and the timers.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::signals;

/// Arguments of `signals`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "signals fixtures/podman-pod/front.tar.zst",
        "signals fixtures/s390x/checkpoint.tar.gz --format json | jq .processes[].pending",
    ];

    const ANSWER: Answer = Answer::Lists(&[&signals::SIGNALS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, &[signals::LIST])
    }
}
