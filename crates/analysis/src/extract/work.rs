//! Taking out one file after the other.

use std::collections::{HashMap, HashSet};
use std::io;

use bstr::BString;
use icecore::filesystem::{Entry, FileType, Origin};
use icecore::namespaces::{Namespaces, Owner, Side};

use super::names::Names;
use super::sink::{Facts, Failure, Sink, Special, Written};
use super::{Extracted, Options};
use crate::hashes::{HoleAllowance, Sha256};

/// A file by the archive that it lies in and its path.
pub(super) type Key = (Origin, BString);

pub(super) fn key(entry: &Entry<'_>, path: &BString) -> Key {
    (entry.origin, path.clone())
}

/// The state of an extraction.
pub(super) struct Work<'p> {
    options: &'p Options,
    namespaces: &'p Namespaces,
    sink: &'p mut dyn Sink,
    names: Names,
    /// Files that have further names.
    firsts: HashSet<Key>,
    /// Where those of them are that were written.
    written: HashMap<Key, (String, Option<Sha256>)>,
    holes: HoleAllowance,
    failed: bool,
}

/// Where something was made, and what.
type Made = Result<(String, Written), Failure>;

impl<'p> Work<'p> {
    pub(super) fn new(
        options: &'p Options,
        namespaces: &'p Namespaces,
        sink: &'p mut dyn Sink,
        firsts: HashSet<Key>,
    ) -> Self {
        let (names, written, holes) = (Names::default(), HashMap::new(), HoleAllowance::default());
        Self { options, namespaces, sink, names, firsts, written, holes, failed: false }
    }

    /// Takes one out; `None` behind the first error.
    pub(super) fn step<'a>(&mut self, entry: Entry<'a>) -> Option<io::Result<Extracted<'a>>> {
        if self.failed {
            return None;
        }
        let made = self.make(&entry);
        let (inside, outside) = (self.owner(&entry, Side::Inside), self.owner(&entry, Side::Outside));
        let extracted = Extracted { entry, place: None, sha256: None, why: None, inside, outside };
        Some(match made {
            Ok((place, written)) => {
                Ok(Extracted { place: Some(place), sha256: written.sha256, why: written.lacks, ..extracted })
            }
            Err(Failure::Skip(error)) => Ok(Extracted { why: Some(error.to_string()), ..extracted }),
            Err(Failure::End(error)) => {
                self.failed = true;
                Err(error)
            }
        })
    }

    fn make(&mut self, entry: &Entry<'_>) -> Made {
        match entry.file_type {
            FileType::Directory => self.directory(entry),
            FileType::File => self.file(entry),
            FileType::Symlink if self.options.links => self.symlink(entry),
            FileType::Symlink => Err(Failure::skip("symbolic links are made only if they are asked for")),
            FileType::CharDevice | FileType::BlockDevice | FileType::Fifo if self.options.special => {
                self.special(entry)
            }
            FileType::CharDevice | FileType::BlockDevice | FileType::Fifo => {
                Err(Failure::skip("devices and named pipes are made only if they are asked for"))
            }
            _ => Err(Failure::skip("has no content; not made")),
        }
    }

    fn directory(&mut self, entry: &Entry<'_>) -> Made {
        let why = "lies too deep to be made; files in it are named by the sum of their path";
        let place = self.place(entry).ok_or_else(|| Failure::skip(why))?;
        let written = self.sink.directory(&place, self.facts(entry))?;
        Ok((place, self.with_owner(entry, written)))
    }

    fn file(&mut self, entry: &Entry<'_>) -> Made {
        let content = entry.content().map_err(|error| Failure::skip(error.to_string()))?;
        let own = key(entry, &entry.path);
        let first = entry.same_as.as_ref().map(|first| key(entry, first));
        let place = self.place(entry).unwrap_or_default();
        if let Some((there, sha256)) = first.as_ref().and_then(|first| self.written.get(first)) {
            match self.sink.hard_link(&place, there) {
                Ok(()) => return Ok((place, Written { sha256: *sha256, lacks: None })),
                Err(Failure::End(error)) => return Err(Failure::End(error)),
                Err(Failure::Skip(_)) => {}
            }
        }
        let mut facts = self.facts(entry);
        facts.with_sum = facts.with_sum && self.holes.take(content.as_ref());
        let written = self.sink.file(&place, facts, &content)?;
        if self.firsts.contains(&own) {
            self.written.insert(own, (place.clone(), written.sha256));
        }
        // The first is not there, so this one stands for it.
        if let Some(first) = first {
            self.written.insert(first, (place.clone(), written.sha256));
        }
        let written = self.with_owner(entry, written);
        let there = content.len();
        let size = entry.size.filter(|size| there < *size);
        let short = size.map(|size| format!("the archive has {there} of its {size} bytes"));
        Ok((place, Written { lacks: short.or(written.lacks), ..written }))
    }

    fn symlink(&mut self, entry: &Entry<'_>) -> Made {
        let place = self.place(entry).unwrap_or_default();
        let target = entry.link.clone().unwrap_or_default();
        let written = self.sink.symlink(&place, self.facts(entry), &target)?;
        Ok((place, self.with_owner(entry, written)))
    }

    fn special(&mut self, entry: &Entry<'_>) -> Made {
        let numbers = || {
            let (major, minor) = entry.device?;
            Some((u32::try_from(major).ok()?, u32::try_from(minor).ok()?))
        };
        let no_numbers = || Failure::skip("no system has a device of its numbers");
        let special = match entry.file_type {
            FileType::Fifo => Special::Fifo,
            kind => {
                let (major, minor) = numbers().ok_or_else(no_numbers)?;
                let of =
                    if kind == FileType::CharDevice { Special::CharDevice } else { Special::BlockDevice };
                of(major, minor)
            }
        };
        let place = self.place(entry).unwrap_or_default();
        let written = self.sink.special(&place, self.facts(entry), special)?;
        Ok((place, self.with_owner(entry, written)))
    }

    fn place(&mut self, entry: &Entry<'_>) -> Option<String> {
        let is_directory = entry.file_type == FileType::Directory;
        self.names.place(entry.origin.name(), &entry.path, is_directory)
    }

    fn facts(&self, entry: &Entry<'_>) -> Facts {
        let keep = if self.options.set_id { 0o7777 } else { 0o777 };
        let least = if entry.file_type == FileType::Directory { 0o700 } else { 0o600 };
        Facts {
            mode: entry.mode.unwrap_or(0) & keep | least,
            modified: entry.mtime,
            accessed: entry.atime,
            owner: self.options.owners.and_then(|side| self.owner(entry, side)),
            with_sum: !self.options.no_sums,
        }
    }

    /// The owner by the numbers of a side.
    fn owner(&self, entry: &Entry<'_>, side: Side) -> Option<Owner> {
        let stored = Owner { uid: entry.uid?, gid: entry.gid? };
        let from = if entry.owners_outside { Side::Outside } else { Side::Inside };
        self.namespaces.owner(stored, from, side)
    }

    /// The same, and what to say if an owner was asked for that has no number there.
    fn with_owner(&self, entry: &Entry<'_>, written: Written) -> Written {
        let unmapped = self.options.owners.is_some_and(|side| self.owner(entry, side).is_none());
        let why = unmapped.then(|| "its owner has no number on that side of the user namespace".to_owned());
        Written { lacks: written.lacks.or(why), ..written }
    }
}
