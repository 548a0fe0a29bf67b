//! The text that readlink(2) gave for a descriptor.

use bstr::BString;

use super::{File, FileKind, Files};
use crate::memory_names;

/// What the kernel appends to the path of a file whose name is gone.
const DELETED: &[u8] = b" (deleted)";

impl Files {
    /// What readlink(2) on `/proc/PID/fd/N` gave. `None` where the images cannot tell: packet sockets and namespaces,
    /// whose inodes are not stored, external files, files of plugins.
    pub fn link(&self, file: &File) -> Option<BString> {
        let anonymous = |name: &str| Some(format!("anon_inode:{name}").into());
        match &file.kind {
            FileKind::Path(_) | FileKind::Fifo(_) | FileKind::Terminal(_) | FileKind::Tun(_) => {
                let record = self.path_record(file);
                Some(record.shown(record.path.as_ref()?))
            }
            FileKind::Pipe(_) => Some(format!("pipe:[{}]", file.ino?).into()),
            FileKind::Socket(_) => Some(format!("socket:[{}]", file.ino?).into()),
            FileKind::Memfd(memfd) => Some(memory_names::shown(&memfd.as_ref()?.name)),
            FileKind::Eventfd(_) => anonymous("[eventfd]"),
            FileKind::Epoll(_) => anonymous("[eventpoll]"),
            FileKind::Signalfd(_) => anonymous("[signalfd]"),
            FileKind::Timerfd(_) => anonymous("[timerfd]"),
            FileKind::Inotify(_) => anonymous("inotify"),
            FileKind::Fanotify(_) => anonymous("[fanotify]"),
            FileKind::Pidfd(_) => anonymous("[pidfd]"),
            FileKind::Bpfmap(_) => anonymous("bpf-map"),
            FileKind::Namespace(_) | FileKind::External | FileKind::Unknown(_) => None,
        }
    }
}

impl File {
    /// A path of it as the kernel shows it, here and in `/proc/PID/maps`.
    pub(crate) fn shown(&self, path: &BString) -> BString {
        let deleted = if self.is_deleted() { DELETED } else { b"" };
        [path.as_slice(), deleted].concat().into()
    }
}
