//! `icecore maps`: the areas of address spaces, as `pmap -X` would list them, and how much of each is where.

use icecore::archive::Keep;
use icecore::memory::AreaKind;

use super::Run;
use crate::answer::Answer;
use crate::arguments::area_kinds;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::maps;

/// Arguments of `maps`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only areas of these kinds
    #[arg(short, long = "kind", value_name = "KIND", value_delimiter = ',', value_parser = area_kinds())]
    kinds: Vec<String>,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "maps fixtures/minimal/checkpoint.tar",
        "maps fixtures/podman-pod/front.tar.zst -p 1 --kind heap,stack,shared-anon",
        "maps fixtures/minimal/checkpoint.tar --format json | jq .maps[].pages",
    ];

    const ANSWER: Answer = Answer::Lists(&[&maps::MAPS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (kinds, ask) = (&self.kinds, self.listing.ask());
        let wanted = |kind: AreaKind| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind.name());
        self.listing.run(io, &Keep::Files, false, |checkpoint, writer| {
            writer.list(&maps::MAPS, maps::rows(checkpoint, &ask, wanted).map(Ok))
        })
    }
}
