//! Lists made by hand: what is found by a name, where links lead, what is odd.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::BString;
use proptest::prelude::*;

use super::*;

/// A member of this name; the content is its position, so that it can be told from others.
fn file(name: &str) -> Member {
    Member::lone(Arc::new(Vec::new()), name.as_bytes())
}

fn of_kind(kind: MemberKind, name: &str, link: &str) -> Member {
    let mut member = Member { kind, ..file(name) };
    member.rare_mut().link = Some(link.into());
    member
}

fn hardlink(name: &str, target: &str) -> Member {
    of_kind(MemberKind::Hardlink, name, target)
}

fn symlink(name: &str, target: &str) -> Member {
    of_kind(MemberKind::Symlink, name, target)
}

/// Members at offsets 0, 1, 2 …, and what is told of them.
fn list(members: Vec<Member>) -> (Members, Vec<Finding>) {
    let mut findings = Findings::default();
    let placed = members.into_iter().zip(0..).map(|(member, offset)| Member { offset, ..member });
    let members = Members::new(placed.collect(), &mut findings);
    (members, findings.into_vec())
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

fn at(member: Option<&Member>) -> Option<u64> {
    member.map(|member| member.offset)
}

#[test]
fn the_order_of_the_archive_is_kept() {
    let (members, findings) = list(vec![file("b"), file("a"), file("c")]);
    let names: Vec<_> = members.iter().map(|member| member.name.to_string()).collect();
    assert_eq!(names, ["b", "a", "c"]);
    assert_eq!((members.len(), members.is_empty(), findings), (3, false, vec![]));
    assert_eq!((&members).into_iter().count(), 3);
    assert!(list(vec![]).0.is_empty());
}

#[test]
fn of_a_name_that_repeats_the_last_counts() {
    let (members, findings) = list(vec![file("a"), file("b"), file("./a"), file("a/")]);
    assert_eq!(at(members.get(b"a")), Some(3));
    assert_eq!(at(members.file(b"a")), Some(3));
    assert_eq!(at(members.get(b"b")), Some(1));
    assert_eq!(codes(&findings), [Code::Duplicate, Code::Duplicate]);
    assert_eq!(findings[0].offset, Some(2));
    assert!(findings[0].text.contains("at offset 0x0 and again here"), "{}", findings[0].text);
}

#[test]
fn directories_may_repeat() {
    let directory = || Member { kind: MemberKind::Directory, ..file("d") };
    assert_eq!(list(vec![directory(), directory()]).1, []);
    assert_eq!(codes(&list(vec![directory(), file("d")]).1), [Code::Duplicate]);
}

#[test]
fn what_is_not_there_is_not_found() {
    let (members, _) = list(vec![file("b"), file("d")]);
    for name in [&b""[..], b"a", b"c", b"e", b"b/", b"./b", b"b\0"] {
        assert_eq!(at(members.get(name)), None, "{name:?}");
        assert_eq!(at(members.file(name)), None);
    }
    assert_eq!(at(list(vec![]).0.get(b"")), None);
}

#[test]
fn a_hard_link_is_an_earlier_file() {
    let (members, findings) = list(vec![file("a"), hardlink("h", "./a"), file("a")]);
    assert_eq!(at(members.file(b"h")), Some(0), "the file that there was when the link was made");
    assert_eq!(at(members.get(b"h")), Some(1));
    assert_eq!(codes(&findings), [Code::Duplicate]);
}

#[test]
fn hard_links_that_lead_nowhere_are_told() {
    let directory = Member { kind: MemberKind::Directory, ..file("d") };
    for (what, members) in [
        ("to itself", vec![hardlink("h", "h")]),
        ("to what comes later", vec![hardlink("h", "a"), file("a")]),
        ("to nothing", vec![hardlink("h", "/etc/passwd")]),
        ("to a directory", vec![directory, hardlink("h", "d")]),
        ("to a symbolic link", vec![file("a"), symlink("s", "a"), hardlink("h", "s")]),
        ("without a target", vec![Member { kind: MemberKind::Hardlink, ..file("h") }]),
    ] {
        let (members, findings) = list(members);
        assert_eq!(at(members.file(b"h")), None, "{what}");
        assert_eq!(codes(&findings), [Code::LinkUnresolved], "{what}");
        assert_eq!(findings[0].member.as_ref().map(|name| name.to_string()), Some("h".into()), "{what}");
    }
}

#[test]
fn a_hard_link_to_a_hard_link_is_told() {
    let (members, findings) = list(vec![file("a"), hardlink("b", "a"), hardlink("c", "b")]);
    assert_eq!(at(members.file(b"b")), Some(0));
    assert_eq!(at(members.file(b"c")), None);
    assert_eq!(at(members.follow(b"c")), Some(0), "by name it leads there all the same");
    assert_eq!(codes(&findings), [Code::LinkUnresolved]);
}

#[test]
fn the_target_in_a_finding_is_escaped() {
    let (_, findings) = list(vec![hardlink("h", "a\n\u{1b}[2J")]);
    assert!(findings[0].text.contains(r"`a\n\x1B[2J`"), "{}", findings[0].text);
}

#[test]
fn symbolic_links_are_followed_inside_of_the_archive() {
    let (members, _) = list(vec![
        file("d/a"),
        symlink("d/s", "a"),
        symlink("top", "d/s"),
        symlink("d/up", "../top"),
        symlink("out", "../d/a"),
        symlink("abs", "/d/a"),
        symlink("gone", "nothing"),
        symlink("folder", "d"),
    ]);
    for name in ["d/a", "d/s", "top", "d/up", "./top", "d//s"] {
        assert_eq!(at(members.follow(name.as_bytes())), Some(0), "{name}");
    }
    for name in ["out", "abs", "gone", "folder", "none"] {
        assert_eq!(at(members.follow(name.as_bytes())), None, "{name}");
    }
    assert_eq!(at(members.file(b"top")), None, "a file is no link");
}

#[test]
fn circles_end() {
    let (members, _) =
        list(vec![symlink("a", "b"), symlink("b", "a"), symlink("self", "self"), hardlink("h", "h")]);
    for name in ["a", "b", "self", "h"] {
        assert_eq!(at(members.follow(name.as_bytes())), None, "{name}");
    }
}

/// Fifteen links are followed; the kernel follows forty, and no engine writes two.
#[test]
fn chains_end() {
    let chain = |links: usize| {
        let mut members: Vec<_> =
            (0..links).map(|link| symlink(&format!("l{link}"), &format!("l{}", link + 1))).collect();
        members.push(file(&format!("l{links}")));
        at(list(members).0.follow(b"l0"))
    };
    assert_eq!(chain(15), Some(15));
    assert_eq!(chain(16), None);
    assert_eq!(chain(10_000), None);
}

#[test]
fn below_needs_the_whole_name_of_the_directory() {
    let (members, _) = list(["a/b", "a-b/c", "a", "a0", "a/b/c", "b/a/x", "a.d/e"].map(file).into());
    let below = |directory: &str| {
        members.below(directory.as_bytes()).map(|member| member.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(below("a"), ["a/b", "a/b/c"]);
    assert_eq!(below("a/b"), ["a/b/c"]);
    assert_eq!(below("b"), ["b/a/x"]);
    assert_eq!(below("c"), [""; 0]);
    assert_eq!(below("").len(), 7);
}

#[test]
fn a_directory_has_each_name_once_or_twice() {
    let names = ["a/b/c", "a/b.d", "a/b", "a/b/e/f", "a/g", "ab", "a/"];
    let (members, _) = list(names.map(file).to_vec());
    let children =
        |name: &str| members.children(name.as_bytes()).map(ToString::to_string).collect::<Vec<_>>();
    // Between a name and what is below it, others may stand.
    assert_eq!(children("a"), ["b", "b.d", "b", "g"]);
    assert_eq!(children(""), ["a", "a", "ab"]);
    assert_eq!(children("a/b"), ["c", "e"]);
    assert_eq!(children("a/b.d"), [""; 0]);
}

#[test]
fn odd_names_are_told() {
    for (name, expected) in [
        ("../a", vec![Code::NameClimbs]),
        ("a/../../b", vec![Code::NameClimbs]),
        ("/a", vec![Code::NameAbsolute]),
        ("//../a", vec![Code::NameClimbs, Code::NameAbsolute]),
        ("/", vec![Code::NameAbsolute, Code::NameEmpty]),
        (".", vec![Code::NameEmpty]),
        ("a\0b", vec![Code::NameHasNul]),
        ("..a", vec![]),
        ("a/.../b", vec![]),
        ("./a", vec![]),
    ] {
        let (_, findings) = list(vec![file(name)]);
        assert_eq!(codes(&findings), expected, "{name:?}");
    }
    // The top of the archive is a directory in many a tar.
    let top = Member { kind: MemberKind::Directory, ..file("./") };
    assert_eq!(list(vec![top]).1, []);
}

proptest! {
    /// The index says what a walk over the list says.
    #[test]
    fn the_index_agrees_with_a_walk(names in prop::collection::vec("[ab/.-]{0,4}", 0..30), wanted in "[ab/-]{0,3}") {
        let (members, _) = list(names.iter().map(|name| file(&format!("x/{name}"))).collect());
        let wanted = MemberName::new(format!("x/{wanted}").as_bytes());
        let wanted = wanted.as_bytes();
        let last = members.iter().filter(|member| member.name.as_bytes() == wanted).map(|member| member.offset).next_back();
        prop_assert_eq!(at(members.get(wanted)), last);
        let mut below: Vec<_> =
            members.iter().filter(|member| member.name.below(wanted).is_some()).map(|member| member.offset).collect();
        let mut found: Vec<_> = members.below(wanted).map(|member| member.offset).collect();
        let sorted = members.below(wanted).map(|member| &member.name).is_sorted();
        below.sort_unstable();
        found.sort_unstable();
        prop_assert_eq!(found, below);
        prop_assert!(sorted);
        let inside = members.iter().filter_map(|member| member.name.below(wanted)).filter(|inner| !inner.is_empty());
        let first = |name: &BStr| BString::from(name.split(|&byte| byte == b'/').next().unwrap());
        let children: BTreeSet<BString> = inside.map(first).collect();
        prop_assert_eq!(members.children(wanted).map(BString::from).collect::<BTreeSet<_>>(), children);
    }

    #[test]
    fn any_links_end(links in prop::collection::vec(("[abc]", "(\\.\\./|[abc]/)?[abc]", 0..3), 0..12)) {
        let members = links.iter().map(|(name, target, kind)| match kind {
            0 => file(name),
            1 => symlink(name, target),
            _ => hardlink(name, target),
        });
        let (members, _) = list(members.collect());
        for name in ["a", "b", "c"] {
            for found in [members.file(name.as_bytes()), members.follow(name.as_bytes())].into_iter().flatten() {
                prop_assert!(found.is_file());
            }
        }
    }
}
