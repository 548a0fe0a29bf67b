//! `icecore extract`: what is made only if it is asked for, and whose files are.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use icecore_archive::{Archive, MemberKind, Options};
use icecore_synth::{Field, Header, Tar, image};
use serde_json::Value;

use crate::command::{Answer, icecore};

/// A checkpoint of CRI-O with these changes.
fn archive(folder: &Path, diff: Tar) -> PathBuf {
    let spec = r#"{"annotations":{"io.container.manager":"cri-o"}}"#;
    let tar = Tar::new().file("spec.dump", spec).file("config.dump", "{}");
    let tar = tar.file("checkpoint/inventory.img", image::inventory());
    let path = folder.join("archive.tar");
    fs::write(&path, tar.file("rootfs-diff.tar", diff.finish()).finish()).unwrap();
    path
}

/// A container that changed files of every type, each owned by 12345:54321.
fn container(folder: &Path) -> PathBuf {
    let header = |flag: u8, name: &str| {
        let header = Header::new(flag, name).owner(12_345, 54_321).mode(0o6640).mtime(1 << 30);
        header.number(Field::Major, 1).number(Field::Minor, 3)
    };
    let diff = Tar::new()
        .member(header(b'5', "srv/"), "")
        .member(header(b'0', "srv/file"), "content")
        .member(header(b'2', "srv/link").link("/etc/passwd"), "")
        .member(header(b'3', "srv/null"), "")
        .member(header(b'4', "srv/disk"), "")
        .member(header(b'6', "srv/pipe"), "");
    archive(folder, diff)
}

fn extract(archive: &Path, output: &Path, more: &[&str]) -> Answer {
    let words = [OsStr::new("extract"), archive.as_os_str(), OsStr::new("-o"), output.as_os_str()];
    let answer = icecore(&words.into_iter().chain(more.iter().map(OsStr::new)).collect::<Vec<_>>());
    assert_eq!(answer.code, 0, "{}", answer.err);
    answer
}

fn manifest(folder: &Path) -> Vec<Value> {
    let document: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    document["extracted"].as_array().unwrap().clone()
}

fn row<'a>(rows: &'a [Value], path: &str) -> &'a Value {
    rows.iter().find(|row| row["path"] == path).unwrap()
}

/// Who may make devices makes them; everybody else is told, and gets the rest.
#[test]
fn devices_and_pipes_are_made_if_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let archive = container(folder.path());
    let (without, with) = (folder.path().join("without"), folder.path().join("with"));
    extract(&archive, &without, &[]);
    for path in ["/srv/null", "/srv/disk", "/srv/pipe"] {
        let rows = manifest(&without);
        let row = row(&rows, path);
        assert_eq!((&row["file"], row["why"].is_string()), (&Value::Null, true), "{row}");
    }
    extract(&archive, &with, &["--special"]);
    let rows = manifest(&with);
    let pipe = fs::symlink_metadata(with.join("diff/srv/pipe")).unwrap();
    assert!(pipe.file_type().is_fifo() && pipe.mode() & 0o7777 == 0o640 && pipe.mtime() != 0);
    for (path, is_block) in [("/srv/null", false), ("/srv/disk", true)] {
        let row = row(&rows, path);
        let Some(file) = row["file"].as_str() else {
            assert!(row["why"].as_str().unwrap().contains("Operation not permitted"), "{row}");
            continue;
        };
        let device = fs::symlink_metadata(with.join(file)).unwrap();
        assert_eq!(
            (device.file_type().is_block_device(), device.file_type().is_char_device()),
            (is_block, !is_block)
        );
        // Major 1, minor 3, as makedev(3) of every libc packs numbers below 256.
        assert_eq!((device.rdev(), device.mode() & 0o7777), (0x103, 0o640));
    }
}

