//! The image directory of checkpoints made to measure.

use icecore_archive::{Archive, Options};
use icecore_synth::{Dump, Process, Record, Tar};

use super::*;
use crate::Checkpoint;
use crate::checkpoint::tests::{open, told};

fn at(tar: Tar) -> Checkpoint {
    let archive = Archive::open(Arc::new(tar.finish()), &Options::default()).unwrap();
    Checkpoint::from_archive(archive).unwrap().pop().unwrap()
}

/// The images of a dump below a directory.
fn below(tar: Tar, directory: &str, dump: &Dump) -> Tar {
    dump.names().fold(tar, |tar, name| tar.file(format!("{directory}/{name}"), dump.get(name).unwrap()))
}

fn small() -> Dump {
    Dump::new().process(Process::new(1, 0))
}

#[test]
fn images_lie_where_engines_put_them() {
    for directory in ["checkpoint", "pre-checkpoint", "final"] {
        let checkpoint = at(below(Tar::new().file("config.dump", "{}"), directory, &small()));
        assert_eq!(checkpoint.images().directory(), directory);
        assert_eq!(checkpoint.images().full_name("pstree.img"), format!("{directory}/pstree.img"));
        assert_eq!(checkpoint.images().full_name("none.img"), format!("{directory}/none.img"));
        assert_eq!(checkpoint.processes().len(), 1);
    }
    let checkpoint = open(&small());
    assert_eq!((checkpoint.images().directory(), checkpoint.images().full_name("x")), ("", "x".into()));
}

#[test]
fn of_two_directories_the_final_dump_counts() {
    let other = Dump::new().process(Process::new(1, 0)).process(Process::new(2, 1));
    let tar = below(Tar::new().file("config.dump", "{}"), "pre-checkpoint", &small());
    let checkpoint = at(below(tar, "checkpoint", &other));
    assert_eq!(checkpoint.images().directory(), "checkpoint");
    assert_eq!(checkpoint.processes().len(), 2);
}

#[test]
fn what_lies_deeper_is_not_in_the_directory() {
    let tar = below(Tar::new().file("config.dump", "{}"), "checkpoint", &small());
    let checkpoint = at(tar.file("checkpoint/deeper/core-9.img", "x").file("core-8.img", "x"));
    let names: Vec<String> = checkpoint.images().iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["core-1.img", "fs-1.img", "ids-1.img", "inventory.img", "mm-1.img", "pstree.img"]);
    assert!(checkpoint.images().member("core-9.img").is_none());
    assert!(checkpoint.images().member("core-8.img").is_none());
}

#[test]
fn known_images_are_those_with_a_name_of_a_kind() {
    let dump = small().image("readme", *b"x").image("core-x.img", *b"x").image("odd.img", *b"x");
    let checkpoint = open(&dump);
    let known: Vec<Kind> = checkpoint.images().known().map(|(_, kind, _)| kind).collect();
    assert_eq!(known, [Kind::Core, Kind::Fs, Kind::Ids, Kind::Inventory, Kind::Mm, Kind::Pstree]);
}

#[test]
fn an_image_is_told_by_its_name_its_ending_or_its_magic() {
    let pstree = small().get("pstree.img").unwrap().to_vec();
    let dump = small().image("odd.img", *b"x").image("renamed", pstree).image("readme", *b"hello, world");
    let dump = dump.record("stats-dump", &Record::new("stats_entry"));
    let checkpoint = open(&dump);
    let names: Vec<String> = checkpoint.images().files().map(|member| member.name.to_string()).collect();
    for name in ["odd.img", "renamed", "stats-dump", "pstree.img"] {
        assert!(names.iter().any(|other| other == name), "{name}: {names:?}");
    }
    assert!(!names.iter().any(|name| name == "readme"), "{names:?}");
}

#[test]
fn a_pre_dump_has_memory_and_no_processes() {
    let pagemap = Dump::new().record("pagemap-1.img", &Record::required("pagemap_head"));
    assert!(open(&pagemap).images().is_pre_dump());
    assert!(!open(&small()).images().is_pre_dump());
    assert!(!open(&pagemap.process(Process::new(1, 0))).images().is_pre_dump());
    assert!(!open(&Dump::new()).images().is_pre_dump(), "nothing but an inventory");
}

#[test]
fn damage_that_nobody_asked_about_is_told() {
    let unasked = [
        ("utsns-9.img", &b""[..], "utsns-9.img, offset 0x0: "),
        ("utsns-9.img", b"none of ours", "utsns-9.img, offset 0x0: magic "),
        (
            "fs-1.img",
            b"\x19CVT\x12\x39\x40\x51",
            "fs-1.img: ends behind its magic; expected at least one record",
        ),
        ("fs-1.img", b"\x19CVT\x12\x39\x40\x51\x09\0\0\0\x08", "fs-1.img, offset 0x8: "),
    ];
    for (name, bytes, expected) in unasked {
        let checkpoint = open(&small().image(name, bytes));
        let mut diagnostics = Vec::new();
        checkpoint.images().tell_damage(&mut diagnostics);
        let found: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|text| text.starts_with(expected)), "{expected}: {found:?}");
    }
    let mut diagnostics = Vec::new();
    open(&small()).images().tell_damage(&mut diagnostics);
    assert_eq!(diagnostics, []);
}

#[test]
fn an_image_of_another_kind_is_misnamed() {
    let fs = small().get("fs-1.img").unwrap().to_vec();
    let checkpoint = open(&small().image("ids-1.img", fs));
    checkpoint.check_completeness();
    let misnamed = told(&checkpoint, "image-misnamed");
    assert_eq!(misnamed, ["ids-1.img: the name says IDS, the magic FS; the magic counts"]);
}

#[test]
fn only_small_images_are_looked_over() {
    assert!(open(&small()).images().are_small());
    let large = small().image("cgroup.img", vec![0; 600 << 10]);
    assert!(!open(&large).images().are_small());
    let pages = small().image("pages-1.img", vec![0; 600 << 10]);
    assert!(open(&pages).images().are_small(), "pages have no records");
}

#[test]
fn what_can_be_read_of_an_image_is_given() {
    let fs = Record::required("fs_entry").set("cwd_id", 5u32);
    let whole = Dump::new().record("fs-1.img", &fs).record("fs-1.img", &fs);
    let bytes = whole.get("fs-1.img").unwrap();
    // Two magics, then twice four bytes of length and four of record.
    for (cut, expected, damage) in
        [(24, 2, 0), (23, 1, 1), (18, 1, 1), (16, 1, 0), (12, 0, 1), (8, 0, 0), (3, 0, 1)]
    {
        let checkpoint = open(&Dump::new().image("fs-1.img", &bytes[..cut]));
        let mut told = Vec::new();
        let records: Vec<icecore_images::messages::FsEntry> =
            checkpoint.images().records("fs-1.img", &mut told).unwrap();
        assert_eq!((records.len(), told.len()), (expected, damage), "{cut}: {told:?}");
        assert!(records.iter().all(|record| record.cwd_id == 5));
    }
    let none: Option<Vec<icecore_images::messages::FsEntry>> =
        open(&Dump::new()).images().records("fs-1.img", &mut Vec::new());
    assert!(none.is_none());
}
