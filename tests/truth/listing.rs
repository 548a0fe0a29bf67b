//! Listings of tars equal those of GNU tar and of Python's `tarfile`, on every sound tar of the corpus, every tar in
//! one, and synthetic ones in the dialects that no engine writes.

use std::fs;
use std::path::Path;

use icecore_archive::{Archive, Member};
use icecore_synth::{Dialect, Field, Header, Tar as Synthetic};

use crate::decoded::{self, Tar};
use crate::rivals::{self, Rival};

#[test]
fn other_programs_list_the_same() {
    let mut rivals = rivals::at_hand();
    let scratch = tempfile::NamedTempFile::new().unwrap();
    let mut members = 0;
    let mut check = |tar: &Tar| {
        fs::write(scratch.path(), &tar.bytes).unwrap();
        let archive = tar.open();
        members += archive.members().len();
        rivals.iter_mut().for_each(|rival| compare(rival.as_mut(), &archive, scratch.path(), &tar.origin));
    };
    decoded::each(&mut check);
    synthetic().iter().for_each(&mut check);
    assert!(members > 2000, "only {members} members were compared");
}

/// Holds our list of a tar, a line a member, against the other's.
fn compare(rival: &mut dyn Rival, archive: &Archive, path: &Path, origin: &str) {
    let ours: Vec<String> = archive.members().iter().map(|member: &Member| rival.line(member)).collect();
    let theirs = rival.list(path);
    let differs = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
    assert_eq!(differs, None, "{origin}: ours and that of {}", rival.name());
    assert_eq!(ours.len(), theirs.len(), "{origin}: members of {}", rival.name());
}

/// Dialects that no engine of the corpus writes.
fn synthetic() -> Vec<Tar> {
    let chunks: Vec<(u64, &[u8])> = (0..30).map(|index| (index * 4096 + 1024, &b"x"[..])).collect();
    let sparse = |dialect| Synthetic::new().sparse(dialect, "sparse", 200_000, &chunks);
    let names = Synthetic::new()
        .long_name(format!("{}x", "long/".repeat(40)))
        .file("cut", "1")
        .pax(&[("path", "caf\u{e9}/x".as_bytes()), ("mtime", b"1700000000.25"), ("uid", b"4000000")])
        .file("plain", "2")
        .file(b"\xff\t\n\\\x1b", "3")
        .long_link(format!("{}x", "target/".repeat(30)))
        .symlink("link", "cut");
    let numbers = Synthetic::new()
        .member(Header::file("gnu").gnu().mode(0o6755).owner(1 << 25, 1 << 30).mtime(1 << 32), "4")
        .member(Header::new(0, "v7/").v7(), "")
        .member(Header::new(b'3', "device").number(Field::Major, 1).number(Field::Minor, 3).mode(0o1666), "")
        .member(Header::new(b'6', "pipe"), "");
    let tars = Dialect::ALL.map(|dialect| (format!("{dialect:?}"), sparse(dialect)));
    let others = [("names".into(), names), ("numbers".into(), numbers)];
    let all = tars.into_iter().chain(others);
    all.map(|(origin, tar)| Tar { origin, bytes: tar.finish() }).collect()
}
