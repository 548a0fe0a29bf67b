//! `icecore timeline`: every time stamp, in order.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use icecore::Checkpoint;
use icecore::archive::{Keep, Timestamp};
use icecore_analysis::timeline::{EventKind, Filter, write_body_file};

use super::Run;
use crate::answer::Answer;
use crate::arguments::{Input, Inputs, ReadOptions, TableOptions, instant};
use crate::documents::{Answers, Opened};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::opening;
use crate::output::destination::Destination;
use crate::views::timeline as view;

/// Arguments of `timeline`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Only these kinds: container-created, file-modified, log …
    #[arg(short, long = "kind", value_name = "KIND", value_delimiter = ',', value_parser = kinds())]
    kinds: Vec<String>,
    /// Only events at this time or later, such as 2026-11-25 or 2026-11-25T20:30:46Z
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<Timestamp>,
    /// Only events before this time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Timestamp>,
    /// Write a body file for mactime of The Sleuth Kit: a line a file, without messages of logs
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "columns", "kinds", "since", "until"])]
    body: Option<PathBuf>,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    table: TableOptions,
}

fn kinds() -> clap::builder::PossibleValuesParser {
    EventKind::ALL.map(EventKind::name).into()
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "timeline fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar",
        "timeline fixtures/podman-precopy/relay-final.tar.zst --kind file-modified,container-started --format csv",
        "timeline fixtures/podman-precopy/relay-final.tar.zst --body /tmp/relay.body",
    ];

    const ANSWER: Answer = Answer::Lists(&[&view::EVENTS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let mut opened = Vec::new();
        for input in self.inputs.checked()? {
            let checkpoints = opening::containers(input, &self.read, Keep::Everything, io)?;
            opened.extend(checkpoints.into_iter().map(|checkpoint| (input, checkpoint)));
        }
        match &self.body {
            Some(path) => self.body(path, &opened, io),
            None => self.list(opened, io),
        }
    }
}

impl Arguments {
    fn list(&self, opened: Opened<'_>, io: &mut Io<'_>) -> Result<Exit, Error> {
        let answers = Answers { table: &self.table, inputs: &self.inputs.archives, several_lists: false };
        answers.write(opened, io, |checkpoint, writer| {
            writer.list(&view::EVENTS, view::rows(checkpoint, &self.filter()))
        })
    }

    fn filter(&self) -> Filter {
        let is_named = |kind: &EventKind| self.kinds.iter().any(|name| name == kind.name());
        let kinds = EventKind::ALL.into_iter().filter(is_named).collect();
        Filter { kinds, since: self.since, until: self.until }
    }

    /// Writes one body file for all containers, as mactime sorts it anyway.
    fn body(&self, path: &Path, opened: &[(&Input, Checkpoint)], io: &mut Io<'_>) -> Result<Exit, Error> {
        let mut file = Destination::open(Some(path), &mut *io.out, &self.inputs.archives)?;
        for (_, checkpoint) in opened {
            let written = write_body_file(checkpoint, &mut file);
            written.map_err(|error| file.error(error))?;
        }
        let flushed = file.flush();
        flushed.map_err(|error| file.error(error))?;
        Ok(Exit::Done)
    }
}
