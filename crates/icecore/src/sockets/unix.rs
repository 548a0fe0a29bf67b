//! Unix sockets.

use bstr::{BString, ByteSlice};
use icecore_images::messages::UnixSkEntry;
use serde::Serialize;

use super::{Details, Family, Socket, State};

/// What only unix sockets have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unix {
    /// Its name; `None` if it was never bound. An abstract name begins with a NUL, anything else is a path.
    pub name: Option<BString>,
    /// The inode of its peer. Of a connection that was not accepted yet, that of the listening socket.
    pub peer: Option<u32>,
    /// The directory that a relative path starts from.
    pub directory: Option<BString>,
    /// Whether the socket file was removed or replaced.
    pub deleted: bool,
    /// Permissions of the socket file, with its type.
    pub mode: Option<u32>,
    /// Owner and group of the socket file.
    pub owner: Option<(u32, u32)>,
    /// 1 peer outside of the dump, 2 connection to CRIU itself, 4 plugin, 8 handed in by who restores.
    pub flags: u32,
}

impl Unix {
    /// Whether the name is abstract: of no file system.
    pub fn is_abstract(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.first() == Some(&0))
    }
}

impl Socket {
    pub(crate) fn unix(entry: &UnixSkEntry) -> Self {
        let unix = Unix {
            name: name(&entry.name),
            peer: (entry.peer != 0).then_some(entry.peer),
            directory: entry.name_dir.clone(),
            deleted: entry.deleted == Some(true),
            mode: entry.file_perms.as_ref().map(|file| file.mode),
            owner: entry.file_perms.as_ref().map(|file| (file.uid, file.gid)),
            flags: entry.uflags,
        };
        Self {
            socket_type: Some(entry.r#type),
            state: State(entry.state),
            ino: (entry.ino != 0).then_some(entry.ino),
            backlog: entry.backlog,
            shutdown: entry.shutdown.map_or(0, |it| u32::try_from(it.0).unwrap_or_default()),
            ..Self::new(Family::Unix, &entry.opts, entry.ns_id, Details::Unix(Box::new(unix)))
        }
    }
}

/// The name without the NUL that most kernels count as part of a path.
fn name(bytes: &[u8]) -> Option<BString> {
    match bytes {
        [] => None,
        [0, ..] => Some(bytes.into()),
        path => Some(path.strip_suffix(b"\0").unwrap_or(path).as_bstr().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_loses_one_nul_and_an_abstract_name_none() {
        assert_eq!(name(b""), None);
        assert_eq!(name(b"/run/a\0").unwrap(), "/run/a");
        assert_eq!(name(b"/run/a").unwrap(), "/run/a");
        assert_eq!(name(b"\0a\0").unwrap(), BString::from("\0a\0"));
        assert_eq!(name(b"\0").unwrap(), BString::from("\0"));
    }
}
