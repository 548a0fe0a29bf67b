//! What opening costs, counted at the source.

use std::sync::Arc;

use icecore::Checkpoint;
use icecore_archive::{Archive, Options};
use icecore_synth::image::Task;
use icecore_synth::{Counting, Filling, Giant};

/// 64 GiB of memory among the members of an ordinary checkpoint.
fn giant() -> Giant {
    let memory = (1..=64).fold(Giant::new(), |giant, number| {
        let pages =
            Giant::member(giant, &format!("checkpoint/pages-{number}.img"), Filling::Pattern(1 << 30));
        pages.member(&format!("checkpoint/core-{number}.img"), Filling::Zeros(1800))
    });
    memory
        .member("config.dump", Filling::Bytes(br#"{"id": "1"}"#.to_vec()))
        .member("checkpoint/pstree.img", Filling::Zeros(100))
}

#[test]
fn opening_64_gib_reads_less_than_1_mib() {
    let source = Counting::new(Arc::new(giant()));
    let archive = Archive::open(source.clone(), &Options::default()).unwrap();
    assert_eq!((archive.members().len(), archive.roots().len()), (130, 1));
    assert!(archive.length() > 64 << 30);
    let document = archive.roots()[0].file("config.dump").unwrap();
    assert_eq!(document.bytes(("document", 100)).unwrap().as_ref(), br#"{"id": "1"}"#);
    let counts = source.counts();
    assert!(counts.bytes < 1 << 20, "{counts:?}");
    assert!(archive.findings().is_empty(), "{:?}", archive.findings());
}

/// A compressed archive is read once from front to back, and once more at most in its first KiB, which tells what it is.
#[test]
fn a_compressed_archive_is_decoded_once() {
    for (case, file) in [
        ("kitchen-sink", "checkpoint.tar.gz"),
        ("podman-precopy", "relay-final.tar.zst"),
        ("user-namespace", "checkpoint.tar.xz"),
    ] {
        let bytes = std::fs::read(icecore_tests::case(case).place(file)).unwrap();
        let length = bytes.len() as u64;
        let source = Counting::new(Arc::new(bytes));
        let archive = Archive::open(source.clone(), &Options::default()).unwrap();
        for root in archive.roots() {
            for (_, member) in root.iter().filter(|(name, _)| name.ends_with(b".dump")) {
                member.bytes(("document", 64 << 20)).unwrap();
            }
        }
        let counts = source.counts();
        assert!((length..length + 2048).contains(&counts.bytes), "{case}: {counts:?} of {length}");
    }
}

/// All that `show` asks of a container of 64 GiB, images and all.
#[test]
fn showing_64_gib_reads_less_than_1_mib() {
    let tasks = [Task::new(1, 0, "init"), Task::new(7, 1, "worker")];
    let images = icecore_synth::image::checkpoint(&tasks);
    let giant = images.into_iter().fold(Giant::new(), |giant, (name, bytes)| {
        giant.member(&format!("checkpoint/{name}"), Filling::Bytes(bytes))
    });
    let giant = giant
        .member("checkpoint/pages-9.img", Filling::Pattern(64 << 30))
        .member("config.dump", Filling::Bytes(br#"{"id": "1", "name": "giant"}"#.to_vec()))
        .member("stats-dump", Filling::Bytes(icecore_synth::image::stats(1, 2, 3)));
    let source = Counting::new(Arc::new(giant));
    let checkpoint = Checkpoint::from_source(source.clone(), &Options::default()).unwrap();
    assert_eq!(checkpoint.facts().container.name.as_ref().unwrap().value, "giant");
    assert_eq!(checkpoint.counts().processes, Some(2));
    assert_eq!(checkpoint.machine().page_size, Some(4096));
    assert_eq!(checkpoint.stats().unwrap().frozen_us, 2);
    assert!(checkpoint.sizes().pages > 64 << 30);
    checkpoint.check_completeness();
    let counts = source.counts();
    assert!(counts.bytes < 1 << 20, "{counts:?}");
}
