//! Taking files out of a checkpoint, so that nothing of it can do harm.
//!
//! A [`Plan`] walks the files of a checkpoint and hands each to a [`Sink`] with a place that was made from its name and
//! leads nowhere else. What is not written (devices, FIFOs, links unless they are asked for, what the archive does not
//! hold) is told like the rest, so that the list of [`Extracted`] is a manifest of everything.
//!
//! - Places are `ORIGIN/PATH` with safe names; no two are alike, also where a file system folds case.
//! - Files never keep set-user-ID, set-group-ID or sticky bits unless asked, and never their owners.
//! - Further names come behind all files, and symbolic links last, so that nothing is ever written through one.
//! - A further name of a file is a hard link to the first that was written, or a copy.

mod copy;
mod names;
mod tar;

use std::collections::{HashMap, HashSet};
use std::io;

use bstr::BString;
use icecore::archive::{SharedSource, Timestamp};
use icecore::filesystem::{Entry, FileType, Filesystem};
use serde::Serialize;

pub use self::copy::{Failure, copy};
pub use self::names::unescape;
pub use self::tar::TarSink;
use crate::hashes::Sha256;
use names::Names;

/// What is taken out, and what of it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only files at these absolute paths and below them, those that only the image has too, if its files are at hand;
    /// without any, all that the archive holds.
    pub paths: Vec<BString>,
    /// Make symbolic links, as they are.
    pub links: bool,
    /// Keep set-user-ID, set-group-ID and sticky bits.
    pub set_id: bool,
    /// Do not make sums.
    pub no_sums: bool,
}

/// Where files are written to. Places are relative, with `/` between components that are safe names.
pub trait Sink {
    /// Makes a directory, and those above it.
    ///
    /// # Errors
    /// If it cannot be made; extraction ends then.
    fn directory(&mut self, place: &str, facts: Facts) -> io::Result<()>;

    /// Writes a file, and makes the directories above it.
    ///
    /// # Errors
    /// [`Failure::Skip`] is told and extraction goes on; [`Failure::End`] ends it. Neither leaves a part of the file.
    fn file(&mut self, place: &str, facts: Facts, content: &SharedSource) -> Result<Option<Sha256>, Failure>;

    /// Makes one more name of a file that was written.
    ///
    /// # Errors
    /// [`Failure::Skip`] if it cannot be made, the file is copied then; [`Failure::End`] ends extraction.
    fn hard_link(&mut self, place: &str, first: &str) -> Result<(), Failure>;

    /// Makes a symbolic link, which is never followed.
    ///
    /// # Errors
    /// [`Failure::Skip`] if it cannot be made, which is told; [`Failure::End`] ends extraction.
    fn symlink(&mut self, place: &str, target: &[u8]) -> Result<(), Failure>;
}

/// What a file that is written has beside its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// Permission bits: those of the file, without what makes it dangerous and with what makes it readable.
    pub mode: u32,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Whether its sum is wanted.
    pub with_sum: bool,
}

impl Facts {
    /// Seconds since 1970, where the time is not before.
    pub fn mtime(&self) -> Option<u64> {
        u64::try_from(self.modified?.seconds).ok()
    }
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
    /// Why it was not written, or not whole.
    pub why: Option<String>,
}

impl<'a> Extracted<'a> {
    fn written(entry: Entry<'a>, place: String, sha256: Option<Sha256>) -> Self {
        Self { entry, place: Some(place), sha256, why: None }
    }

    fn left_out(entry: Entry<'a>, why: impl Into<String>) -> Self {
        Self { entry, place: None, sha256: None, why: Some(why.into()) }
    }
}

/// What is taken out of a checkpoint.
#[derive(Debug)]
pub struct Plan<'a> {
    filesystem: &'a Filesystem,
    options: Options,
}

impl<'a> Plan<'a> {
    /// Plans what to take out of the files of a checkpoint.
    pub fn new(filesystem: &'a Filesystem, options: Options) -> Self {
        Self { filesystem, options }
    }

    /// Does it: each step takes one file out and tells what became of it. Ends behind the first error of the sink.
    pub fn run<'p>(&'p self, sink: &'p mut dyn Sink) -> impl Iterator<Item = io::Result<Extracted<'a>>> + 'p {
        let firsts = self
            .entries(Turn::Names)
            .filter_map(|entry| entry.same_as.as_ref().map(|first| key(&entry, first)));
        let mut work = Work {
            options: &self.options,
            sink,
            names: Names::default(),
            firsts: firsts.collect(),
            written: HashMap::new(),
            failed: false,
        };
        // What links lead to is written by then, and nothing is ever written where a symbolic link may be.
        let all = [Turn::Files, Turn::Names, Turn::Links].into_iter().flat_map(|turn| self.entries(turn));
        all.map_while(move |entry| work.step(entry))
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

/// A file by the archive that it lies in and its path.
type Key = (icecore::filesystem::Origin, BString);

fn key(entry: &Entry<'_>, path: &BString) -> Key {
    (entry.origin, path.clone())
}

struct Work<'p> {
    options: &'p Options,
    sink: &'p mut dyn Sink,
    names: Names,
    /// Files that have further names.
    firsts: HashSet<Key>,
    /// Where those of them are that were written.
    written: HashMap<Key, (String, Option<Sha256>)>,
    failed: bool,
}

