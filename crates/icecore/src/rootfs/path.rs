//! Paths in a list of members, looked up as the kernel would in a file system with these files.

use bstr::{BStr, ByteSlice};
use icecore_archive::{Member, MemberKind, Members};

use crate::walk::{Kind, Place, walk};

/// The regular file that a path leads to.
pub(super) fn file<'m>(members: &'m Members, path: &[u8]) -> Option<&'m Member> {
    members.file(&name(members, path, true)?)
}

/// What a path leads to, the last link not followed.
pub(super) fn entry<'m>(members: &'m Members, path: &[u8]) -> Option<&'m Member> {
    members.get(&name(members, path, false)?)
}

/// The name of the member that a path leads to. A directory may be there without a member of its own.
fn name(members: &Members, path: &[u8], follow_last: bool) -> Option<Vec<u8>> {
    let mut at = Name { members, name: Vec::new() };
    walk(&mut at, path, follow_last).ok()?;
    Some(at.name)
}

/// A name among members; that of the top is empty.
struct Name<'m> {
    members: &'m Members,
    name: Vec<u8>,
}

impl Place for Name<'_> {
    fn enter(&mut self, name: &BStr) {
        if !self.name.is_empty() {
            self.name.push(b'/');
        }
        self.name.extend_from_slice(name);
    }

    fn leave(&mut self) {
        let above = self.name.rfind_byte(b'/').unwrap_or(0);
        self.name.truncate(above);
    }

    fn leave_all(&mut self) {
        self.name.clear();
    }

    fn kind(&self) -> Kind {
        let Some(member) = self.members.get(&self.name) else { return Kind::Directory };
        match (member.kind, member.link()) {
            (MemberKind::Symlink, Some(target)) => Kind::Link(target.into()),
            (MemberKind::Directory, _) => Kind::Directory,
            _ => Kind::File,
        }
    }
}