#[test]
fn owners_are_given_if_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let archive = container(folder.path());
    let (without, with) = (folder.path().join("without"), folder.path().join("with"));
    let us = fs::metadata(&archive).unwrap().uid();
    extract(&archive, &without, &["--links"]);
    extract(&archive, &with, &["--links", "--set-id", "--owners", "outside"]);
    for (name, mode) in [("srv", 0o6740), ("srv/file", 0o6640), ("srv/link", 0o777)] {
        let own = fs::symlink_metadata(without.join("diff").join(name)).unwrap();
        assert_eq!(own.uid(), us, "{name}");
        let given = fs::symlink_metadata(with.join("diff").join(name)).unwrap();
        let rows = manifest(&with);
        let row = row(&rows, &format!("/{name}"));
        if row["why"].is_null() {
            assert_eq!((given.uid(), given.gid()), (12_345, 54_321), "{name}");
        } else {
            assert!(row["why"].as_str().unwrap().contains("12345:54321"), "{row}");
        }
        // Giving a file away takes these bits from it, so they come behind.
        assert_eq!(given.mode() & 0o7777, mode, "{name}");
    }
}

/// A tar needs no rights: whoever unpacks it does.
#[test]
fn a_tar_has_devices_and_owners() {
    let folder = tempfile::tempdir().unwrap();
    let archive = container(folder.path());
    let members = |more: &[&str]| {
        let answer = extract(&archive, Path::new("-"), more);
        Archive::open(Arc::new(answer.out), &Options::default())
            .unwrap()
            .members()
            .iter()
            .cloned()
            .collect::<Vec<_>>()
    };
    for member in members(&["--links"]) {
        assert_eq!((member.uid, member.gid, member.mode & 0o7000), (0, 0, 0), "{member:?}");
    }
    let all = members(&["--links", "--special", "--set-id", "--owners", "inside"]);
    let kinds = [
        ("diff/srv", MemberKind::Directory, None),
        ("diff/srv/disk", MemberKind::BlockDevice, Some((1, 3))),
        ("diff/srv/file", MemberKind::File, None),
        ("diff/srv/link", MemberKind::Symlink, None),
        ("diff/srv/null", MemberKind::CharacterDevice, Some((1, 3))),
        ("diff/srv/pipe", MemberKind::Fifo, None),
    ];
    for (name, kind, device) in kinds {
        let member = all.iter().find(|member| member.name.as_bytes() == name.as_bytes()).unwrap();
        assert_eq!((member.kind, member.uid, member.gid), (kind, 12_345, 54_321), "{name}");
        assert!(device.is_none() || member.device() == device, "{name}: {:?}", member.device());
        assert_eq!(member.mtime.seconds, 1 << 30, "{name}");
    }
}

/// Ghosts are stored with the numbers inside; what these are outside, the generator knew.
#[test]
fn the_manifest_has_owners_on_both_sides_of_a_user_namespace() {
    let case = icecore_tests::case("user-namespace");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    extract(&case.dir.join("checkpoint.tar.xz"), &out, &[]);
    let rows = manifest(&out);
    let outside = |inside: u64| {
        let ranges = case.expected["uid_map"].as_array().unwrap().iter();
        let mut ranges = ranges.map(|it| [0, 1, 2].map(|at: usize| it[at].as_u64().unwrap()));
        ranges.find_map(|[from, to, count]| {
            inside.checked_sub(from).filter(|behind| *behind < count)?.checked_add(to)
        })
    };
    let users = case.expected["users"].as_array().unwrap().iter();
    let mut seen = 0;
    for (path, inside) in
        users.filter_map(|user| Some((user["deleted"].as_str()?, user["owner_inside"].as_u64()?)))
    {
        let row = row(&rows, path);
        let expected = (Value::from(inside), Value::from(outside(inside).unwrap()));
        assert_eq!((&row["uid_inside"], &row["uid_outside"]), (&expected.0, &expected.1), "{row}");
        seen += 1;
    }
    assert!(seen >= 7, "{seen}");
}

