//! What opening costs, counted at the source.

use std::sync::Arc;

use allocation_counter::measure;
use icecore::Checkpoint;
use icecore_archive::{Archive, Options};
use icecore_synth::image::Task;
use icecore_synth::{Counting, Field, Filling, Giant, Header, Tar};

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

/// What a listing keeps of a member beside its name: 96 bytes, its place in the order of names, and what allocators add.
const LISTED: u64 = 128;

/// Names of 50 bytes, and owners' names in every header, as in the changed files of a container.
fn many(count: u64) -> Tar {
    (0..count).fold(Tar::new(), |tar, number| {
        let name = format!("./usr/lib/python3/dist-packages/p-{:05}/m_{number:07}", number / 100);
        let owned = |header: Header| header.field(Field::Owner, "root").field(Field::Group, "root");
        match number % 100 {
            0 => tar.member(owned(Header::new(b'5', format!("{name}/"))), ""),
            _ => tar.member(owned(Header::file(name)), "import os"),
        }
    })
}

/// A million changed files have to fit beside all else that a command needs: what every member has is kept once, or not at
/// all.
#[test]
fn a_listing_takes_little_more_than_its_names() {
    const COUNT: u64 = 20_000;
    let names: u64 = 50 * COUNT;
    let source = Arc::new(many(COUNT).finish());
    let mut archives = Vec::with_capacity(1);
    let taken = measure(|| archives.push(Archive::open(source.clone(), &Options::default()).unwrap()));
    let members = archives[0].members();
    assert_eq!((members.len() as u64, archives[0].findings()), (COUNT, &[][..]));
    let member = members.iter().next_back().unwrap();
    assert_eq!((member.owner_names(), member.is_file()), (("root".into(), "root".into()), true));
    let kept = u64::try_from(taken.bytes_current).unwrap();
    // A vector that grows has up to twice what is in it; pages that were never written to are no memory yet.
    let room = (COUNT.next_power_of_two() - COUNT) * 96;
    assert!(kept < names + LISTED * COUNT + room, "{} bytes a member: {taken:?}", kept / COUNT);
    assert!(taken.bytes_max < kept * 2, "{taken:?}");
    assert!(taken.count_total < 4 * COUNT, "{taken:?}");
}

/// What lies in a file is read where it is asked for: its pages become no memory of the process.
#[cfg(target_os = "linux")]
#[test]
fn a_listing_of_a_mapped_file_leaves_it_on_disk() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), many(20_000).finish()).unwrap();
    let archive = Archive::open_path(file.path(), &Options::default()).unwrap();
    assert_eq!(archive.members().len(), 20_000);
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let path = file.path().to_str().unwrap();
    let of_file = maps.lines().skip_while(|line| !line.ends_with(path));
    let resident = of_file.clone().find_map(|line| line.strip_prefix("Rss:")).unwrap();
    assert_eq!(resident.trim(), "0 kB");
    // And it is a map: what is borrowed is there.
    let member = archive.members().get(b"usr/lib/python3/dist-packages/p-00000/m_0000001").unwrap();
    assert!(matches!(member.bytes(("image", 9)).unwrap(), std::borrow::Cow::Borrowed(b"import os")));
}
