//! `icecore strings`: the texts in memory.

use std::ops::ControlFlow;

use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore_analysis::strings::{self, Encoding};

use super::Run;
use crate::answer::Answer;
use crate::arguments::MemoryFilter;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::output::Row;
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
        self.listing.run(io, &Keep::Everything, false, |checkpoint, writer| {
            let pids = checkpoint.pids_with_memory().into_iter().filter(|pid| self.listing.wants(*pid));
            let both = pids.flat_map(|pid| encodings.iter().map(move |encoding| (pid, *encoding)));
            // One process and encoding at a time: what waits to be written is never more.
            let rows = both.flat_map(|(pid, encoding)| self.rows(checkpoint, pid, encoding));
            writer.list(&view::STRINGS, rows.map(Ok))
        })
    }
}

fn encoding(name: &str) -> Result<Encoding, Error> {
    let found = Encoding::ALL.into_iter().find(|encoding| encoding.name() == name);
    let unknown = || Error::Usage(format!("no encoding `{name}`; there is ascii, utf-8, utf-16le, utf-16be"));
    found.ok_or_else(unknown)
}

impl Arguments {
    fn rows(&self, checkpoint: &Checkpoint, pid: icecore::Pid, encoding: Encoding) -> Vec<Row> {
        let Ok(memory) = checkpoint.memory(pid) else { return Vec::new() };
        let mut rows = Vec::new();
        let filter = self.memory.filter(vec![pid]);
        let _ = strings::strings(&memory, encoding, self.least, &filter, &mut |text| {
            rows.push(view::text(&memory, text));
            ControlFlow::Continue(())
        });
        rows
    }
}
