//! Where a checkpoint begins in a tree of files: at its top, or below one directory that somebody packed it in.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use crate::Members;

/// Names that only a checkpoint has at its top.
const MARKS: [&str; 12] = [
    "config.dump",
    "spec.dump",
    "checkpoint/inventory.img",
    "checkpoint/pstree.img",
    "pre-checkpoint/inventory.img",
    "inventory.img",
    "pstree.img",
    "final/inventory.img",
    "stats-dump",
    "dump.log",
    "checkpoint/files.img",
    "files.img",
];

/// The directory of `members` in which the checkpoint's top lies; empty for the top of the archive itself. `None`:
/// there is no checkpoint.
///
/// The top is tried first, then each directory at the top, if exactly one of them is a checkpoint.
pub(crate) fn find(members: &Members) -> Option<BString> {
    if is_top(members, b"") {
        return Some(BString::default());
    }
    let mut tops = directories(members).into_iter().filter(|directory| is_top(members, directory));
    let first = tops.next()?;
    tops.next().is_none().then(|| first.into())
}

/// Whether a checkpoint has its top in a directory.
pub(crate) fn is_top(members: &Members, directory: &[u8]) -> bool {
    let marked = MARKS.iter().any(|mark| members.get(&join(directory, mark.as_bytes())).is_some());
    marked || holds_images(members, directory) || holds_images(members, &join(directory, b"checkpoint"))
}

/// The directories at the top of an archive, also those that have no member of their own.
pub(crate) fn directories(members: &Members) -> BTreeSet<&[u8]> {
    // What macOS puts beside every file, and what readers that do not know PAX make of its headers.
    let noise =
        |name: &&[u8]| !name.starts_with(b"._") && !name.starts_with(b"PaxHeader") && *name != b"__MACOSX";
    let tops = members.iter().filter_map(|member| member.name.as_bytes().split_once_str("/"));
    tops.map(|(top, _)| top).filter(noise).collect()
}

/// Whether images lie in a directory itself: a pre-dump has pagemaps and nothing else.
fn holds_images(members: &Members, directory: &[u8]) -> bool {
    let is_image = |name: &[u8]| {
        !name.contains(&b'/')
            && name.ends_with(b".img")
            && (name.starts_with(b"pagemap-") || name.starts_with(b"core-"))
    };
    members.below(directory).any(|member| member.name.below(directory).is_some_and(|name| is_image(name)))
}

/// A name below a directory.
pub(crate) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() { name.to_vec() } else { [directory, b"/", name].concat() }
}
