//! What this crate writes, read by the archive crate and, where it is at hand, by GNU tar.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use icecore_archive::{Archive, Code, MemberKind, Options};

use super::*;

fn open(bytes: Vec<u8>) -> Archive {
    Archive::open(Arc::new(bytes), &Options::default()).unwrap()
}

fn codes(archive: &Archive) -> Vec<Code> {
    archive.findings().iter().map(|finding| finding.code).collect()
}

/// What GNU tar lists, or nothing where there is no tar.
fn gnu_list(bytes: &[u8]) -> Option<String> {
    let mut tar = Command::new("tar")
        .args(["--list", "--file=-", "--quoting-style=escape"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    tar.stdin.take()?.write_all(bytes).ok()?;
    Some(String::from_utf8(tar.wait_with_output().ok()?.stdout).unwrap())
}

#[test]
fn a_pax_record_counts_its_own_digits() {
    assert_eq!(pax_records(&[("path", b"a")]), b"9 path=a\n");
    // With one digit it would be 10, which has two.
    assert_eq!(pax_records(&[("path", b"ab")]), b"11 path=ab\n");
    // 98 bytes without the length: two digits would make 100, which has three.
    let long = vec![b'v'; 94];
    assert!(pax_records(&[("k", &long)]).starts_with(b"101 k="));
}

#[test]
fn ordinary_members_read_back() {
    let tar = Tar::new()
        .directory("d/")
        .file("d/f", "content")
        .symlink("d/s", "f")
        .hardlink("h", "d/f")
        .long_name("n".repeat(300))
        .file("short", "")
        .finish();
    if let Some(list) = gnu_list(&tar) {
        assert_eq!(list, format!("d/\nd/f\nd/s\nh\n{}\n", "n".repeat(300)));
    }
    let archive = open(tar);
    let kinds: Vec<_> = archive.members().iter().map(|member| member.kind).collect();
    let file = MemberKind::File;
    assert_eq!(kinds, [MemberKind::Directory, file, MemberKind::Symlink, MemberKind::Hardlink, file]);
    assert_eq!(archive.members().file(b"h").unwrap().bytes(("document", 100)).unwrap().as_ref(), b"content");
    assert!(archive.findings().is_empty(), "{:?}", archive.findings());
}

#[test]
fn numbers_beyond_octal_are_binary() {
    let header = Header::file("a").size(3).number(Field::Uid, 1 << 40).mtime(1 << 33);
    let archive = open(Tar::new().member(header, "abc").finish());
    let member = archive.members().get(b"a").unwrap();
    assert_eq!((member.uid, member.mtime.seconds), (1 << 40, 1 << 33));
    let huge = Header::file("a").base256(Field::Size, -512).block(0);
    assert_eq!(huge[124..136], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0]);
}

#[test]
fn every_sparse_dialect_reads_back() {
    let chunks: Vec<Chunk<'_>> = (0..60).map(|index| (index * 5000 + 512, &b"island"[..])).collect();
    let mut content = vec![0; 400_000];
    for (offset, bytes) in &chunks {
        let at = usize::try_from(*offset).unwrap();
        content[at..at + bytes.len()].copy_from_slice(bytes);
    }
    for dialect in Dialect::ALL {
        let tar = Tar::new().sparse(dialect, "sea", 400_000, &chunks).file("behind", "x").finish();
        let archive = open(tar);
        let sea = archive.members().get(b"sea").unwrap_or_else(|| panic!("{dialect:?}"));
        assert!(sea.is_sparse());
        assert_eq!(sea.bytes(("image", 1 << 20)).unwrap().as_ref(), content, "{dialect:?}");
        assert!(archive.members().get(b"behind").is_some());
        assert!(archive.findings().is_empty(), "{:?}", archive.findings());
    }
}

#[test]
fn damage_is_as_ordered() {
    let member = |checksum| {
        let odd = Header::file(b"\xe4\xf6").checksum(checksum);
        Tar::new().file("a", "1").member(odd, "2").file("b", "3")
    };
    assert_eq!(codes(&open(member(Checksum::Unsigned).bytes())), [Code::NoEndMarker]);
    assert_eq!(codes(&open(member(Checksum::Signed).finish())), []);
    assert_eq!(codes(&open(member(Checksum::Wrong).finish())), [Code::BadHeader]);
    let trailing = Tar::new().file("a", "1").raw([0; BLOCK * 2]).file("ghost", "2").bytes();
    assert_eq!(codes(&open(trailing)), [Code::TrailingData]);
}
