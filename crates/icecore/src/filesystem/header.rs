//! From the header of an archive of files to what it says of a file.

use bstr::{BStr, BString, ByteSlice};
use icecore_archive::{Member, MemberKind, MemberName, Members};

use super::entry::{Content, Entry, FileType, Origin};

/// An archive of files that is open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Headers<'a> {
    /// What it is called in front of `//`.
    pub(crate) archive: &'a BStr,
    pub(crate) origin: Origin,
    pub(crate) members: &'a Members,
}

impl<'a> Headers<'a> {
    /// All headers by rising name, that of the top first; of several with one name the last, as whoever unpacks the
    /// archive would have it.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a Member> + use<'a> {
        let mut sorted = self.members.below(b"").peekable();
        std::iter::from_fn(move || {
            let mut header = sorted.next()?;
            while let Some(later) = sorted.next_if(|later: &&Member| later.name == header.name) {
                header = later;
            }
            Some(header)
        })
    }

    /// What a header says. `path` makes paths of the container from names in the archive.
    pub(super) fn entry(self, header: &'a Member, path: impl Fn(&[u8]) -> BString) -> Entry<'a> {
        let name = header.name.as_bytes();
        let member = [self.archive.as_bytes(), b"//", name].concat().into();
        let mut entry = Entry::new(path(name), self.origin, FileType::of_member(header.kind), member);
        (entry.mode, entry.uid, entry.gid) = (Some(header.mode), Some(header.uid), Some(header.gid));
        (entry.mtime, entry.device) = (Some(header.mtime), header.device());
        (entry.atime, entry.ctime, entry.btime) = (header.atime(), header.ctime(), header.btime());
        entry.header = Some(header);
        match header.kind {
            MemberKind::File => take(&mut entry, header),
            MemberKind::Symlink => entry.link = header.link().map(BString::from),
            MemberKind::Hardlink => {
                let target = header.link().unwrap_or_default();
                entry.same_as = Some(path(MemberName::new(target).as_bytes()));
                match self.members.file(name) {
                    Some(first) => take(&mut entry, first),
                    None => {
                        entry.content = Content::Lost("is one more name of a file that is not there".into())
                    }
                }
            }
            _ => {}
        }
        entry
    }
}

/// Takes the content of a regular file.
fn take<'a>(entry: &mut Entry<'a>, file: &'a Member) {
    entry.size = Some(file.size);
    entry.offset = Some(file.offset).filter(|_| !file.is_sparse());
    entry.content = Content::Member(file);
}
