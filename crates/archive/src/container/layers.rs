//! Layers of an image, applied on each other as a file system: what is above replaces, and whiteouts remove.
//!
//! Nothing is ever removed but entries of a list.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::tree::join;
use crate::finding::{Code, Finding, Findings};
use crate::{Member, MemberKind, Members};

/// Applies layers, the lowest first. A single one without whiteouts is taken as it is.
pub(super) fn apply(layers: &[Arc<Members>], findings: &mut Findings) -> Arc<Members> {
    match layers {
        [only] if !only.iter().any(|member| Whiteout::of(member).is_some()) => only.clone(),
        layers => {
            let mut tree = Tree::default();
            for layer in layers {
                tree.whiteouts(layer, findings);
                tree.entries(layer);
            }
            tree.into_members()
        }
    }
}

/// What a member of a layer does to the layers below.
#[derive(Debug, PartialEq, Eq)]
enum Whiteout<'a> {
    /// `.wh.NAME`: removes this name beside it, with everything below.
    Name(&'a BStr),
    /// `.wh..wh..opq`: hides everything in its directory.
    Opaque,
    /// It has the prefix, and is data of AUFS or names nothing that could be removed.
    Odd,
}

impl<'a> Whiteout<'a> {
    /// `None`: the member is a file of the image.
    fn of(member: &'a Member) -> Option<Self> {
        let name = member.name.file_name().strip_prefix(b".wh.")?;
        Some(match name {
            b".wh..opq" => Self::Opaque,
            b"" | b"." | b".." => Self::Odd,
            name if name.starts_with(b".wh.") => Self::Odd,
            name => Self::Name(name.as_bstr()),
        })
    }
}

/// The file system so far: members by name, each with the time at which it came.
#[derive(Debug, Default)]
struct Tree {
    entries: BTreeMap<BString, (usize, Member)>,
    clock: usize,
}

impl Tree {
    /// Removes what a layer's whiteouts say from the layers below it, wherever they stand in the layer.
    fn whiteouts(&mut self, layer: &Members, findings: &mut Findings) {
        for member in layer {
            let Some(whiteout) = Whiteout::of(member) else { continue };
            let name = member.name.as_bytes();
            let directory = name.rsplit_once_str("/").map_or(&b""[..], |(directory, _)| directory);
            let text = match whiteout {
                Whiteout::Name(name) => {
                    let target = join(directory, name);
                    let itself = usize::from(self.entries.remove(target.as_bstr()).is_some());
                    let count = itself.saturating_add(self.remove_below(&target));
                    format!("removes `{}`, {count} members of the layers below", target.escape_bytes())
                }
                Whiteout::Opaque => {
                    format!("hides {} members of the layers below", self.remove_below(directory))
                }
                Whiteout::Odd => "is a whiteout of no file; it removes nothing and is no member".into(),
            };
            findings.add(Finding::new(Code::Whiteout, text).of(&member.name).at(member.offset));
        }
    }

    /// Adds the files of a layer.
    fn entries(&mut self, layer: &Members) {
        for member in layer.iter().filter(|member| Whiteout::of(member).is_none()) {
            if member.kind != MemberKind::Directory {
                // A file takes the place of a directory with all that is in it.
                self.remove_below(member.name.as_bytes());
            }
            self.clock = self.clock.saturating_add(1);
            let entry = (self.clock, settled(member, layer));
            self.entries.insert(member.name.as_bytes().into(), entry);
        }
    }

    /// Removes what lies below a directory, everything for the empty one, and says how much that was.
    fn remove_below(&mut self, directory: &[u8]) -> usize {
        if directory.is_empty() {
            return std::mem::take(&mut self.entries).len();
        }
        let first: BString = [directory, b"/"].concat().into();
        // `0` is the byte behind `/`: all names in between begin with the directory and its slash.
        let end: BString = [directory, b"0"].concat().into();
        let below: Vec<BString> = self.entries.range(first..end).map(|(name, _)| name.clone()).collect();
        below.iter().for_each(|name| drop(self.entries.remove(name)));
        below.len()
    }

    fn into_members(self) -> Arc<Members> {
        let mut entries: Vec<(usize, Member)> = self.entries.into_values().collect();
        entries.sort_by_key(|(clock, _)| *clock);
        let list = entries.into_iter().map(|(_, member)| member).collect();
        // What is odd about the names was told when the layers were opened.
        Arc::new(Members::new(list, &mut Findings::default()))
    }
}

