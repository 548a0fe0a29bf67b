//! One archive of files inside the archive, and where in the container its files were.

use std::sync::{Arc, OnceLock};

use bstr::{BStr, BString, ByteSlice};
use icecore_archive::{Archive, Member, Members};

use super::entry::{Entry, Origin};
use super::header::Headers;
use crate::Diagnostic;
use crate::checkpoint::Noted;
use crate::diagnostic::{MEMBER_UNREADABLE, NESTED_DAMAGED};

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
        self.headers().filter_map(|header| self.entry(header))
    }

    /// The headers of [`entries`](Self::entries).
    pub(super) fn headers(&self) -> impl Iterator<Item = &Member> {
        self.opened().into_iter().flat_map(Headers::iter)
    }

    /// The file of a name in the archive.
    pub(super) fn find(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.entry(self.members()?.get(name)?)
    }

    /// Whether anything lies below a name in the archive.
    pub(super) fn has_below(&self, name: &[u8]) -> bool {
        self.children(name).next().is_some()
    }

    /// The names directly below a name of the archive, as [`Members::children`] gives them.
    pub(super) fn children(&self, name: &[u8]) -> impl Iterator<Item = &BStr> {
        self.members().into_iter().flat_map(move |members| members.children(name))
    }

    /// The device, of a temporary file system.
    pub(super) fn device(&self) -> Option<u32> {
        self.device
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
    pub(super) fn entry<'a>(&'a self, header: &'a Member) -> Option<Entry<'a>> {
        let entry = self.opened()?.entry(header, |name| self.path(name));
        Some(Entry { owners_outside: self.owners_outside, ..entry })
    }

    /// Its headers, if it can be read.
    fn opened(&self) -> Option<Headers<'_>> {
        let (archive, origin) = (self.member.name.as_bytes().as_bstr(), self.origin);
        self.members().map(|members| Headers { archive, origin, members })
    }

    /// The name in the archive of a path in the container, if that is at or below the mountpoint.
    pub(super) fn name_of(&self, path: &[u8]) -> Option<BString> {
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
