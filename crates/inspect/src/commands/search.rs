//! `icecore search`: where bytes are in memory, and who sees them.

use std::cell::Cell;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use clap::builder::PossibleValuesParser;
use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore_analysis::search::{self, MAX_MATCH, Needles, Pattern, Place};

use super::Run;
use crate::answer::Answer;
use crate::arguments::{MemoryFilter, byte_count};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::output::Writer;
use crate::row;
use crate::views::search as view;

/// Arguments of `search`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Search for this text
    #[arg(short = 'e', long = "text", value_name = "TEXT")]
    texts: Vec<String>,
    /// Search for these bytes in hexadecimal; ?? is any byte
    #[arg(short = 'x', long = "hex", value_name = "HEX")]
    bytes: Vec<String>,
    /// Search for what this expression over bytes matches
    #[arg(short = 'r', long = "regex", value_name = "REGEX")]
    regexes: Vec<String>,
    /// Search for the texts in this file, one a line
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take upper and lower case of ASCII letters for the same
    #[arg(short, long)]
    ignore_case: bool,
    /// Search for texts in UTF-16 too, of both byte orders
    #[arg(long)]
    utf16: bool,
    /// Only say how often each was found
    #[arg(long)]
    count: bool,
    /// Stop after so many hits
    #[arg(short = 'm', long, value_name = "NUMBER")]
    max_count: Option<u64>,
    /// The longest match of an expression that is found where it crosses borders [default: 64K]
    #[arg(long, value_name = "BYTES", value_parser = byte_count)]
    max_match: Option<u64>,
    /// Where to search: memory, files, queues, logs, documents, stale (pages files that nothing refers to), or all of
    /// them [default: all but stale; only memory, if -p or a filter of memory is given]
    #[arg(long = "in", value_name = "PLACE", value_delimiter = ',', value_parser = place_names())]
    places: Vec<String>,
    #[command(flatten)]
    memory: MemoryFilter,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "search fixtures/minimal/checkpoint.tar -e lantern",
        "search fixtures/podman-pod/front.tar.zst -e served --in files,logs",
        "search fixtures/minimal/checkpoint.tar -r password.{1,40} --format json | jq .hits[].owners",
    ];

    const ANSWER: Answer = Answer::Lists(&[&view::HITS, &view::COUNTS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let patterns = self.patterns()?;
        let longest = self.max_match.map_or(MAX_MATCH, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        let needles = Needles::with_max_match(&patterns, longest.min(LONGEST))
            .map_err(|error| Error::Usage(error.to_string()))?;
        let found = Cell::new(0_u64);
        let exit = self.listing.run(io, &Keep::Everything, false, |checkpoint, writer| {
            self.one(checkpoint, &needles, &found, writer)
        })?;
        Ok(if exit == Exit::Done && found.get() == 0 { Exit::No } else { exit })
    }
}

/// The most that `--max-match` may be, as so much is held back at every border.
const LONGEST: usize = 64 << 20;

impl Arguments {
    fn patterns(&self) -> Result<Vec<Pattern>, Error> {
        let mut texts = self.texts.clone();
        for path in &self.files {
            let file = fs::read_to_string(path).map_err(|source| Error::Input {
                archive: path.display().to_string(),
                source: Box::new(source),
            })?;
            texts.extend(file.lines().filter(|line| !line.is_empty()).map(str::to_owned));
        }
        let usage = |error: search::BadPattern| Error::Usage(error.to_string());
        let mut patterns: Vec<Pattern> = texts.iter().map(Pattern::literal).collect();
        if self.utf16 {
            patterns.extend(texts.iter().flat_map(|text| Pattern::utf16(text)));
        }
        for hex in &self.bytes {
            patterns.push(Pattern::hex(hex).map_err(usage)?);
        }
        patterns.extend(self.regexes.iter().map(Pattern::regex));
        if patterns.is_empty() {
            return Err(Error::Usage("nothing to search for: give -e, -x, -r or -f".to_owned()));
        }
        let cased = |pattern: Pattern| if self.ignore_case { pattern.ignoring_case() } else { pattern };
        Ok(patterns.into_iter().map(cased).collect())
    }

    fn places(&self) -> Vec<Place> {
        let all = || Place::ALL.into_iter();
        let named = |place: &Place| self.places.iter().any(|name| name == "all" || name == place.name());
        match self.places.is_empty() {
            false => all().filter(named).collect(),
            true if !self.listing.processes.wants_all() || self.memory.is_given() => vec![Place::Memory],
            true => all().filter(|place| *place != Place::Stale).collect(),
        }
    }

    fn one(
        &self,
        checkpoint: &Checkpoint,
        needles: &Needles,
        found: &Cell<u64>,
        writer: &mut Writer<'_>,
    ) -> Result<(), Error> {
        let pids = checkpoint.pids_with_memory().into_iter().filter(|pid| self.listing.wants(*pid));
        let pids: Vec<_> = pids.collect();
        let places = self.places();
        // A filter of no process would mean all.
        let in_memory = places.contains(&Place::Memory) && !pids.is_empty();
        let seen = if in_memory { pids.clone() } else { Vec::new() };
        let filter = self.memory.filter(pids);
        let left = self.max_count.map_or(u64::MAX, |most| most.saturating_sub(found.get()));
        let mut counts = vec![0_u64; needles.len()];
        thread::scope(|scope| {
            // Hits are written while the search goes on; it waits where writing is slower.
            let (sender, receiver) = mpsc::sync_channel(AHEAD);
            scope.spawn(move || {
                let mut send = |hit| match sender.send(hit) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                };
                let ended = !in_memory || search::search(checkpoint, needles, &filter, &mut send);
                if ended {
                    search::search_beyond(checkpoint, needles, &places, &seen, &mut send);
                }
            });
            let hits = receiver.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX));
            let counted = hits.inspect(|hit| {
                found.set(found.get().saturating_add(1));
                if let Some(count) = counts.get_mut(hit.pattern) {
                    *count = count.saturating_add(1);
                }
            });
            if self.count {
                counted.for_each(drop);
                return Ok(());
            }
            writer.list(&view::HITS, counted.map(|hit| Ok(view::hit(&hit, needles))))
        })?;
        if self.count {
            let counts = counts.iter().enumerate();
            let row = |(index, count): (usize, &u64)| Ok(row![needles.name(index).to_owned(), *count]);
            writer.list(&view::COUNTS, counts.map(row))?;
        }
        Ok(())
    }
}

fn place_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Place::ALL.iter().map(|place| place.name()).chain(["all"]))
}

/// Hits that are found ahead of those that are written.
const AHEAD: usize = 256;
