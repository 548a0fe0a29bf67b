//! `icecore extract` by a user who may do little: what can be made is made, what cannot is told once.
//!
//! Tests often run as root, whom nothing is refused. Then the program runs as nobody, in a directory of nobody's.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use icecore_synth::{Field, Header, Tar, image};
use serde_json::Value;

/// Whoever has no rights of its own.
const NOBODY: u32 = 65_534;
/// Somebody else.
const OWNER: (u64, u64) = (12_345, 54_321);

/// A directory of the user that the program runs as, with an archive in it and the program, which may lie elsewhere where
/// only root gets to.
struct Scene {
    folder: tempfile::TempDir,
    user: u32,
    is_root: bool,
}

impl Scene {
    fn new(diff: Tar) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = fs::metadata(folder.path()).unwrap().uid();
        let spec = r#"{"annotations":{"io.container.manager":"cri-o"}}"#;
        let tar = Tar::new().file("spec.dump", spec).file("config.dump", "{}");
        let tar = tar.file("checkpoint/inventory.img", image::inventory());
        let tar = tar.file("rootfs-diff.tar", diff.finish());
        fs::write(folder.path().join("archive.tar"), tar.finish()).unwrap();
        // Not by this process: a child that another test starts meanwhile would have it open for writing.
        let mut copy = Command::new("cp");
        copy.arg(env!("CARGO_BIN_EXE_icecore")).arg(folder.path().join("icecore"));
        assert!(copy.status().unwrap().success());
        let (user, is_root) = if own == 0 { (NOBODY, true) } else { (own, false) };
        if is_root {
            chown(folder.path(), Some(user), Some(user)).unwrap();
        }
        Self { folder, user, is_root }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn extract(&self, more: &[&str]) -> Output {
        let mut command = Command::new(self.folder.path().join("icecore"));
        command.arg("extract").arg(self.folder.path().join("archive.tar")).arg("-o").arg(self.out());
        if self.is_root {
            command.uid(self.user).gid(self.user);
        }
        command.args(more).stdin(Stdio::null()).output().unwrap()
    }

    /// The rows of the manifest by path.
    fn manifest(&self) -> BTreeMap<String, Value> {
        let text = fs::read(self.out().join("manifest.json")).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap();
        let rows = document["extracted"].as_array().unwrap().clone();
        let count = rows.len();
        let by_path: BTreeMap<String, Value> =
            rows.into_iter().map(|row| (row["path"].as_str().unwrap().to_owned(), row)).collect();
        assert_eq!(by_path.len(), count, "each path is told once");
        by_path
    }

    fn facts(&self, name: &str) -> fs::Metadata {
        fs::symlink_metadata(self.out().join("diff").join(name)).unwrap()
    }
}

/// Directories that nobody may write to or enter with files in them, set-id programs, and what only root may make.
fn tree(own: u32) -> Tar {
    let of = |flag: u8, name: &str, mode: u32, (uid, gid): (u64, u64)| {
        let header = Header::new(flag, name).mode(mode).owner(uid, gid).mtime(1_000_000_000);
        header.number(Field::Major, 1).number(Field::Minor, 3)
    };
    let own = (u64::from(own), u64::from(own));
    Tar::new()
        .member(of(b'5', "read-only/", 0o555, OWNER), "")
        .member(of(b'5', "read-only/closed/", 0o000, OWNER), "")
        .member(of(b'0', "read-only/closed/file", 0o400, OWNER), "inside")
        .member(of(b'0', "read-only/own", 0o644, own), "mine")
        .member(of(b'1', "read-only/twin", 0o644, own).link("read-only/own"), "")
        .member(of(b'0', "set-uid", 0o4755, OWNER), "program")
        .member(of(b'0', "set-gid", 0o2755, OWNER), "program")
        .member(of(b'2', "link", 0o777, OWNER).link("/etc/passwd"), "")
        .member(of(b'3', "null", 0o666, OWNER), "")
        .member(of(b'4', "disk", 0o660, OWNER), "")
        .member(of(b'6', "pipe", 0o600, OWNER), "")
}

fn message(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn whoever_has_no_rights_gets_all_that_needs_none() {
    let scene = Scene::new(tree(NOBODY));
    let output = scene.extract(&["--links", "--special", "--set-id", "--owners", "inside"]);
    // What a user may not do is no damage of the archive.
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    assert_eq!(
        message(&output),
        "note: 9 files and directories extracted, 2 not written; `manifest.json` tells all of them\n"
    );
    let modes = ["read-only", "read-only/closed", "read-only/closed/file", "set-uid", "set-gid", "pipe"]
        .map(|name| scene.facts(name).mode() & 0o7777);
    assert_eq!(modes, [0o755, 0o700, 0o600, 0o4755, 0o2755, 0o600]);
    assert!(scene.facts("pipe").file_type().is_fifo() && scene.facts("link").is_symlink());
    assert_eq!(scene.facts("read-only/own").ino(), scene.facts("read-only/twin").ino());
    let content = fs::read(scene.out().join("diff/read-only/closed/file")).unwrap();
    assert_eq!(content, b"inside");
    for (path, row) in scene.manifest() {
        let why = row["why"].as_str().unwrap_or_default();
        match path.as_str() {
            "/null" | "/disk" => assert!(row["file"].is_null() && why.contains("not permitted"), "{row}"),
            "/read-only/own" | "/read-only/twin" if scene.is_root => assert_eq!(why, "", "{row}"),
            _ => assert!(why.contains("could not be given to it: Operation not permitted"), "{row}"),
        }
        let Some(file) = row["file"].as_str() else { continue };
        let facts = fs::symlink_metadata(scene.out().join(file)).unwrap();
        assert_eq!((facts.uid(), facts.mtime()), (scene.user, 1_000_000_000), "{path}");
    }
}

/// Without options nothing is asked for that could be refused.
#[test]
fn whoever_asks_for_nothing_is_refused_nothing() {
    let scene = Scene::new(tree(NOBODY));
    let output = scene.extract(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    let manifest = scene.manifest();
    let not_written: Vec<&str> =
        manifest.iter().filter(|(_, row)| row["file"].is_null()).map(|(path, _)| path.as_str()).collect();
    assert_eq!(not_written, ["/disk", "/link", "/null", "/pipe"]);
    let written = manifest.values().filter(|row| row["file"].is_string());
    assert!(written.clone().all(|row| row.get("why").is_none()), "{manifest:?}");
    assert_eq!(written.count(), 7);
}

#[test]
fn a_place_that_may_not_be_written_to_is_trouble() {
    let scene = Scene::new(tree(NOBODY));
    fs::create_dir(scene.out()).unwrap();
    fs::set_permissions(scene.out(), fs::Permissions::from_mode(0o555)).unwrap();
    let output = scene.extract(&[]);
    assert_eq!(output.status.code(), Some(2));
    let expected = format!("icecore: cannot write to {}: Permission denied", scene.out().display());
    assert!(message(&output).starts_with(&expected), "{}", message(&output));
    assert_eq!(fs::read_dir(scene.out()).unwrap().count(), 0);
}
