//! The members of an archive, found by name.

use bstr::{BStr, ByteSlice};

use crate::finding::{Code, Finding, Findings};
use crate::{Member, MemberKind, MemberName};

/// A list of members in archive order, with an index of their names.
///
/// A name may occur more than once. Whoever unpacks an archive ends with the last one, so that is what
/// [`Members::get`] gives.
#[derive(Debug, Default)]
pub struct Members {
    list: Vec<Member>,
    /// Positions in `list`, sorted by name and, for one name, by position.
    by_name: Vec<usize>,
}

impl Members {
    /// Indexes a list, and tells what is odd about its names.
    pub(crate) fn new(list: Vec<Member>, findings: &mut Findings) -> Self {
        let mut by_name: Vec<usize> = (0..list.len()).collect();
        by_name.sort_by(|&left, &right| list.get(left).map(name).cmp(&list.get(right).map(name)));
        let members = Self { list, by_name };
        members.tell_names(findings);
        members
    }

    /// All members in the order of the archive.
    pub fn iter(&self) -> std::slice::Iter<'_, Member> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The member of this name, of several the last.
    pub fn get(&self, name: &[u8]) -> Option<&Member> {
        self.position(name).and_then(|position| self.list.get(position))
    }

    /// The regular file of this name. A hard link is followed in one step to an earlier regular file.
    pub fn file(&self, name: &[u8]) -> Option<&Member> {
        let position = self.position(name)?;
        let member = self.list.get(position)?;
        match member.kind {
            MemberKind::File => Some(member),
            MemberKind::Hardlink => self.hardlink_target(position),
            _ => None,
        }
    }

    /// The regular file that a name leads to by hard and symbolic links inside of the archive, at most 16 of them.
    pub fn follow(&self, name: &[u8]) -> Option<&Member> {
        let mut name = MemberName::new(name);
        for _ in 0..16 {
            let member = self.get(name.as_bytes())?;
            name = match (member.kind, member.link()) {
                (MemberKind::File, _) => return Some(member),
                (MemberKind::Symlink, Some(target)) => member.name.link_target(target)?,
                (MemberKind::Hardlink, Some(target)) => MemberName::new(target),
                _ => return None,
            };
        }
        None
    }

    /// The members whose names lie below a directory, sorted by name; all of them for the empty one.
    pub fn below<'a>(&'a self, directory: &[u8]) -> impl Iterator<Item = &'a Member> + use<'a> {
        let prefix = if directory.is_empty() { Vec::new() } else { [directory, b"/"].concat() };
        let first = self.first_from(&prefix);
        let rest = self.by_name.get(first..).unwrap_or_default().iter().filter_map(|&at| self.list.get(at));
        // Names of one prefix stand together.
        rest.take_while(move |member| member.name.as_bytes().starts_with(&prefix))
    }

    /// The names directly in a directory, sorted: those of members, and those of directories above members. Of a directory
    /// that is both, the name may come twice.
    pub fn children<'a>(&'a self, directory: &[u8]) -> impl Iterator<Item = &'a BStr> + use<'a> {
        let prefix = if directory.is_empty() { Vec::new() } else { [directory, b"/"].concat() };
        let mut next = self.first_from(&prefix);
        std::iter::from_fn(move || {
            let member = self.list.get(*self.by_name.get(next)?)?;
            let inner = name(member).strip_prefix(prefix.as_slice())?;
            let (child, is_below) =
                inner.split_once_str("/").map_or((inner, false), |(child, _)| (child, true));
            next = match is_below {
                // What is below one directory stands together, and in front of the first name with the byte behind `/`.
                true => self.first_from(&[prefix.as_slice(), child, b"0"].concat()),
                false => next.saturating_add(1),
            };
            Some(child.as_bstr())
        })
        .filter(|child| !child.is_empty())
    }

    /// Where the first name stands that is not in front of another.
    fn first_from(&self, wanted: &[u8]) -> usize {
        self.by_name.partition_point(|&at| self.list.get(at).map(name) < Some(wanted))
    }

    fn position(&self, wanted: &[u8]) -> Option<usize> {
        let end = self.by_name.partition_point(|&at| self.list.get(at).map(name) <= Some(wanted));
        let position = *self.by_name.get(end.checked_sub(1)?)?;
        (name(self.list.get(position)?) == wanted).then_some(position)
    }

    /// What the hard link at `position` stands for.
    fn hardlink_target(&self, position: usize) -> Option<&Member> {
        let target = MemberName::new(self.list.get(position)?.link()?);
        let end = self.by_name.partition_point(|&at| self.list.get(at).map(name) <= Some(target.as_bytes()));
        let same_name = self.by_name.get(..end)?.iter().rev().map_while(|&at| {
            let member = self.list.get(at)?;
            (member.name == target).then_some((at, member))
        });
        same_name.filter(|(at, _)| *at < position).map(|(_, member)| member).find(|member| member.is_file())
    }

    fn tell_names(&self, findings: &mut Findings) {
        for (position, member) in self.list.iter().enumerate() {
            let mut tell =
                |code, text: &str| findings.add(Finding::new(code, text).of(&member.name).at(member.offset));
            if member.name.climbs() {
                tell(Code::NameClimbs, "the name has `..` in it; it is not resolved");
            }
            let raw_name = member.raw_name();
            if raw_name.first() == Some(&b'/') {
                tell(Code::NameAbsolute, "the name is absolute; it is taken relative to the archive's root");
            }
            if member.name.as_bytes().is_empty() && member.kind != MemberKind::Directory {
                tell(Code::NameEmpty, "the name is empty; the member can only be listed");
            }
            if raw_name.contains(&0) {
                tell(Code::NameHasNul, "the name holds a byte 0; other readers cut it there");
            }
            self.tell_link(position, member, findings);
        }
        self.tell_duplicates(findings);
    }

    fn tell_link(&self, position: usize, member: &Member, findings: &mut Findings) {
        if member.kind != MemberKind::Hardlink || self.hardlink_target(position).is_some() {
            return;
        }
        let target = member.link().unwrap_or_default().escape_bytes().to_string();
        let text = format!("hard link to `{target}`, which is no earlier regular file of this archive");
        findings.add(Finding::new(Code::LinkUnresolved, text).of(&member.name).at(member.offset));
    }

    fn tell_duplicates(&self, findings: &mut Findings) {
        let sorted = self.by_name.iter().filter_map(|&at| self.list.get(at));
        let mut previous: Option<&Member> = None;
        for member in sorted {
            let twin = previous.replace(member).filter(|twin| twin.name == member.name);
            // Directories are listed twice by many a writer; nothing hangs on it.
            if let Some(twin) =
                twin.filter(|twin| (twin.kind, member.kind) != (MemberKind::Directory, MemberKind::Directory))
            {
                let text = format!(
                    "the name occurs at offset {:#x} and again here; the later one counts",
                    twin.offset
                );
                findings.add(Finding::new(Code::Duplicate, text).of(&member.name).at(member.offset));
            }
        }
    }
}

fn name(member: &Member) -> &[u8] {
    member.name.as_bytes()
}

impl<'a> IntoIterator for &'a Members {
    type Item = &'a Member;
    type IntoIter = std::slice::Iter<'a, Member>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests;
