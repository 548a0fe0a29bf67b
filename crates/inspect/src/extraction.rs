//! The directory that files are extracted into.
//!
//! Everything is made through handles of directories below it (`openat(2)`), which no name and no link can lead out of. It
//! is made in a directory in that one, and moved out when all of it is whole: what Ctrl-C or a crash leaves half has no
//! final name. A file that cannot be written to its end, as on a full disk, is taken away, and the whole ones are kept.
//! One move for all, and not one for each file: renaming costs as much as making a file.

#[cfg(not(unix))]
#[path = "extraction/elsewhere.rs"]
mod system;
#[cfg(unix)]
#[path = "extraction/unix.rs"]
mod system;

use std::fs;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use icecore::archive::SharedSource;
use icecore_analysis::extract::{Facts, Failure, Sink, Special, Written, copy};

use crate::arguments::Input;
use crate::error::Error;
use crate::output::Progress;
use crate::output::destination::Destination;

/// A directory that was empty, and everything in it ours.
#[derive(Debug)]
pub(crate) struct Folder {
    top: Dir,
    /// The directory in it that everything is made in.
    root: Dir,
    /// The directories on the way to the last place, each with its name.
    chain: Vec<(String, Dir)>,
    /// Directories that were made, with the times that they get when nothing is made in them any more.
    dated: Vec<(String, Facts)>,
    /// Where bytes are counted that were written.
    progress: Progress,
}

/// The name of what is not whole yet. No safe name has a `%` without two digits or a `~` behind it.
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
        let top = Dir::open_ambient_dir(path, ambient_authority()).map_err(failed)?;
        if top.entries().map_err(failed)?.next().is_some() {
            let text = "the directory is not empty; name a new one, since nothing is ever overwritten";
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, text)));
        }
        let root = top.create_dir(PARTIAL).and_then(|()| top.open_dir(PARTIAL)).map_err(failed)?;
        Ok(Self { top, root, chain: Vec::new(), dated: Vec::new(), progress: Progress::hidden() })
    }

    /// Counts the bytes of files that are written from now on.
    pub(crate) fn watch(&mut self, progress: Progress) {
        self.progress = progress;
    }

    /// Makes a file of our own at the top.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn create(&self, name: &str) -> io::Result<fs::File> {
        create(&self.root, name)
    }

    /// Takes such a file away again.
    pub(crate) fn remove(&self, name: &str) {
        let _ = self.root.remove_file(name);
    }

    /// Gives everything its final name; all that is there is whole.
    ///
    /// # Errors
    /// If something cannot be moved; what is left behind has a name that says what it is.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.date_directories();
        // A listing goes on as it pleases while what it lists is moved away.
        let names: Vec<_> =
            self.root.entries()?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
        for name in names {
            self.root.rename(&name, &self.top, &name)?;
        }
        self.top.remove_dir(PARTIAL)
    }

    /// Gives directories their times, those inside of others first. What is not taken was told when they were made.
    fn date_directories(&mut self) {
        for (place, facts) in std::mem::take(&mut self.dated).into_iter().rev() {
            if let Ok((dir, name)) = self.parent(&place) {
                system::date(dir, name, facts);
            }
        }
    }

    /// The directory that a place is in, made where it is not there, and the name in it.
    fn parent<'a>(&mut self, place: &'a str) -> Result<(&Dir, &'a str), Failure> {
        let (above, name) = place.rsplit_once('/').unwrap_or(("", place));
        let parts: Vec<&str> = above.split('/').filter(|part| !part.is_empty()).collect();
        let common = self.chain.iter().zip(&parts).take_while(|((name, _), part)| name == *part).count();
        self.chain.truncate(common);
        for part in parts.iter().skip(common) {
            let at = self.chain.last().map_or(&self.root, |(_, dir)| dir);
            make(at, part)?;
            let next = at.open_dir(part).map_err(Failure::End)?;
            self.chain.push(((*part).to_owned(), next));
        }
        Ok((self.chain.last().map_or(&self.root, |(_, dir)| dir), name))
    }
}

impl Sink for Folder {
    fn directory(&mut self, place: &str, facts: Facts) -> Result<Written, Failure> {
        let (dir, name) = self.parent(place)?;
        make(dir, name)?;
        let lacks = system::finish_directory(dir, name, facts).map_err(Failure::End)?;
        if facts.modified.or(facts.accessed).is_some() {
            self.dated.push((place.to_owned(), facts));
        }
        Ok(Written { lacks, ..Written::default() })
    }

    fn file(&mut self, place: &str, facts: Facts, content: &SharedSource) -> Result<Written, Failure> {
        let progress = self.progress.clone();
        let (dir, name) = self.parent(place)?;
        let mut file = create(dir, name).map_err(failure)?;
        let written = fill(&mut file, facts, content, &progress);
        if written.is_err() {
            dir.remove_file(name).map_err(Failure::End)?;
        }
        written
    }

    fn special(&mut self, place: &str, facts: Facts, special: Special) -> Result<Written, Failure> {
        let (dir, name) = self.parent(place)?;
        system::special(dir, name, special).map_err(Failure::Skip)?;
        let lacks = system::finish_special(dir, name, facts).map_err(Failure::End)?;
        Ok(Written { lacks, ..Written::default() })
    }

    fn hard_link(&mut self, place: &str, first: &str) -> Result<(), Failure> {
        self.parent(place)?;
        self.root.hard_link(first, &self.root, place).map_err(Failure::Skip)
    }

    fn symlink(&mut self, place: &str, facts: Facts, target: &[u8]) -> Result<Written, Failure> {
        let (dir, name) = self.parent(place)?;
        system::symlink(target, dir, name).map_err(Failure::Skip)?;
        let lacks = system::finish_symlink(dir, name, facts);
        Ok(Written { lacks, ..Written::default() })
    }
}

/// Makes a file that was not there.
fn create(dir: &Dir, name: &str) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    dir.open_with(name, &options).map(cap_std::fs::File::into_std)
}

/// A file system that takes two names for one must not lose the first; without room, or rights, nothing more can be made.
fn failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::skip("this file system takes its name for that of another file")
        }
        _ => Failure::End(error),
    }
}

/// Makes a directory where there is none.
fn make(dir: &Dir, name: &str) -> Result<(), Failure> {
    match dir.create_dir(name) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Failure::End(error)),
        _ => Ok(()),
    }
}

/// Writes a content with its holes, then what else the file has.
fn fill(
    file: &mut fs::File,
    facts: Facts,
    content: &SharedSource,
    progress: &Progress,
) -> Result<Written, Failure> {
    let mut end = 0;
    let sha256 = copy(content, facts.with_sum, |offset, bytes| {
        if offset != end {
            file.seek(SeekFrom::Start(offset))?;
        }
        end = offset.saturating_add(bytes.len() as u64);
        progress.add(bytes.len() as u64);
        file.write_all(bytes)
    })?;
    let finish = || {
        if end < content.len() {
            file.set_len(content.len())?;
        }
        system::finish_file(file, facts)
    };
    let lacks = finish().map_err(Failure::End)?;
    Ok(Written { sha256, lacks })
}
