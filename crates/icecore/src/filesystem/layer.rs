//! One archive of files inside the archive, and where in the container its files were.

use std::sync::{Arc, OnceLock};

use bstr::{BString, ByteSlice};
use icecore_archive::{Archive, Member, MemberKind, Members};

use super::entry::{Content, Entry, FileType, Origin};
use crate::Diagnostic;
use crate::checkpoint::Noted;
use crate::diagnostic::{MEMBER_UNREADABLE, NESTED_DAMAGED};
use crate::mounts::Mount;

/// An archive of files: the changed files, a temporary file system, a volume.
///
/// It is opened when its files are first asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct Layer {
    /// What it is.
    pub origin: Origin,
    /// Where its files were in the container.
    pub mountpoint: BString,
    /// The directory of the archive that was at the mountpoint: `/` but for bind mounts of a part.
    pub root: BString,
    /// Whether its owners are those outside of the container's user namespace.
    pub owners_outside: bool,
    /// The device of a temporary file system, `major << 20 | minor`.
    device: Option<u32>,
    member: Member,
    outer: Arc<Archive>,
    inner: OnceLock<Noted<Option<Archive>>>,
}

impl Layer {
    pub(super) fn new(
        origin: Origin,
        mountpoint: impl Into<BString>,
        member: &Member,
        outer: &Arc<Archive>,
    ) -> Self {
        Self {
            origin,
            mountpoint: mountpoint.into(),
            root: "/".into(),
            owners_outside: false,
            device: None,
            member: member.clone(),
            outer: outer.clone(),
            inner: OnceLock::new(),
        }
    }

    /// The same for a file system on a device.
    pub(super) fn on_device(mut self, device: u32) -> Self {
        self.device = Some(device);
        self
    }

    /// The same for a file system of which only a part was mounted.
    pub(super) fn of_part(mut self, root: BString) -> Self {
        self.root = root;
        self
    }

    /// The same with owners as the machine has them.
    pub(super) fn with_owners_outside(mut self, outside: bool) -> Self {
        self.owners_outside = outside;
        self
    }

    /// The member that it is.
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// Whether it can be read at all; what keeps it from that is among the diagnostics.
    pub fn is_readable(&self) -> bool {
        self.members().is_some()
    }

