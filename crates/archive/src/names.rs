//! Names of members: bytes, in one normal form.

use std::borrow::Borrow;
use std::fmt;

use bstr::{BStr, ByteSlice};

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
pub struct MemberName(Box<[u8]>);

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
        self.0.as_bstr().fmt(formatter)
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

    #[test]
    fn bytes_are_not_interpreted() {
        for raw in [&b"caf\xe9"[..], b"a\0b", b"a\nb", b" ", b"...", b".a", b"a.", b"a\\b", b"C:\\x", b"~"] {
            assert_eq!(MemberName::new(raw).as_bytes(), raw);
        }
        assert_ne!(name("A"), name("a"));
        assert_ne!(name("e\u{301}"), name("\u{e9}"));
    }

    #[test]
    fn file_names_are_last_components() {
        for (raw, file) in [("a/b/c", "c"), ("a", "a"), ("", ""), ("a/b/", "b"), ("a/..", "..")] {
            assert_eq!(name(raw).file_name(), file, "{raw}");
        }
    }

    #[test]
    fn everything_lies_below_the_empty_directory() {
        for raw in ["a", "a/b", ""] {
            assert_eq!(name(raw).below(b""), Some(name(raw).0.as_bstr()));
        }
        assert_eq!(name("a/b/c").below(b"a/b"), Some(BStr::new("c")));
        assert_eq!(name("a/b/c").below(b"b"), None);
        assert_eq!(name("a/b/c").below(b"a/"), None, "directories have no slash behind them");
    }

    #[test]
    fn link_targets_are_resolved_by_their_components() {
        for (from, target, expected) in [
            ("a/b/c", "d", Some("a/b/d")),
            ("a/b/c", "./d/", Some("a/b/d")),
            ("a/b/c", "../../d", Some("d")),
            ("a/b/c", "../..", Some("")),
            ("a/b/c", "../../..", None),
            ("a/b/c", "x/../../y", Some("a/y")),
            ("a", "..", None),
            ("a", "", Some("")),
            ("a", "//etc", None),
        ] {
            let found = name(from).link_target(target.as_bytes());
            assert_eq!(
                found.as_ref().map(MemberName::as_bytes),
                expected.map(str::as_bytes),
                "{from} -> {target}"
            );
        }
    }

    #[test]
    fn names_are_shown_on_one_line() {
        assert_eq!(MemberName::new(b"a\n\t\x1b\xff/\xc3\xa9").to_string(), "a\\n\\t\\x1B\\xFF/\u{e9}");
        assert_eq!(format!("{:?}", name("a")), "\"a\"");
    }

    proptest::proptest! {
        /// Normal is normal: nothing is lost but empty components and dots, and twice is once.
        #[test]
        fn normalising_twice_is_normalising_once(raw in "[a./]{0,12}|.{0,12}") {
            let once = name(&raw);
            assert_eq!(&MemberName::new(once.as_bytes()), &once);
            let parts = raw.split('/').filter(|part| !part.is_empty() && *part != ".");
            assert_eq!(once.as_bytes(), parts.collect::<Vec<_>>().join("/").as_bytes());
            assert_eq!(once.climbs(), raw.split('/').any(|part| part == ".."));
        }

        /// A link leads to a name in normal form, or nowhere.
        #[test]
        fn links_never_climb_out(from in "[ab./]{1,8}", target in "[ab./]{0,12}") {
            // A name that itself climbs is a key like any other, so its directory is too.
            if let Some(found) = name(&from).link_target(target.as_bytes()).filter(|_| !name(&from).climbs()) {
                assert!(!found.climbs());
                assert_eq!(&MemberName::new(found.as_bytes()), &found);
            }
        }
    }
}
