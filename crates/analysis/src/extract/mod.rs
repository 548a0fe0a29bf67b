//! Taking files out of a checkpoint, so that nothing of it can do harm.
//!
//! A [`Plan`] walks the files of a checkpoint and hands each to a [`Sink`] with a place that was made from its name and
//! leads nowhere else. What is not written (links, devices and pipes unless they are asked for, what the archive does not
//! hold) is told like the rest, so that the list of [`Extracted`] is a manifest of everything.
//!
//! - Places are `ORIGIN/PATH` with safe names; no two are alike, also where a file system folds case.
//! - Files keep set-user-ID, set-group-ID and sticky bits, and their owners, only if that is asked for.
//! - Further names come behind all files, and symbolic links last, so that nothing is ever written through one.
//! - A further name of a file is a hard link to the first that was written, or a copy.

mod copy;
mod names;
mod sink;
mod tar;
mod work;

use std::io;

use bstr::BString;
use icecore::Checkpoint;
use icecore::filesystem::{Entry, FileType, Filesystem};
use icecore::namespaces::{Namespaces, Owner, Side};
use serde::Serialize;

pub use self::copy::copy;
pub use self::names::unescape;
pub use self::sink::{Facts, Failure, Sink, Special, Written};
pub use self::tar::TarSink;
use crate::hashes::{Sha256, stored};
use work::{Work, key};

/// What is taken out, and what of it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only files at these absolute paths and below them, those that only the image has too, if its files are at hand;
    /// without any, all that the archive holds.
    pub paths: Vec<BString>,
    /// Make symbolic links, as they are.
    pub links: bool,
    /// Make devices and named pipes.
    pub special: bool,
    /// Keep set-user-ID, set-group-ID and sticky bits.
    pub set_id: bool,
    /// Give files their owners, by the numbers of this side of the container's user namespace.
    pub owners: Option<Side>,
    /// Do not make sums.
    pub no_sums: bool,
}

/// What became of a file.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Extracted<'a> {
    /// The file.
    pub entry: Entry<'a>,
    /// Its place; `None`: it was not written.
    pub place: Option<String>,
    /// Its sum, if it was written and sums are made.
    pub sha256: Option<Sha256>,
    /// Why it was not written, or not with all that it has.
    pub why: Option<String>,
    /// Its owner as the container saw it; `None` if that is not stored, or has no number there.
    pub inside: Option<Owner>,
    /// Its owner as the machine had it, likewise.
    pub outside: Option<Owner>,
}

/// What is taken out of a checkpoint.
#[derive(Debug)]
pub struct Plan<'a> {
    filesystem: &'a Filesystem,
    namespaces: &'a Namespaces,
    options: Options,
}

impl<'a> Plan<'a> {
    /// Plans what to take out of a checkpoint.
    pub fn new(checkpoint: &'a Checkpoint, options: Options) -> Self {
        Self { filesystem: checkpoint.filesystem(), namespaces: checkpoint.namespaces(), options }
    }

    /// Does it: each step takes one file out and tells what became of it. Ends behind the first error of the sink.
    pub fn run<'p>(&'p self, sink: &'p mut dyn Sink) -> impl Iterator<Item = io::Result<Extracted<'a>>> + 'p {
        let firsts = self
            .entries(Turn::Names)
            .filter_map(|entry| entry.same_as.as_ref().map(|first| key(&entry, first)));
        let mut work = Work::new(&self.options, self.namespaces, sink, firsts.collect());
        // What links lead to is written by then, and nothing is ever written where a symbolic link may be.
        let all = [Turn::Files, Turn::Names, Turn::Links].into_iter().flat_map(|turn| self.entries(turn));
        all.map_while(move |entry| work.step(entry))
    }

    /// About how many bytes of files it writes. Takes as long as opening all of them.
    pub fn total(&self) -> u64 {
        let files = self.entries(Turn::Files).filter(Entry::is_file);
        let contents = files.filter_map(|entry| entry.content().ok());
        contents.fold(0, |sum, content| sum.saturating_add(stored(content.as_ref())))
    }

    fn entries(&self, turn: Turn) -> impl Iterator<Item = Entry<'a>> {
        let wanted = self.options.paths.clone();
        let of_image = self.filesystem.of_image().filter(|_| !self.options.paths.is_empty());
        let entries = self.filesystem.entries().chain(of_image).filter(move |entry| Turn::of(entry) == turn);
        entries.filter(move |entry| is_wanted(&wanted, &entry.path))
    }
}

/// When an entry is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Files and directories.
    Files,
    /// Further names of files.
    Names,
    /// Symbolic links.
    Links,
}

impl Turn {
    fn of(entry: &Entry<'_>) -> Self {
        match (entry.file_type, &entry.same_as) {
            (FileType::Symlink, _) => Self::Links,
            (_, Some(_)) => Self::Names,
            _ => Self::Files,
        }
    }
}

/// Whether a path is one of those, or below one; without any, all are.
pub fn is_wanted(wanted: &[BString], path: &[u8]) -> bool {
    let holds = |above: &BString| {
        let rest = path.strip_prefix(above.as_slice());
        above == "/" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    wanted.is_empty() || wanted.iter().any(holds)
}
