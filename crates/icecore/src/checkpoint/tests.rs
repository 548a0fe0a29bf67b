//! Opening, what is kept, and the order of what is told; and how the other tests open a checkpoint that they made.

use std::sync::Arc;

use icecore_synth::{Dump, Process, Record, Tar};

use super::*;
use crate::Pid;

/// A checkpoint of these images.
pub(crate) fn open(dump: &Dump) -> Checkpoint {
    Checkpoint::from_source(Arc::new(dump.tar()), &Options::default()).unwrap()
}

/// What has been told under a code, each `MEMBER, offset 0x…: TEXT`.
pub(crate) fn told(checkpoint: &Checkpoint, code: &str) -> Vec<String> {
    let all = checkpoint.diagnostics();
    all.iter().filter(|diagnostic| diagnostic.code == code).map(ToString::to_string).collect()
}

/// Asserts that this is in what was told under a code, once.
#[track_caller]
pub(crate) fn assert_told(checkpoint: &Checkpoint, code: &str, text: &str) {
    let told = told(checkpoint, code);
    assert_eq!(told.iter().filter(|told| told.contains(text)).count(), 1, "{text} in {told:?}");
}

/// Asserts that nothing was told so far.
#[track_caller]
pub(crate) fn assert_silent(checkpoint: &Checkpoint) {
    let told: Vec<String> = checkpoint.diagnostics().iter().map(ToString::to_string).collect();
    assert_eq!(told, <[&str; 0]>::default());
}

fn all(tar: Tar) -> Result<Vec<Checkpoint>, Error> {
    Checkpoint::from_archive(Archive::open(Arc::new(tar.finish()), &Options::default()).unwrap())
}

#[test]
fn an_archive_without_checkpoint_says_what_was_expected() {
    let error = all(Tar::new().file("readme", "hello").file("notes", "")).unwrap_err();
    let expected =
        "no checkpoint in this tar of 2 members: expected `config.dump`, `checkpoint/` or images at its top";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn parts_are_read_once_and_kept() {
    let checkpoint = open(&Dump::new().process(Process::new(1, 0)));
    assert!(std::ptr::eq(checkpoint.files(), checkpoint.files()));
    assert!(std::ptr::eq(checkpoint.processes(), checkpoint.processes()));
    assert!(std::ptr::eq(checkpoint.mounts(), checkpoint.mounts()));
    assert!(std::ptr::eq(checkpoint.facts(), checkpoint.facts()));
    assert_eq!(checkpoint.label(), "");
}

/// A node that still writes the archive, or writes it again.
#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.tar");
    let tar = Dump::new().process(Process::new(1, 0)).tar();
    std::fs::write(&path, &tar).unwrap();
    let checkpoint = Checkpoint::open(&path).unwrap();
    assert_eq!(checkpoint.processes().len(), 1);
    assert_silent(&checkpoint);
    std::fs::write(&path, [&tar[..], &[0; 512]].concat()).unwrap();
    let text = format!("the file had {} bytes when it was opened, and has {}", tar.len(), tar.len() + 512);
    assert_eq!(told(&checkpoint, "changed-meanwhile"), [text]);
}

#[test]
fn nothing_is_told_before_it_is_asked_for() {
    let dump = Dump::new().process(Process::new(1, 0)).raw("pstree.img", b"\x01\0\0\0\x08");
    let checkpoint = open(&dump);
    assert_eq!(told(&checkpoint, "image-damaged"), <[&str; 0]>::default());
    assert_eq!(checkpoint.processes().len(), 1);
    let damage = told(&checkpoint, "image-damaged");
    assert_eq!(damage.len(), 1, "{damage:?}");
    assert!(damage[0].starts_with("pstree.img, offset 0x"), "{damage:?}");
}

#[test]
fn two_parts_that_meet_one_damage_tell_it_once() {
    let dump = Dump::new().process(Process::new(1, 0)).raw("pstree.img", b"\x01\0\0\0\x08");
    let checkpoint = open(&dump);
    checkpoint.processes();
    checkpoint.counts();
    checkpoint.namespaces();
    checkpoint.cgroups();
    assert_eq!(told(&checkpoint, "image-damaged").len(), 1);
}

#[test]
fn a_page_size_that_the_user_gives_counts() {
    let mut process = Process::new(1, 0);
    // AT_PAGESZ is 6, AT_NULL is 0.
    process.mm = process.mm.map(|mm| mm.list("mm_saved_auxv", [6u64, 16_384, 0, 0]));
    let checkpoint = open(&Dump::new().process(process));
    assert_eq!(checkpoint.machine().page_size, Some(16_384));
    let checkpoint = checkpoint.with_page_size(65_536);
    assert_eq!(checkpoint.machine().page_size, Some(65_536));
}

#[test]
fn a_checkpoint_is_shared_by_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let checkpoint = open(&Dump::new().process(Process::new(1, 0)).process(Process::new(2, 1)));
    is_shared(&checkpoint);
    let counts = std::thread::scope(|scope| {
        let ask = || scope.spawn(|| checkpoint.processes().len());
        [ask(), ask(), ask()].map(|thread| thread.join().unwrap())
    });
    assert_eq!(counts, [2, 2, 2]);
}

#[test]
fn a_document_lies_at_the_root_or_beside_the_images() {
    let stats = Record::new("stats_entry").with("dump", Record::required("dump_stats_entry"));
    let dump = Dump::new().process(Process::new(1, 0)).record("stats-dump", &stats);
    assert!(open(&dump).stats().is_some());
    let tar = Tar::new().file("config.dump", "{}");
    let names = ["inventory.img", "pstree.img", "core-1.img", "stats-dump"];
    let tar =
        names.iter().fold(tar, |tar, name| tar.file(format!("checkpoint/{name}"), dump.get(name).unwrap()));
    let checkpoint = all(tar).unwrap().pop().unwrap();
    assert_eq!(checkpoint.images().directory(), "checkpoint");
    assert!(checkpoint.stats().is_some());
    assert!(checkpoint.process(Pid(1)).is_some());
}
