//! `icecore creds`: who each thread is and what it may do.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::credentials;

/// Arguments of `creds`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "creds fixtures/podman-pod/front.tar.zst",
        "creds fixtures/minimal/checkpoint.tar --format json | jq .threads[].cap_eff_names",
    ];

    const ANSWER: Answer = Answer::Lists(&[&credentials::CREDENTIALS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, &[credentials::LIST])
    }
}
