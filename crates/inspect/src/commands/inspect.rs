//! `icecore inspect`: everything about a container in one document.

use clap::builder::PossibleValuesParser;

use super::Run;
use crate::answer::Answer;
use crate::arguments::Format;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::list::Needs;
use crate::listing::Listing;
use crate::output::Object;
use crate::sections::{SECTIONS, Section};
use crate::views::show;

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only these sections, by the names that JSON has for them; `runs` is shown only if it is named
    #[arg(short, long = "section", value_name = "NAME", value_delimiter = ',', value_parser = names())]
    sections: Vec<String>,
}

/// The section that is no list: what `show` shows.
const CHECKPOINT: &str = "checkpoint";

/// The names of sections.
fn names() -> PossibleValuesParser {
    let names = SECTIONS.iter().flat_map(|section| section.names());
    PossibleValuesParser::new([CHECKPOINT].into_iter().chain(names))
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "inspect fixtures/podman-pod/front.tar.zst --section processes,files",
        "inspect fixtures/minimal/checkpoint.tar --format json | jq .processes[0].limits",
        "inspect fixtures/s390x/checkpoint.tar.gz --format jsonl",
    ];

    const ANSWER: Answer = Answer::Everything;

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let sections: Vec<&Section> =
            SECTIONS.iter().filter(|section| section.is_wanted(&self.sections)).collect();
        let lists = || sections.iter().flat_map(|section| section.lists());
        let (needs, is_of_image) = (Needs::of(lists()), lists().any(|list| list.is_of_image));
        let listing = self.listing.clone();
        let listing = if is_of_image { listing } else { listing.without_rootfs() };
        let ask = listing.ask();
        listing.run(io, &needs.keep(), true, |checkpoint, writer| {
            if self.is_wanted(CHECKPOINT) {
                let object = Object::new().with(CHECKPOINT, show::object(checkpoint));
                writer.object(&object, |out, style| show::page(checkpoint, out, style))?;
            }
            sections.iter().try_for_each(|section| section.write(checkpoint, &ask, &self.sections, writer))
        })
    }
}

impl Arguments {
    fn is_wanted(&self, name: &str) -> bool {
        let is_csv = self.listing.table.format == Format::Csv;
        // A table of keys and values is of no use between others.
        !is_csv && (self.sections.is_empty() || self.sections.iter().any(|wanted| wanted == name))
    }
}
