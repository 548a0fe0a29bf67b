//! Paths in a list of members, looked up as the kernel would in a file system with these files.

use icecore_archive::{Member, MemberKind, Members};

/// The most links on the way of one path, as the kernel has it.
const LINKS: usize = 40;

/// The regular file that a path leads to.
pub(super) fn file<'m>(members: &'m Members, path: &[u8]) -> Option<&'m Member> {
    let name = resolve(members, path, true)?;
    members.file(&name)
}

/// What a path leads to, the last link not followed.
pub(super) fn entry<'m>(members: &'m Members, path: &[u8]) -> Option<&'m Member> {
    let name = resolve(members, path, false)?;
    members.get(&name)
}

/// The name of the member that a path leads to. A directory may be there without a member of its own.
fn resolve(members: &Members, path: &[u8], follow_last: bool) -> Option<Vec<u8>> {
    let mut name = Vec::new();
    let mut links = 0_usize;
    // Components that are still to be walked, the next one last.
    let mut rest: Vec<Vec<u8>> = components(path).map(<[u8]>::to_vec).rev().collect();
    while let Some(component) = rest.pop() {
        if component == b".." {
            // The top is its own parent, so that nothing leads out.
            name.truncate(name.iter().rposition(|byte| *byte == b'/').unwrap_or(0));
            continue;
        }
        let above = name.len();
        if above > 0 {
            name.push(b'/');
        }
        name.extend_from_slice(&component);
        let link = members.get(&name).filter(|member| member.kind == MemberKind::Symlink);
        let Some(target) = link.and_then(|member| member.link.as_ref()) else { continue };
        if rest.is_empty() && !follow_last {
            break;
        }
        links = links.checked_add(1).filter(|links| *links <= LINKS)?;
        name.truncate(if target.first() == Some(&b'/') { 0 } else { above });
        rest.extend(components(target).map(<[u8]>::to_vec).rev());
    }
    Some(name)
}

fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".")
}