/// A member that does not depend on others: a hard link is one more name of a file in its own layer, whatever the
/// layers above do to the other name.
fn settled(member: &Member, layer: &Members) -> Member {
    let target = (member.kind == MemberKind::Hardlink).then(|| layer.file(member.name.as_bytes())).flatten();
    match target {
        Some(target) => target.clone().named_as(member),
        None => member.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A layer from lines `NAME` or `NAME/`, whose content is the text given.
    fn layer(content: &str, names: &[&str]) -> Arc<Members> {
        let list = names.iter().map(|name| {
            let mut member = Member::lone(Arc::new(content.as_bytes().to_vec()), name.as_bytes());
            if name.ends_with('/') {
                member.kind = MemberKind::Directory;
            }
            member
        });
        Arc::new(Members::new(list.collect(), &mut Findings::default()))
    }

    fn check(layers: &[Arc<Members>], expected: &[(&str, &str)]) {
        let members = apply(layers, &mut Findings::default());
        let found: Vec<(String, String)> = members
            .iter()
            .map(|member| {
                let content = member.bytes(("document", 100)).unwrap();
                (member.name.to_string(), content.to_str_lossy().into_owned())
            })
            .collect();
        let found: Vec<_> = found.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn later_files_replace() {
        check(&[layer("1", &["a", "b", "c"]), layer("2", &["b"])], &[("a", "1"), ("c", "1"), ("b", "2")]);
    }

    #[test]
    fn whiteouts_remove_from_below_alone() {
        let below = layer("1", &["d/", "d/a", "d/a/x", "d/a0", "d/a-", "d/b", "e"]);
        check(
            &[below, layer("2", &["d/a", "d/.wh.a", "d/.wh.b", ".wh.none"])],
            &[("d", "1"), ("d/a0", "1"), ("d/a-", "1"), ("e", "1"), ("d/a", "2")],
        );
    }

    #[test]
    fn an_opaque_directory_hides_what_was_in_it() {
        let below = layer("1", &["d/", "d/a", "d/e/f", "d-x", "x"]);
        check(
            &[below.clone(), layer("2", &["d/new", "d/.wh..wh..opq"])],
            &[("d", "1"), ("d-x", "1"), ("x", "1"), ("d/new", "2")],
        );
        check(&[below, layer("2", &[".wh..wh..opq", "only"])], &[("only", "2")]);
    }

    #[test]
    fn odd_whiteouts_are_no_members_and_remove_nothing() {
        let odd = layer("2", &[".wh.", ".wh..", ".wh...", ".wh..wh.plnk", ".wh..wh.", "d/.wh..wh.aufs"]);
        check(&[layer("1", &["d/", "d/a"]), odd.clone()], &[("d", "1"), ("d/a", "1")]);
        check(std::slice::from_ref(&odd), &[]);
        let mut findings = Findings::default();
        apply(&[odd], &mut findings);
        assert_eq!(findings.into_vec().len(), 6);
    }

    #[test]
    fn a_file_takes_the_place_of_a_directory_and_a_directory_that_of_a_file() {
        check(&[layer("1", &["d/", "d/a", "d/b/c"]), layer("2", &["d"])], &[("d", "2")]);
        check(&[layer("1", &["d"]), layer("2", &["d/", "d/a"])], &[("d", "2"), ("d/a", "2")]);
    }

    #[test]
    fn a_hard_link_keeps_its_content_when_the_other_name_goes() {
        let mut list =
            vec![Member::lone(Arc::new(b"1".to_vec()), b"a"), Member::lone(Arc::new(Vec::new()), b"link")];
        list[1].kind = MemberKind::Hardlink;
        list[1].rare_mut().link = Some("a".into());
        let below = Arc::new(Members::new(list, &mut Findings::default()));
        check(&[below, layer("2", &[".wh.a"])], &[("link", "1")]);
    }

    /// The names that are left, by rules applied name by name and without ranges.
    fn naive(layers: &[Vec<String>]) -> BTreeSet<String> {
        let mut names = BTreeSet::<String>::new();
        for layer in layers {
            for name in layer {
                let (directory, file) = name.rsplit_once('/').unwrap_or(("", name));
                let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
                match file.strip_prefix(".wh.") {
                    Some(".wh..opq") => names.retain(|name| !name.starts_with(&prefix)),
                    Some(target) if !target.is_empty() => {
                        let target = format!("{prefix}{target}");
                        names.retain(|name| *name != target && !name.starts_with(&format!("{target}/")));
                    }
                    _ => {}
                }
            }
            for name in layer.iter().filter(|name| !name.contains(".wh.")) {
                names.retain(|other| !other.starts_with(&format!("{name}/")));
                names.insert(name.clone());
            }
        }
        names
    }

    proptest::proptest! {
        #[test]
        fn ranges_remove_what_the_rules_say(
            layers in proptest::collection::vec(
                proptest::collection::vec("([ab][0-]?/){0,2}([ab][0-]?|\\.wh\\.[ab]|\\.wh\\.\\.wh\\.\\.opq)", 0..8), 2..4)
        ) {
            let built: Vec<_> = layers.iter().map(|names| {
                layer("", &names.iter().map(String::as_str).collect::<Vec<_>>())
            }).collect();
            let found: BTreeSet<String> =
                apply(&built, &mut Findings::default()).iter().map(|member| member.name.to_string()).collect();
            assert_eq!(found, naive(&layers));
        }
    }
}
