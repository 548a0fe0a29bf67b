//! `icecore limits`: the resource limits.

use icecore::archive::Keep;

use super::Run;
use crate::arguments::Format;
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

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let all = checkpoint.processes().iter();
            let wanted = all.filter(|process| self.listing.wants(process.pid) && !process.is_zombie());
            if self.listing.table.format == Format::Text {
                let rows = wanted
                    .flat_map(|process| process.limits.iter().map(|limit| Ok(limits::row(process, limit))));
                return writer.list(&limits::LIMITS, rows);
            }
            writer.list(&limits::OF_PROCESSES, wanted.map(|process| Ok(limits::row_of_process(process))))
        })
    }
}
