//! `icecore fs cat`: the bytes of files, by the paths that the container had for them.

use std::ffi::OsString;
use std::io::{self, Write as _};

use bstr::BString;
use icecore::Checkpoint;
use icecore::archive::{Keep, Reader, SharedSource};
use icecore::filesystem::Found;

use super::question::paths;
use crate::arguments::{OneInput, OutputOptions, ReadOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::{Raw, escape};
use crate::views::entries;
use crate::{diagnostics, opening};

/// Arguments of `fs cat`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: OneInput,
    /// Paths of the container; of a file of memory, the one that `fs find` shows
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<OsString>,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let input = &self.input.archive;
        let checkpoint = &opening::checkpoint(input, &self.read, Keep::Everything, io)?;
        let mut sources = Vec::new();
        for path in paths(&self.paths) {
            match content(checkpoint, &path) {
                Ok(source) => sources.push(source),
                Err(why) => {
                    let _ = writeln!(io.err, "icecore: {}: {}", escape::field(&path), escape::line(&why));
                    return Ok(Exit::No);
                }
            }
        }
        let mut raw = Raw::open(io, &self.output, std::slice::from_ref(input))?;
        let mut watched = raw.watched(|| {
            let lengths = sources.iter().map(|source| source.len());
            let what = format!("reading {}", opening::title(checkpoint));
            (what, Some(lengths.fold(0, u64::saturating_add)))
        });
        let copy = |source: &SharedSource| io::copy(&mut Reader::new(source.clone()), &mut watched).map(drop);
        let copied = sources.iter().try_for_each(copy);
        drop(watched);
        copied.map_err(|error| raw.error(error))?;
        raw.flush().map_err(|error| raw.error(error))?;
        raw.finish()?;
        Ok(diagnostics::tell(&diagnostics::of_checkpoint(checkpoint), &self.output, io))
    }
}

/// The content at a path, or why it cannot be had.
fn content(checkpoint: &Checkpoint, path: &BString) -> Result<SharedSource, String> {
    let at = checkpoint.tree().follow(path);
    let unseen = || checkpoint.filesystem().unseen_at(path).next();
    if let Some(entry) = at.entry().cloned().or_else(unseen) {
        return entry.content().map_err(|error| match error {
            // The path stands in front of it already.
            icecore::Error::NoContent { why, .. } => why,
            other => other.to_string(),
        });
    }
    Err(match at.found {
        Found::Absent(absent) => entries::why(&absent).into_owned(),
        _ => "is a directory".to_owned(),
    })
}
