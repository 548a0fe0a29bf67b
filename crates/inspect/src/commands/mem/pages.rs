//! `icecore mem pages`: where the bytes of each piece of memory are.

use icecore::archive::Keep;
use icecore::memory::PageSource;

use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::memory;

/// Arguments of `mem pages`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only pieces from these sources
    #[arg(long = "source", value_name = "SOURCE", value_delimiter = ',', value_parser = sources())]
    sources: Vec<String>,
}

fn sources() -> clap::builder::PossibleValuesParser {
    PageSource::ALL.map(PageSource::name).into()
}

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let ask = self.listing.ask();
        self.listing.run(io, &Keep::Files, false, |checkpoint, writer| {
            let wanted = |source: PageSource| {
                self.sources.is_empty() || self.sources.iter().any(|wanted| wanted == source.name())
            };
            writer.list(&memory::RUNS, memory::runs(checkpoint, &ask, wanted).map(Ok))
        })
    }
}
