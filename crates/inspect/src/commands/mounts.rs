//! `icecore mounts`: the mount tree, as `findmnt` would show it.

use icecore::archive::Keep;
use icecore::mounts::Mount;

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::mounts;

/// Arguments of `mounts`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only mounts whose content is not the container's own: bound from the host, or handed in on restore
    #[arg(short, long)]
    external: bool,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "mounts fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar",
        "mounts --external fixtures/podman-pod/front.tar.zst --columns mountpoint,host_source",
    ];

    const ANSWER: Answer = Answer::Lists(&[&mounts::MOUNTS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let wanted: fn(&Mount) -> bool = if self.external { Mount::is_external } else { |_| true };
            let rows = mounts::rows(checkpoint, &self.listing.processes, wanted);
            writer.list(&mounts::MOUNTS, rows.map(Ok))
        })
    }
}