/// Directories with something made in them later, and all else that has a time: the seconds of `mtime`, and PAX times.
fn dated(folder: &Path) -> PathBuf {
    let header = |flag: u8, name: &str, mtime: u64| Header::new(flag, name).mode(0o755).mtime(mtime);
    let diff = Tar::new()
        .member(header(b'5', "srv/", 1_000_000_001), "")
        .member(header(b'5', "srv/a/", 1_000_000_002), "")
        .member(header(b'5', "srv/a/b/", 1_000_000_003), "")
        .member(header(b'0', "srv/a/b/file", 1_000_000_004), "content")
        .member(header(b'1', "srv/a/twin", 1_000_000_004).link("srv/a/b/file"), "")
        .member(header(b'2', "srv/link", 1_000_000_005).link("a"), "")
        .member(header(b'6', "srv/pipe", 1_000_000_006), "")
        .pax(&[("mtime", b"1000000007.25"), ("atime", b"1200000000.5"), ("ctime", b"1300000000")])
        .member(header(b'0', "srv/fine", 0), "content")
        .pax(&[("mtime", b"-1.25"), ("atime", b"-100")])
        .member(header(b'5', "srv/old/", 0), "");
    archive(folder, diff)
}

/// Seconds and nanoseconds of each.
const TIMES: [(&str, i64, i64); 8] = [
    ("srv", 1_000_000_001, 0),
    ("srv/a", 1_000_000_002, 0),
    ("srv/a/b", 1_000_000_003, 0),
    ("srv/a/b/file", 1_000_000_004, 0),
    ("srv/link", 1_000_000_005, 0),
    ("srv/pipe", 1_000_000_006, 0),
    ("srv/fine", 1_000_000_007, 250_000_000),
    ("srv/old", -2, 750_000_000),
];

#[test]
fn everything_has_the_times_that_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, out) = (dated(folder.path()), folder.path().join("out"));
    extract(&archive, &out, &["--links", "--special"]);
    let facts = |name: &str| fs::symlink_metadata(out.join("diff").join(name)).unwrap();
    for (name, seconds, nanoseconds) in TIMES {
        let facts = facts(name);
        assert_eq!((facts.mtime(), facts.mtime_nsec()), (seconds, nanoseconds), "{name}");
    }
    assert_eq!((facts("srv/fine").atime(), facts("srv/fine").atime_nsec()), (1_200_000_000, 500_000_000));
    assert_eq!(facts("srv/old").atime(), -100);
    let rows = manifest(&out);
    let fine = row(&rows, "/srv/fine");
    let times = ["mtime", "atime", "ctime"].map(|key| fine[key].as_str().unwrap());
    assert_eq!(times, ["2001-09-09T01:46:47.250Z", "2008-01-10T21:20:00.500Z", "2011-03-13T07:06:40Z"]);
    let file = row(&rows, "/srv/a/b/file").as_object().unwrap();
    assert!(!file.contains_key("atime") && !file.contains_key("ctime") && !file.contains_key("btime"));
    assert!(rows.iter().all(|row| row.get("why").is_none()), "{rows:?}");
}

#[test]
fn a_tar_has_the_times_that_its_headers_have_no_room_for() {
    let folder = tempfile::tempdir().unwrap();
    let archive = dated(folder.path());
    let answer = extract(&archive, Path::new("-"), &["--links", "--special"]);
    let tar = Archive::open(Arc::new(answer.out), &Options::default()).unwrap();
    let member = |name: &str| tar.members().get(format!("diff/{name}").as_bytes()).unwrap();
    for (name, seconds, nanoseconds) in TIMES {
        let mtime = member(name).mtime;
        assert_eq!((mtime.seconds, i64::from(mtime.nanoseconds)), (seconds, nanoseconds), "{name}");
    }
    let atime = member("srv/fine").atime().unwrap();
    assert_eq!((atime.seconds, atime.nanoseconds), (1_200_000_000, 500_000_000));
    assert!(member("srv/a/b/file").atime().is_none() && member("srv/old").atime().unwrap().seconds == -100);
    // And so it is listed: what has no such time has no such key.
    let path = folder.path().join("again.tar");
    fs::write(&path, extract(&archive, Path::new("-"), &[]).out).unwrap();
    let listed = crate::command::json(&["ls".as_ref(), path.as_os_str()]);
    let rows = listed["members"].as_array().unwrap();
    let named = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(named("diff/srv/fine")["atime"], "2008-01-10T21:20:00.500Z");
    assert!(named("diff/srv/a/b/file").get("atime").is_none());
}
