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
    let spec = r#"{"annotations":{"io.container.manager":"cri-o"}}"#;
    let tar = Tar::new().file("spec.dump", spec).file("config.dump", "{}");
    let tar = tar.file("checkpoint/inventory.img", image::inventory());
    let path = folder.join("archive.tar");
    fs::write(&path, tar.file("rootfs-diff.tar", diff.finish()).finish()).unwrap();
    path
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