    /// Its files by rising path, its own top first; of several with one name the last, as whoever unpacks it would have.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.headers().map(|header| self.entry(header))
    }

    /// The headers of [`entries`](Self::entries).
    pub(super) fn headers(&self) -> impl Iterator<Item = &Member> {
        let mut sorted = self.members().map(|members| members.below(b"")).into_iter().flatten().peekable();
        std::iter::from_fn(move || {
            let mut header = sorted.next()?;
            while let Some(later) = sorted.next_if(|later: &&Member| later.name == header.name) {
                header = later;
            }
            Some(header)
        })
    }

    /// The file of a name in the archive.
    pub(crate) fn find(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.members()?.get(name).map(|header| self.entry(header))
    }

    /// Whether anything lies below a name in the archive.
    pub(super) fn has_below(&self, name: &[u8]) -> bool {
        self.below(name).next().is_some()
    }

    /// What lies below a name of the archive, with names from there, sorted.
    pub(super) fn below<'a>(&'a self, name: &[u8]) -> impl Iterator<Item = (&'a [u8], &'a Member)> {
        let length = if name.is_empty() { 0 } else { name.len().saturating_add(1) };
        let members = self.members().map(|members| members.below(name)).into_iter().flatten();
        let named = members.filter_map(move |member| Some((member.name.as_bytes().get(length..)?, member)));
        named.filter(|(name, _)| !name.is_empty())
    }

    /// Whether it holds the file system of a mount.
    pub(super) fn holds(&self, mount: &Mount) -> bool {
        match self.origin {
            Origin::Tmpfs => self.device == Some(mount.dev) && !mount.is_external(),
            Origin::Shm => mount.mountpoint == "/dev/shm",
            Origin::Volume => mount.mountpoint == self.mountpoint,
            _ => false,
        }
    }

    /// Whether the engine archived what it had mounted, rather than the file system that this is a part of: a volume is a
    /// directory of the host's, and so the root of its mount is a path of the host.
    pub(super) fn is_seen_from_mountpoint(&self) -> bool {
        matches!(self.origin, Origin::Shm | Origin::Volume)
    }

    /// What was told while it was read.
    pub(super) fn diagnostics(&self) -> &[Diagnostic] {
        self.inner.get().map_or(&[], |noted| &noted.diagnostics)
    }

    pub(super) fn members(&self) -> Option<&Members> {
        let open = || Noted::read(|diagnostics| self.open(diagnostics));
        self.inner.get_or_init(open).value.as_ref().map(|archive| archive.members().as_ref())
    }

    fn open(&self, diagnostics: &mut Vec<Diagnostic>) -> Option<Archive> {
        match self.outer.open_member(&self.member) {
            Ok(archive) => {
                let told = archive.findings().iter().map(Diagnostic::from);
                diagnostics.extend(told.map(|inner| inner.inside(self.member.name.as_bytes())));
                Some(archive)
            }
            Err(error) => {
                let code = match error {
                    icecore_archive::Error::NotKept(_) => MEMBER_UNREADABLE,
                    _ => NESTED_DAMAGED,
                };
                diagnostics.push(Diagnostic::new(code, error.to_string()).of(self.member.name.as_bytes()));
                None
            }
        }
    }

    /// What a header says.
    pub(super) fn entry<'a>(&'a self, header: &'a Member) -> Entry<'a> {
        let path = self.path(header.name.as_bytes());
        let member = [self.member.name.as_bytes(), b"//", header.name.as_bytes()].concat().into();
        let file_type = FileType::of_member(header.kind);
        let mut entry = Entry::new(path, self.origin, file_type, member);
        (entry.mode, entry.owners_outside) = (Some(header.mode), self.owners_outside);
        (entry.uid, entry.gid) = (Some(header.uid), Some(header.gid));
        (entry.mtime, entry.device) = (Some(header.mtime), header.device);
        (entry.atime, entry.ctime, entry.btime) = (header.atime(), header.ctime(), header.btime());
        entry.header = Some(header);
        match header.kind {
            MemberKind::File => entry.take(header),
            MemberKind::Symlink => entry.link.clone_from(&header.link),
            MemberKind::Hardlink => {
                let first = self.members().and_then(|members| members.file(header.name.as_bytes()));
                let target = icecore_archive::MemberName::new(
                    header.link.as_ref().map_or(&b""[..], |link| link.as_slice()),
                );
                entry.same_as = Some(self.path(target.as_bytes()));
                match first {
                    Some(first) => entry.take(first),
                    None => {
                        entry.content = Content::Lost("is one more name of a file that is not there".into())
                    }
                }
            }
            _ => {}
        }
        entry
    }

    /// The name in the archive of a path in the container, if that is at or below the mountpoint.
    pub(crate) fn name_of(&self, path: &[u8]) -> Option<BString> {
        let mountpoint = self.mountpoint.trim_end_with(|c| c == '/');
        let inner = path.strip_prefix(mountpoint).filter(|rest| rest.is_empty() || rest.starts_with(b"/"))?;
        Some(icecore_archive::MemberName::new(&[&self.root, inner].concat()).as_bytes().into())
    }

    /// The path in the container of a name in the archive.
    pub(super) fn path(&self, name: &[u8]) -> BString {
        let root = self.root.trim_with(|c| c == '/');
        let inner = match name.strip_prefix(root) {
            Some(rest) if root.is_empty() || rest.is_empty() || rest.starts_with(b"/") => {
                rest.trim_start_with(|c| c == '/')
            }
            // Beside the part that was mounted: not to be seen at any path.
            _ => return [b"/(", self.member.name.file_name().as_bytes(), b")/", name].concat().into(),
        };
        let mountpoint = self.mountpoint.trim_end_with(|c| c == '/');
        match inner {
            b"" if mountpoint.is_empty() => "/".into(),
            b"" => mountpoint.into(),
            _ => [mountpoint, b"/", inner].concat().into(),
        }
    }
}

impl<'a> Entry<'a> {
    /// The content of a regular file.
    fn take(&mut self, file: &'a Member) {
        self.size = file.size;
        self.offset = Some(file.offset).filter(|_| !file.is_sparse());
        self.content = Content::Member(file);
    }
}
