//! `icecore creds`: who each thread is and what it may do.

use icecore::archive::Keep;

use super::Run;
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

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let wanted = checkpoint.processes().iter().filter(|process| self.listing.wants(process.pid));
            let rows = wanted.flat_map(|process| {
                process.threads.iter().map(|thread| Ok(credentials::row(process, thread)))
            });
            writer.list(&credentials::CREDENTIALS, rows)
        })
    }
}
