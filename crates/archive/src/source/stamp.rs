//! What a file was when it was opened, to tell whether it is still that when it was read.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file on disk, and what it was when it was opened.
#[derive(Debug)]
pub(crate) struct Stamp {
    path: PathBuf,
    then: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and inode, where the system has them.
    identity: Option<(u64, u64)>,
}

impl Stamp {
    /// `metadata` is that of the open file, to be asked for before anything of it is read.
    pub(crate) fn new(path: &Path, metadata: &Metadata) -> Self {
        Self { path: path.to_owned(), then: State::of(metadata) }
    }

    /// What is different now, in words. A file that is gone is not: it stays what it was for whoever has it open.
    pub(crate) fn difference(&self) -> Option<String> {
        let now = State::of(&fs::metadata(&self.path).ok()?);
        let then = self.then;
        if then.identity != now.identity {
            return Some("another file has taken the place of the one that was opened".to_owned());
        }
        if then.length != now.length {
            return Some(format!(
                "the file had {} bytes when it was opened, and has {}",
                then.length, now.length
            ));
        }
        (then.modified != now.modified).then(|| "the file was written to after it was opened".to_owned())
    }
}

impl State {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok(), identity: identity(metadata) }
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems cannot tell")]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;
    use std::time::Duration;

    use super::*;

    /// What a file of three bytes is found to be after a change.
    fn after(change: impl FnOnce(&Path)) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive");
        fs::write(&path, "abc").unwrap();
        let stamp = Stamp::new(&path, &File::open(&path).unwrap().metadata().unwrap());
        change(&path);
        stamp.difference()
    }

    fn append(path: &Path) {
        File::options().append(true).open(path).unwrap().write_all(b"de").unwrap();
    }

    #[test]
    fn a_file_at_rest_is_what_it_was() {
        assert_eq!(after(|_| ()), None);
        assert_eq!(after(|path| drop(fs::read(path).unwrap())), None);
    }

    #[test]
    fn growing_and_being_cut_are_told_with_both_lengths() {
        let text = after(append).unwrap();
        assert_eq!(text, "the file had 3 bytes when it was opened, and has 5");
        let text = after(|path| File::options().write(true).open(path).unwrap().set_len(1).unwrap()).unwrap();
        assert_eq!(text, "the file had 3 bytes when it was opened, and has 1");
    }

    #[test]
    fn writing_without_growing_is_told_by_the_time() {
        let text = after(|path| {
            let file = File::options().write(true).open(path).unwrap();
            let before = file.metadata().unwrap().modified().unwrap();
            file.set_modified(before + Duration::from_secs(1)).unwrap();
        });
        assert_eq!(text.as_deref(), Some("the file was written to after it was opened"));
    }

    /// An engine writes beside the archive, and renames.
    #[cfg(unix)]
    #[test]
    fn another_file_in_its_place_is_told() {
        let text = after(|path| {
            let beside = path.with_extension("new");
            fs::write(&beside, "abc").unwrap();
            fs::rename(&beside, path).unwrap();
        });
        assert_eq!(text.as_deref(), Some("another file has taken the place of the one that was opened"));
    }

    #[test]
    fn a_file_that_is_gone_was_not_changed() {
        assert_eq!(after(|path| fs::remove_file(path).unwrap()), None);
    }
}