impl Work<'_> {
    fn step<'a>(&mut self, entry: Entry<'a>) -> Option<io::Result<Extracted<'a>>> {
        if self.failed {
            return None;
        }
        let one = self.one(entry);
        self.failed = one.is_err();
        Some(one)
    }

    fn one<'a>(&mut self, entry: Entry<'a>) -> io::Result<Extracted<'a>> {
        let why = match entry.file_type {
            FileType::Directory => return self.directory(entry),
            FileType::File => return self.file(entry),
            FileType::Symlink if self.options.links => return self.symlink(entry),
            FileType::Symlink => "symbolic links are made only if they are asked for",
            FileType::CharDevice | FileType::BlockDevice => "devices are never made",
            _ => "has no content; not made",
        };
        Ok(Extracted::left_out(entry, why))
    }

    fn facts(&self, entry: &Entry<'_>) -> Facts {
        let is_directory = entry.file_type == FileType::Directory;
        let (keep, least) = match (self.options.set_id, is_directory) {
            (true, true) => (0o7777, 0o700),
            (false, true) => (0o777, 0o700),
            (true, false) => (0o7777, 0o600),
            (false, false) => (0o777, 0o600),
        };
        let mode = entry.mode.unwrap_or(0) & keep | least;
        Facts { mode, modified: entry.mtime, with_sum: !self.options.no_sums }
    }

    fn place(&mut self, entry: &Entry<'_>) -> Option<String> {
        let is_directory = entry.file_type == FileType::Directory;
        self.names.place(entry.origin.name(), &entry.path, is_directory)
    }

    fn directory<'a>(&mut self, entry: Entry<'a>) -> io::Result<Extracted<'a>> {
        let Some(place) = self.place(&entry) else {
            let why = "lies too deep to be made; files in it are named by the sum of their path";
            return Ok(Extracted::left_out(entry, why));
        };
        self.sink.directory(&place, self.facts(&entry))?;
        Ok(Extracted::written(entry, place, None))
    }

    fn file<'a>(&mut self, entry: Entry<'a>) -> io::Result<Extracted<'a>> {
        let content = match entry.content() {
            Ok(content) => content,
            Err(error) => return Ok(Extracted::left_out(entry, error.to_string())),
        };
        let own = key(&entry, &entry.path);
        let first = entry.same_as.as_ref().map(|first| key(&entry, first));
        let place = self.place(&entry).unwrap_or_default();
        if let Some((there, sha256)) = first.as_ref().and_then(|first| self.written.get(first)) {
            match self.sink.hard_link(&place, there) {
                Ok(()) => return Ok(Extracted::written(entry, place, *sha256)),
                Err(Failure::End(error)) => return Err(error),
                Err(Failure::Skip(_)) => {}
            }
        }
        let sha256 = match self.sink.file(&place, self.facts(&entry), &content) {
            Ok(sum) => sum,
            Err(Failure::End(error)) => return Err(error),
            Err(Failure::Skip(error)) => return Ok(Extracted::left_out(entry, error.to_string())),
        };
        if self.firsts.contains(&own) {
            self.written.insert(own, (place.clone(), sha256));
        }
        // The first is not there, so this one stands for it.
        if let Some(first) = first {
            self.written.insert(first, (place.clone(), sha256));
        }
        let (there, size) = (content.len(), entry.size);
        let why = (there < size).then(|| format!("the archive has {there} of its {size} bytes"));
        Ok(Extracted { why, ..Extracted::written(entry, place, sha256) })
    }

    fn symlink<'a>(&mut self, entry: Entry<'a>) -> io::Result<Extracted<'a>> {
        let place = self.place(&entry).unwrap_or_default();
        let target = entry.link.clone().unwrap_or_default();
        match self.sink.symlink(&place, &target) {
            Ok(()) => Ok(Extracted::written(entry, place, None)),
            Err(Failure::Skip(error)) => Ok(Extracted::left_out(entry, error.to_string())),
            Err(Failure::End(error)) => Err(error),
        }
    }
}
