//! Which processes use a file of the root file system: run it, have it open, map it.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;
use icecore::files::Slot;
use icecore::{Checkpoint, Fd, MountId, Pid};

/// How a process uses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Use {
    /// It is the program that runs.
    Runs,
    /// It is mapped, and perhaps not open any more.
    Maps,
    /// It is open for reading.
    Reads(Fd),
    /// It is open for writing.
    Writes(Fd),
    /// It is the current directory or the root of the process.
    IsIn,
}

impl Use {
    /// In a word: `runs`, `maps`, `reads`, `writes`, `in`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Maps => "maps",
            Self::Reads(_) => "reads",
            Self::Writes(_) => "writes",
            Self::IsIn => "in",
        }
    }

    /// The number of the descriptor.
    pub fn fd(self) -> Option<Fd> {
        match self {
            Self::Reads(fd) | Self::Writes(fd) => Some(fd),
            _ => None,
        }
    }
}

/// The users of all paths.
#[derive(Debug, Default)]
pub struct Users(BTreeMap<BString, BTreeSet<(Pid, Use)>>);

impl Users {
    /// Looks through the descriptors and mappings of all processes. What was opened through another mount than that of the
    /// root, or has no name any more, is no file of the root file system.
    pub fn of(checkpoint: &Checkpoint) -> Self {
        let mut users = Self::default();
        let covered = covering_mounts(checkpoint);
        let files = checkpoint.files();
        let in_root = |file: &icecore::files::File| {
            file.remap.is_none() && file.mnt_id.is_none_or(|mount| !covered.contains(&mount))
        };
        for open in files.open() {
            let Some(file) = open.file.map(|file| files.path_record(file)) else { continue };
            let Some(path) = file.path.as_ref().filter(|_| in_root(file)) else { continue };
            let how = match open.slot {
                Slot::Exe => Use::Runs,
                Slot::Fd(fd) if open.flags().is_some_and(|flags| flags.can_write()) => Use::Writes(fd),
                Slot::Fd(fd) => Use::Reads(fd),
                _ => Use::IsIn,
            };
            users.add(path, open.pid, how);
        }
        for pid in checkpoint.pids_with_memory() {
            let Ok(memory) = checkpoint.memory(pid) else { continue };
            for area in memory.areas() {
                let Some(file) = area.file_id.and_then(|id| files.get(icecore::FileId(id))) else { continue };
                if let Some(path) = file.path.as_ref().filter(|_| in_root(file)) {
                    users.add(path, pid, Use::Maps);
                }
            }
        }
        users
    }

    fn add(&mut self, path: &BString, pid: Pid, how: Use) {
        if !self.0.contains_key(path) {
            self.0.insert(path.clone(), BTreeSet::new());
        }
        if let Some(users) = self.0.get_mut(path) {
            users.insert((pid, how));
        }
    }

    /// Who uses the file of a path: by process, each way once.
    pub fn of_path(&self, path: &[u8]) -> impl Iterator<Item = (Pid, Use)> {
        self.0.get(path).into_iter().flatten().copied()
    }

    /// The paths that are open for writing.
    pub fn written(&self) -> impl Iterator<Item = (&BString, Pid, Fd)> {
        let all = self.0.iter().flat_map(|(path, users)| users.iter().map(move |user| (path, user)));
        all.filter_map(|(path, (pid, how))| match how {
            Use::Writes(fd) => Some((path, *pid, *fd)),
            _ => None,
        })
    }
}

/// The mounts that are not of the root file system.
fn covering_mounts(checkpoint: &Checkpoint) -> BTreeSet<MountId> {
    let mounts = checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts);
    mounts.filter(|mount| mount.mountpoint != "/").map(|mount| mount.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_has_a_word_and_perhaps_a_number() {
        let words = [Use::Runs, Use::Maps, Use::Reads(Fd(1)), Use::Writes(Fd(2)), Use::IsIn].map(Use::name);
        assert_eq!(words, ["runs", "maps", "reads", "writes", "in"]);
        assert_eq!((Use::Maps.fd(), Use::Writes(Fd(2)).fd()), (None, Some(Fd(2))));
    }

    #[test]
    fn users_are_listed_by_process_and_once_for_each_way() {
        let mut users = Users::default();
        for (pid, how) in [(7, Use::Writes(Fd(3))), (1, Use::Maps), (7, Use::Writes(Fd(3))), (7, Use::Runs)] {
            users.add(&"/srv/log".into(), Pid(pid), how);
        }
        users.add(&"/srv/other".into(), Pid(1), Use::Reads(Fd(4)));
        let listed: Vec<_> = users.of_path(b"/srv/log").collect();
        assert_eq!(listed, [(Pid(1), Use::Maps), (Pid(7), Use::Runs), (Pid(7), Use::Writes(Fd(3)))]);
        assert_eq!(users.of_path(b"/srv").count(), 0);
        assert_eq!(users.written().collect::<Vec<_>>(), [(&"/srv/log".into(), Pid(7), Fd(3))]);
    }
}
