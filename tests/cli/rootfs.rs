//! `--rootfs`: what only the files of the image tell, and who looks at them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use icecore_synth::{Header, Tar, image};
use serde_json::{Value, json};

use crate::command::{icecore, json};

const CRIO: &str = r#"{"ociVersion":"1.0.0","annotations":{"io.container.manager":"cri-o"}}"#;

/// A container with these changes, and the files of its image.
fn container(folder: &Path, diff: Tar, base: Tar) -> [PathBuf; 2] {
    let tar = Tar::new().file("spec.dump", CRIO).file("config.dump", "{}");
    let images = image::checkpoint(&[image::Task::new(1, 0, "init")]);
    let tar = images.iter().fold(tar, |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    let [archive, rootfs] = ["archive.tar", "base.tar"].map(|name| folder.join(name));
    fs::write(&archive, tar.file("rootfs-diff.tar", diff.finish()).finish()).unwrap();
    fs::write(&rootfs, base.finish()).unwrap();
    [archive, rootfs]
}

/// The words of a command about an archive, with a root file system.
fn words<'a>(command: &'a [&'a str], archive: &'a Path, rootfs: &'a Path) -> Vec<&'a OsStr> {
    let words = command.iter().map(OsStr::new).chain([archive.as_os_str()]);
    words.chain(["--rootfs".as_ref(), rootfs.as_os_str()]).collect()
}

fn diff(archive: &Path, rootfs: &Path, more: &[&str]) -> Vec<Value> {
    let mut words = words(&["fs", "diff"], archive, rootfs);
    words.extend(more.iter().map(OsStr::new));
    json(&words)["changes"].as_array().unwrap().clone()
}

/// 2001-09-09 01:46:40.
const TIME: u64 = 1_000_000_000;

/// Each differs from the image in one way, but for one that does not and one that is new.
fn one_way_each() -> [Tar; 2] {
    let file = |name: &str| Header::file(name).mode(0o644).mtime(TIME);
    let link = |target: &str| Header::new(b'2', "etc/link").mode(0o777).mtime(TIME).link(target);
    let base = Tar::new()
        .member(file("etc/size"), "12345")
        .member(file("etc/mode"), "12345")
        .member(file("etc/owner").owner(5, 6), "12345")
        .member(link("old"), "")
        .member(file("etc/kind"), "12345")
        .member(file("etc/time"), "12345")
        .member(file("etc/same"), "12345");
    let diff = Tar::new()
        .member(file("etc/size"), "1234567")
        .member(file("etc/mode").mode(0o600), "12345")
        .member(file("etc/owner"), "12345")
        .member(link("new"), "")
        .member(Header::new(b'6', "etc/kind").mode(0o644).mtime(TIME), "")
        .member(file("etc/time").mtime(TIME + 60), "12345")
        .member(file("etc/same"), "12345")
        .member(file("etc/new"), "12345");
    [diff, base]
}

#[test]
fn a_modified_file_has_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let [changes, base] = one_way_each();
    let [archive, rootfs] = container(folder.path(), changes, base);
    let rows = diff(&archive, &rootfs, &["--hash"]);
    let former = |path: &str| rows.iter().find(|row| row["path"] == path).unwrap().get("former").cloned();
    let mut expected = json!({
        "type": "file", "mode": "0644", "uid": 0, "gid": 0, "size": 5, "mtime": "2001-09-09T01:46:40Z",
        // sha256sum of 12345.
        "sha256": "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5",
    });
    for path in ["/etc/size", "/etc/mode", "/etc/kind", "/etc/time", "/etc/same"] {
        assert_eq!(former(path), Some(expected.clone()), "{path}");
    }
    (expected["uid"], expected["gid"]) = (json!(5), json!(6));
    assert_eq!(former("/etc/owner"), Some(expected));
    let link = former("/etc/link").unwrap();
    assert_eq!((&link["type"], &link["link"], link.get("size")), (&json!("symlink"), &json!("old"), None));
    assert_eq!(former("/etc/new"), None);
    let without: Vec<&OsStr> = vec!["fs".as_ref(), "diff".as_ref(), archive.as_os_str()];
    let rows = json(&without)["changes"].as_array().unwrap().clone();
    assert!(rows.len() == 8 && rows.iter().all(|row| row.get("former").is_none()), "{rows:?}");
}

#[test]
fn people_see_what_is_not_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let [changes, base] = one_way_each();
    let [archive, rootfs] = container(folder.path(), changes, base);
    let answer = icecore(&words(&["fs", "diff"], &archive, &rootfs));
    let text = String::from_utf8(answer.out).unwrap();
    let line = |path: &str| text.lines().find_map(|line| Some(&line[line.find(path)?..])).unwrap();
    for expected in [
        "/etc/size   was 5 bytes",
        "/etc/mode   was 0644",
        "/etc/owner   was 5:6",
        "/etc/link -> new   was -> old",
        "/etc/kind   was a file, 5 bytes",
        "/etc/time   was of 2001-09-09 01:46:40 UTC",
        "/etc/same",
        "/etc/new",
    ] {
        assert_eq!(line(expected.split(' ').next().unwrap()), expected, "{text}");
    }
}

/// An error for whoever needs it, before anything is written, and none for whoever does not.
#[test]
fn a_root_file_system_is_opened_by_those_who_need_it() {
    let folder = tempfile::tempdir().unwrap();
    let [archive, rootfs] = container(folder.path(), Tar::new().file("etc/new", "1"), Tar::new());
    let missing = folder.path().join("missing");
    for command in [&["ps"][..], &["show"], &["files"], &["timeline"], &["inspect", "-s", "files,events"]] {
        let [with, without] = [&missing, &rootfs].map(|rootfs| icecore(&words(command, &archive, rootfs)));
        assert_eq!((with.code, with.err.as_str()), (0, without.err.as_str()), "{command:?}");
        assert!(with.out == without.out && !with.out.is_empty(), "{command:?}");
    }
    for command in [&["fs", "diff"][..], &["fs", "find"], &["maps"], &["search", "-e", "x"], &["inspect"]] {
        let answer = icecore(&words(command, &archive, &missing));
        assert_eq!((answer.code, answer.out.as_slice()), (2, &b""[..]), "{command:?}");
        let expected = format!("icecore: {}: No such file or directory", missing.display());
        assert!(answer.err.starts_with(&expected), "{command:?}: {}", answer.err);
        // Also of several archives, once.
        let several = words(command, &archive, &missing).into_iter().chain([archive.as_os_str()]);
        let answer = icecore(&several.collect::<Vec<_>>());
        assert!(answer.code == 2 && answer.err.matches("No such file").count() == 1, "{}", answer.err);
    }
}
