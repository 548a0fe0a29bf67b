//! `icecore strings`: the texts in memory.

use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore_analysis::Meter;
use icecore_analysis::strings::{Encoding, strings};

use super::Run;
use crate::answer::Answer;
use crate::arguments::MemoryFilter;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::opening;
use crate::output::{Row, Writer};
use crate::scan::scan;
use crate::views::search as view;

/// Arguments of `strings`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// The fewest characters of a text
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 4)]
    least: usize,
    /// How characters are stored: ascii, utf-8, utf-16le, utf-16be; repeat it for several
    #[arg(long = "encoding", value_name = "ENCODING", value_delimiter = ',', default_value = "ascii")]
    encodings: Vec<String>,
    #[command(flatten)]
    memory: MemoryFilter,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "strings fixtures/minimal/checkpoint.tar -p 1 --kind heap",
        "strings fixtures/minimal/checkpoint.tar -n 8 --encoding utf-8,utf-16le --format jsonl | jq .text",
    ];

    const ANSWER: Answer = Answer::Lists(&[&view::STRINGS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let encodings = self.encodings.iter().map(|name| encoding(name)).collect::<Result<Vec<_>, _>>()?;
        self.listing
            .run(io, &Keep::Everything, false, |checkpoint, writer| self.one(checkpoint, &encodings, writer))
    }
}

fn encoding(name: &str) -> Result<Encoding, Error> {
    let found = Encoding::ALL.into_iter().find(|encoding| encoding.name() == name);
    let unknown = || Error::Usage(format!("no encoding `{name}`; there is ascii, utf-8, utf-16le, utf-16be"));
    found.ok_or_else(unknown)
}

impl Arguments {
    fn one(
        &self,
        checkpoint: &Checkpoint,
        encodings: &[Encoding],
        writer: &mut Writer<'_>,
    ) -> Result<(), Error> {
        let filter = self.memory.filter(Vec::new());
        let pids = checkpoint.pids_with_memory().into_iter().filter(|pid| self.listing.wants(*pid));
        let memories: Vec<_> = pids.filter_map(|pid| checkpoint.memory(pid).ok()).collect();
        let meter = Meter::default();
        let progress = writer.progress(|| {
            let once = memories.iter().fold(0_u64, |sum, memory| sum.saturating_add(filter.length(memory)));
            let all = once.saturating_mul(encodings.len() as u64);
            (format!("reading {}", opening::title(checkpoint)), Some(all))
        });
        let find = |give: &mut dyn FnMut(Row) -> bool| {
            let mut both = memories.iter().flat_map(|memory| encodings.iter().map(move |it| (memory, *it)));
            let _ = both.all(|(memory, encoding)| {
                let texts = strings(memory, encoding, self.least, &filter, Some(&meter));
                texts.map(|text| view::text(memory, text)).all(&mut *give)
            });
        };
        scan(&meter, &progress, find, |rows| writer.list_with_pauses(&view::STRINGS, rows.map(Ok)))
    }
}
