//! What a header says of its member, and what extended records say instead.

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::facts::Facts;
use super::header::Header;
use crate::member::{Member, MemberKind, OtherTimes, Owners, Timestamp};

/// What header and records say, but for what is common to many members.
pub(super) fn member(
    header: &Header<'_>,
    facts: Facts<'_>,
    name: &BStr,
    long_link: Option<BString>,
) -> Member {
    let mut member = Member::new(kind(header, name), name);
    member.set_mode(header.mode);
    member.uid = facts.number("uid").unwrap_or(header.uid);
    member.gid = facts.number("gid").unwrap_or(header.gid);
    member.mtime = facts.time("mtime").unwrap_or(Timestamp { seconds: header.mtime, nanoseconds: 0 });
    if let Some(times) = other_times(header, facts) {
        member.rare_mut().times = Some(Box::new(times));
    }
    match member.kind {
        MemberKind::Symlink | MemberKind::Hardlink => {
            let link = facts.get("linkpath").map(BString::from).or(long_link);
            member.rare_mut().link = Some(link.unwrap_or_else(|| header.link.into()));
        }
        MemberKind::CharacterDevice | MemberKind::BlockDevice => {
            member.rare_mut().device = Some(header.device);
        }
        _ => {}
    }
    member
}

/// The owners' names of a member, if it has any: those of the member in front of it, if they are the same.
pub(super) fn owners(last: &mut Arc<Owners>, header: &Header<'_>, facts: Facts<'_>) -> Option<Arc<Owners>> {
    let user = facts.get("uname").unwrap_or(header.owner.as_bstr());
    let group = facts.get("gname").unwrap_or(header.group.as_bstr());
    if user.is_empty() && group.is_empty() {
        return None;
    }
    if last.user != user || last.group != group {
        *last = Arc::new(Owners { user: user.into(), group: group.into() });
    }
    Some(last.clone())
}

fn kind(header: &Header<'_>, name: &BStr) -> MemberKind {
    match header.flag {
        // Writers of V7 had no flag for directories, only the slash; others keep the habit.
        0 | b'0' | b'7' if name.last() == Some(&b'/') => MemberKind::Directory,
        0 | b'0' | b'7' | b'S' => MemberKind::File,
        b'1' => MemberKind::Hardlink,
        b'2' => MemberKind::Symlink,
        b'3' => MemberKind::CharacterDevice,
        b'4' => MemberKind::BlockDevice,
        b'5' => MemberKind::Directory,
        b'6' => MemberKind::Fifo,
        flag => MemberKind::Other(flag),
    }
}

/// The times beside that of the last change of the content, if any is told.
fn other_times(header: &Header<'_>, facts: Facts<'_>) -> Option<OtherTimes> {
    let (accessed, changed) = header.gnu_times;
    let of_header = |seconds: Option<i64>| seconds.map(|seconds| Timestamp { seconds, nanoseconds: 0 });
    let times = OtherTimes {
        accessed: facts.time("atime").or(of_header(accessed)),
        changed: facts.time("ctime").or(of_header(changed)),
        born: facts.time("LIBARCHIVE.creationtime"),
    };
    (times != OtherTimes::default()).then_some(times)
}
