//! `icecore net`: devices, addresses, routes, rules and firewall, as `ip` would show them.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::net;

/// Arguments of `net`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Also list the sysctls of each device
    #[arg(short, long)]
    sysctls: bool,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "net fixtures/s390x/checkpoint.tar.gz",
        "net --sysctls fixtures/s390x/checkpoint.tar.gz --format json | jq .interfaces[].name",
    ];

    const ANSWER: Answer = Answer::Lists(&net::TABLES);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, if self.sysctls { &net::LISTS } else { &net::SHORT })
    }
}
