//! Names of members: bytes, in one normal form.

use std::borrow::Borrow;
use std::fmt;

use bstr::{BStr, BString, ByteSlice};

/// The name under which a member is found: its components joined by one `/`, without `.` and without a leading
/// or trailing slash.
///
/// A name is a key and never a path. `..` stays as it is: it is not resolved and leads nowhere. Names are bytes;
/// two names are the same only if all bytes are.
///
/// ```
/// use icecore_archive::MemberName;
///
/// assert_eq!(MemberName::new(b"./checkpoint//pstree.img"), MemberName::new(b"checkpoint/pstree.img"));
/// assert_ne!(MemberName::new(b"a/../b"), MemberName::new(b"b"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MemberName(BString);

impl MemberName {
    /// Normalises a name as it stands in an archive.
    pub fn new(raw: &[u8]) -> Self {
        if is_normal(raw) {
            return Self(raw.into());
        }
        let mut name = Vec::with_capacity(raw.len());
        for component in raw.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".") {
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend_from_slice(component);
        }
        Self(name.into())
    }

    /// The bytes of the name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &BStr {
        self.0.rsplit(|&byte| byte == b'/').next().unwrap_or_default().as_bstr()
    }

    /// What is behind `directory/` in this name; for the empty directory, the whole name.
    pub fn below(&self, directory: &[u8]) -> Option<&BStr> {
        if directory.is_empty() {
            return Some(self.0.as_bstr());
        }
        self.0.strip_prefix(directory)?.strip_prefix(b"/").map(ByteSlice::as_bstr)
    }

    /// Whether a component is `..`.
    pub fn climbs(&self) -> bool {
        self.0.split(|&byte| byte == b'/').any(|part| part == b"..")
    }

    /// The name that a symbolic link beside this member leads to, if it stays inside of the archive.
    ///
    /// Absolute targets and those that climb above the top lead nowhere.
    pub fn link_target(&self, target: &[u8]) -> Option<Self> {
        if target.first() == Some(&b'/') {
            return None;
        }
        let mut components: Vec<&[u8]> = self.0.split(|&byte| byte == b'/').collect();
        components.pop();
        for component in target.split(|&byte| byte == b'/') {
            match component {
                b"" | b"." => {}
                b".." => drop(components.pop()?),
                name => components.push(name),
            }
        }
        Some(Self(components.join(&b'/').into()))
    }
}

fn is_normal(raw: &[u8]) -> bool {
    raw.split(|&byte| byte == b'/').all(|part| !part.is_empty() && part != b".")
}

impl Borrow<[u8]> for MemberName {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MemberName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The name for people: invalid bytes and control characters escaped.
impl fmt::Display for MemberName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.escape_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(raw: &str) -> MemberName {
        MemberName::new(raw.as_bytes())
    }

    #[test]
    fn spellings_of_one_name_are_equal() {
        for raw in ["a/b", "./a/b", "a//b", "/a/b", "a/b/", "a/./b", "././a/b//"] {
            assert_eq!(name(raw), name("a/b"), "{raw}");
        }
        assert_eq!(name("/"), name(""));
        assert_eq!(name("."), name(""));
    }

    #[test]
    fn parents_are_not_resolved() {
        assert_eq!(name("a/../b").as_bytes(), b"a/../b");
        assert!(name("../x").climbs());
        assert!(!name("..x/y..").climbs());
    }

    #[test]
    fn links_stay_inside() {
        assert_eq!(name("checkpoint/parent").link_target(b"../pre-checkpoint"), Some(name("pre-checkpoint")));
        assert_eq!(name("a/b").link_target(b"c"), Some(name("a/c")));
        assert_eq!(name("a").link_target(b"../etc/passwd"), None);
        assert_eq!(name("a").link_target(b"/etc/passwd"), None);
    }

    #[test]
    fn below_needs_a_whole_component() {
        assert_eq!(name("checkpoint/pstree.img").below(b"checkpoint"), Some(BStr::new("pstree.img")));
        assert_eq!(name("checkpoint-x/pstree.img").below(b"checkpoint"), None);
        assert_eq!(name("checkpoint").below(b"checkpoint"), None);
    }
}
