//! `icecore search`: where bytes are in memory, and who sees them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use bstr::{BString, ByteSlice as _};
use clap::builder::PossibleValuesParser;
use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore_analysis::Meter;
use icecore_analysis::search::{self, Hit, MAX_MATCH, Needles, Pattern, Place, Search};

use super::Run;
use crate::answer::Answer;
use crate::arguments::{Format, MemoryFilter, byte_count};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::opening;
use crate::output::Writer;
use crate::output::human;
use crate::scan::scan;
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
    /// Search for what this expression over bytes matches; ^ and $ are the ends of what is known without a gap
    #[arg(short = 'r', long = "regex", value_name = "REGEX")]
    regexes: Vec<String>,
    /// Search for the texts in this file, one a line
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take upper and lower case of ASCII letters for the same, in texts and expressions
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
    /// The longest match of an expression that is sure to be found; where its bytes are stored in one piece, what is found
    /// has its length of up to 8 MiB whatever this says [default: 64K]
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
        let tally = Tally::default();
        let exit = self.listing.run(io, &Keep::Everything, false, |checkpoint, writer| {
            self.one(checkpoint, &needles, &tally, writer)
        })?;
        if self.listing.table.format == Format::Text {
            self.tell(&needles, &tally, io);
        }
        Ok(if exit == Exit::Done && tally.hits.get() == 0 { Exit::No } else { exit })
    }
}

/// What was found and searched, in all containers.
#[derive(Debug, Default)]
struct Tally {
    hits: Cell<u64>,
    bytes: Cell<u64>,
}

impl Tally {
    fn add(&self, hits: u64, bytes: u64) {
        self.hits.set(self.hits.get().saturating_add(hits));
        self.bytes.set(self.bytes.get().saturating_add(bytes));
    }
}

/// The most that `--max-match` may be, as so much is held back at every border.
const LONGEST: usize = 64 << 20;

impl Arguments {
    fn patterns(&self) -> Result<Vec<Pattern>, Error> {
        let mut texts: Vec<BString> = self.texts.iter().map(|text| text.as_str().into()).collect();
        for path in &self.files {
            let file = fs::read(path).map_err(|source| Error::Input {
                archive: path.display().to_string(),
                source: Box::new(source),
            })?;
            texts.extend(file.lines().filter(|line| !line.is_empty()).map(BString::from));
        }
        // What is given twice is found once.
        let mut seen = BTreeSet::new();
        texts.retain(|text| seen.insert(text.clone()));
        let usage = |error: search::BadPattern| Error::Usage(error.to_string());
        let mut patterns: Vec<Pattern> = texts.iter().map(Pattern::literal).collect();
        if self.utf16 {
            let readable = texts.iter().filter_map(|text| text.to_str().ok());
            patterns.extend(readable.flat_map(Pattern::utf16));
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
        tally: &Tally,
        writer: &mut Writer<'_>,
    ) -> Result<(), Error> {
        let pids = checkpoint.pids_with_memory().into_iter().filter(|pid| self.listing.wants(*pid));
        let pids: Vec<_> = pids.collect();
        let mut places = self.places();
        // A filter of no process would mean all.
        places.retain(|place| *place != Place::Memory || !pids.is_empty());
        let meter = Meter::default();
        let pids = if self.listing.processes.wants_all() { Vec::new() } else { pids };
        let filter = self.memory.filter(pids);
        let search = Search::new(checkpoint, needles).filter(filter).places(&places).meter(&meter);
        let progress =
            writer.progress(|| (format!("searching {}", opening::title(checkpoint)), Some(search.total())));
        let left = self.max_count.map_or(u64::MAX, |most| most.saturating_sub(tally.hits.get()));
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let find = |give: &mut dyn FnMut(Hit) -> bool| {
            let _ = search.hits().take(left).all(give);
        };
        let mut counts = vec![0; needles.len()];
        scan(&meter, &progress, find, |found| {
            let counted = found.inspect(|hit| {
                let pattern = hit.as_ref().map(|hit| hit.pattern);
                if let Some(count) = pattern.and_then(|pattern| counts.get_mut(pattern)) {
                    *count = u64::saturating_add(*count, 1);
                }
            });
            if self.count {
                counted.for_each(drop);
                return Ok(());
            }
            let rows = counted.map(|hit| Ok(hit.map(|hit| view::hit(&hit, needles))));
            writer.list_with_pauses(&view::HITS, rows)
        })?;
        tally.add(counts.iter().fold(0, |sum, count| sum.saturating_add(*count)), meter.done());
        if self.count { Self::count(&counts, needles, writer) } else { Ok(()) }
    }

    /// Writes how often each was found, a text in all its encodings as one.
    fn count(counts: &[u64], needles: &Needles, writer: &mut Writer<'_>) -> Result<(), Error> {
        let mut together = BTreeMap::new();
        for (pattern, count) in counts.iter().enumerate() {
            let sum = together.entry(needles.words(pattern)).or_insert(0);
            *sum = u64::saturating_add(*sum, *count);
        }
        let rows = together.into_iter().map(|(pattern, count)| Ok(view::count(pattern, count, needles)));
        writer.list(&view::COUNTS, rows)
    }

    /// Says how much was searched, which an answer without hits does not.
    fn tell(&self, needles: &Needles, tally: &Tally, io: &mut Io<'_>) {
        let found = tally.hits.get();
        let hits = human::count(found, "hit", "hits");
        let the_first = if self.max_count.is_some_and(|most| found >= most) { "the first " } else { "" };
        let places: Vec<&str> = self.places().into_iter().map(Place::name).collect();
        let longest = needles.max_match().map(|most| {
            format!("; of expressions, matches of up to {} are sure to be found", human::size(most as u64))
        });
        // Nobody can be told that nobody can be told.
        let _ = writeln!(
            io.err,
            "{hits} in {the_first}{} of {}{}",
            human::size(tally.bytes.get()),
            places.join(", "),
            longest.unwrap_or_default()
        );
    }
}

fn place_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Place::ALL.iter().map(|place| place.name()).chain(["all"]))
}
