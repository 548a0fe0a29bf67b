//! The directory that files are extracted into.
//!
//! Everything is made through handles of directories below it (`openat(2)`), which no name and no link can lead out of. A
//! file is written under a name of its own and renamed when it is whole, so that none is ever seen half.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use icecore::archive::{SharedSource, Timestamp};
use icecore_analysis::extract::{Facts, Failure, Sink, copy};
use icecore_analysis::hashes::Sha256;

use crate::arguments::Input;
use crate::error::Error;
use crate::output::destination::Destination;

/// A directory that was empty, and everything in it ours.
#[derive(Debug)]
pub(crate) struct Folder {
    root: Dir,
    /// The directories on the way to the last place, each with its name.
    chain: Vec<(String, Dir)>,
}

/// The name of a file that is not whole yet. No safe name has a `%` without two digits or a `~` behind it.
const PARTIAL: &str = "%partial";

impl Folder {
    /// Makes a directory, or takes one that is empty.
    ///
    /// # Errors
    /// If it is, or lies in, an input, has something in it, or cannot be made.
    pub(crate) fn open(path: &Path, inputs: &[Input]) -> Result<Self, Error> {
        Destination::check(path, inputs)?;
        let failed = |source| Error::Output { target: path.display().to_string(), source };
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(failed)?,
        }
        let root = Dir::open_ambient_dir(path, ambient_authority()).map_err(failed)?;
        if root.entries().map_err(failed)?.next().is_some() {
            let text = "the directory is not empty; name a new one, since nothing is ever overwritten";
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, text)));
        }
        Ok(Self { root, chain: Vec::new() })
    }

    /// One more handle of it.
    ///
    /// # Errors
    /// If the system has no more handles.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { root: self.root.try_clone()?, chain: Vec::new() })
    }

    /// Writes a file of our own at the top.
    ///
    /// # Errors
    /// Those of the writer.
    pub(crate) fn add<T>(
        &self,
        name: &str,
        write: impl FnOnce(&mut fs::File) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let failed = |source| Error::Output { target: name.to_owned(), source };
        let mut file = partial(&self.root).map_err(failed)?;
        let written = write(&mut file).and_then(|value| {
            self.root.rename(PARTIAL, &self.root, name).map_err(failed)?;
            Ok(value)
        });
        if written.is_err() {
            // What is left behind has a name that says what it is.
            let _ = self.root.remove_file(PARTIAL);
        }
        written
    }

    /// The directory that a place is in, made where it is not there, and the name in it.
    fn parent<'a>(&mut self, place: &'a str) -> io::Result<(&Dir, &'a str)> {
        let (above, name) = place.rsplit_once('/').unwrap_or(("", place));
        let parts: Vec<&str> = above.split('/').filter(|part| !part.is_empty()).collect();
        let common = self.chain.iter().zip(&parts).take_while(|((name, _), part)| name == *part).count();
        self.chain.truncate(common);
        for part in parts.iter().skip(common) {
            let at = self.chain.last().map_or(&self.root, |(_, dir)| dir);
            match at.create_dir(part) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            let next = at.open_dir(part)?;
            self.chain.push(((*part).to_owned(), next));
        }
        Ok((self.chain.last().map_or(&self.root, |(_, dir)| dir), name))
    }
}

impl Sink for Folder {
    fn directory(&mut self, place: &str, facts: Facts) -> io::Result<()> {
        let (dir, name) = self.parent(place)?;
        match dir.create_dir(name) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        set_mode_of_directory(dir, name, facts.mode)
    }

    fn file(&mut self, place: &str, facts: Facts, content: &SharedSource) -> Result<Option<Sha256>, Failure> {
        let (dir, name) = self.parent(place).map_err(Failure::End)?;
        // A file system that takes two names for one must not lose the first.
        if dir.symlink_metadata(name).is_ok() {
            let text = "this file system takes its name for that of another file";
            return Err(Failure::Skip(io::Error::new(io::ErrorKind::AlreadyExists, text)));
        }
        let mut file = partial(dir).map_err(Failure::End)?;
        let written = fill(&mut file, facts, content).and_then(|sum| {
            dir.rename(PARTIAL, dir, name).map_err(Failure::End)?;
            Ok(sum)
        });
        if written.is_err() {
            let _ = dir.remove_file(PARTIAL);
        }
        written
    }

    fn hard_link(&mut self, place: &str, first: &str) -> Result<(), Failure> {
        self.parent(place).map_err(Failure::End)?;
        self.root.hard_link(first, &self.root, place).map_err(Failure::Skip)
    }

    fn symlink(&mut self, place: &str, target: &[u8]) -> Result<(), Failure> {
        let (dir, name) = self.parent(place).map_err(Failure::End)?;
        symlink(target, dir, name).map_err(Failure::Skip)
    }
}

/// A new file for what is not whole yet.
fn partial(dir: &Dir) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    dir.open_with(PARTIAL, &options).map(cap_std::fs::File::into_std)
}

/// Writes a content with its holes, then what else the file has.
fn fill(file: &mut fs::File, facts: Facts, content: &SharedSource) -> Result<Option<Sha256>, Failure> {
    let mut end = 0;
    let sum = copy(content, facts.with_sum, |offset, bytes| {
        if offset != end {
            file.seek(SeekFrom::Start(offset))?;
        }
        end = offset.saturating_add(bytes.len() as u64);
        file.write_all(bytes)
    })?;
    let finish = || {
        if end < content.len() {
            file.set_len(content.len())?;
        }
        set_mode(file, facts.mode)?;
        match facts.modified.and_then(time) {
            Some(time) => file.set_modified(time),
            None => Ok(()),
        }
    };
    finish().map_err(Failure::End)?;
    Ok(sum)
}

/// A time that this system can have.
fn time(time: Timestamp) -> Option<SystemTime> {
    let seconds = Duration::from_secs(time.seconds.unsigned_abs());
    let whole = if time.seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)?
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)?
    };
    whole.checked_add(Duration::from_nanos(time.nanoseconds.into()))
}

#[cfg(unix)]
fn set_mode(file: &fs::File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &fs::File, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn set_mode_of_directory(dir: &Dir, name: &str, mode: u32) -> io::Result<()> {
    use cap_std::fs::PermissionsExt as _;
    dir.set_permissions(name, cap_std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode_of_directory(_: &Dir, _: &str, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn symlink(target: &[u8], dir: &Dir, name: &str) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    // Also targets that lead out: a link is only ever made, and the last thing that is.
    dir.symlink_contents(OsStr::from_bytes(target), name)
}

#[cfg(not(unix))]
fn symlink(_: &[u8], _: &Dir, _: &str) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "links are made on Unix only"))
}
