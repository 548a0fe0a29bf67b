//! The walk of a path as the kernel does it: name by name, through links, never above the top.
//!
//! What is walked through is a [`Place`]: the container's tree, or a root file system alone.

use bstr::{BStr, BString, ByteSlice};

/// Links that are followed in one walk, as many as Linux follows.
pub const MAX_LINKS: u32 = 40;

/// Names that are walked in one walk, those of links included: more than any path of 4096 bytes has.
const MAX_STEPS: usize = 100_000;

/// Somewhere on the way.
pub(crate) trait Place {
    /// Goes to a name in the directory that this is; whether there is such a name does not matter.
    fn enter(&mut self, name: &BStr);

    /// Goes to the directory above. That of the top is the top.
    fn leave(&mut self);

    /// Goes to the top.
    fn leave_all(&mut self);

    /// What a walk has to know of what is here.
    fn kind(&self) -> Kind;
}

/// What a walk has to know of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A symbolic link, and its target.
    Link(BString),
    /// Anything else that is no directory: nothing is below it.
    File,
    /// A directory, or not known.
    Directory,
}

/// Why a walk did not reach its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// There were too many links, or names of links.
    Loop,
    /// The way leads through what is no directory.
    NoDirectory,
}

/// Walks a path from a place, which must be the top, and leaves that at its end; where links never end, at one of them.
///
/// A link at the end is followed if that is asked for, or if the path ends with a slash.
pub(crate) fn walk(at: &mut impl Place, path: &[u8], follow_last: bool) -> Result<(), Stopped> {
    let follow_last = follow_last || path.ends_with(b"/") || path.ends_with(b"/.");
    // The next name is the last.
    let mut todo: Vec<BString> = names(path).rev().map(BString::from).collect();
    let (mut links, mut steps) = (0_u32, 0_usize);
    while let Some(name) = todo.pop() {
        if name == ".." {
            at.leave();
            continue;
        }
        at.enter(name.as_bstr());
        steps = steps.saturating_add(1);
        match at.kind() {
            Kind::Link(_) if todo.is_empty() && !follow_last => {}
            Kind::Link(target) => {
                links = links.saturating_add(1);
                if links > MAX_LINKS || steps.saturating_add(todo.len()) > MAX_STEPS {
                    return Err(Stopped::Loop);
                }
                if target.starts_with(b"/") {
                    at.leave_all()
                } else {
                    at.leave()
                }
                todo.extend(names(&target).rev().take(MAX_STEPS).map(BString::from));
            }
            Kind::File if !todo.is_empty() => {
                name_the_rest(at, &todo);
                return Err(Stopped::NoDirectory);
            }
            Kind::File | Kind::Directory => {}
        }
    }
    Ok(())
}

/// Names what a walk did not come to, so that it is told of that and not of the file in its way. A way back has no name.
fn name_the_rest(at: &mut impl Place, todo: &[BString]) {
    if todo.iter().all(|name| name != "..") {
        todo.iter().rev().for_each(|name| at.enter(name.as_bstr()));
    }
}

/// The names in a path that lead somewhere.
pub(crate) fn names(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".")
}

#[cfg(test)]
mod tests;
