//! `icecore extract` on a full disk, into a pipe that closes, and when a signal ends it: no file is ever half under its name.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use icecore_synth::{Dialect, Tar, image};

use super::icecore;

/// A folder with an archive in it, of a container that changed files.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new(diff: Tar) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spec = r#"{"annotations":{"io.container.manager":"cri-o"}}"#;
        let tar = Tar::new().file("spec.dump", spec).file("config.dump", "{}");
        let tar = tar.file("checkpoint/inventory.img", image::inventory());
        fs::write(folder.path().join("archive.tar"), tar.file("rootfs-diff.tar", diff.finish()).finish())
            .unwrap();
        Self { folder }
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive.tar")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn extract(&self) -> Command {
        let mut command = icecore(&["extract"]);
        command.arg(self.archive()).arg("-o").arg(self.out());
        command
    }

    /// The files in the directory, sorted.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut todo = vec![self.out()];
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                match entry.file_type().unwrap().is_dir() {
                    true => todo.push(entry.path()),
                    false => files.push(self.name(&entry.path())),
                }
            }
        }
        files.sort();
        files
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.out()).unwrap().to_str().unwrap().to_owned()
    }

    /// A directory that has something in it is not taken for a new one.
    fn is_refused_now(&self) {
        let before = self.files();
        let again = self.extract().output().unwrap();
        assert_eq!(again.status.code(), Some(2));
        assert!(message(&again).contains("the directory is not empty"), "{}", message(&again));
        assert_eq!(self.files(), before);
    }
}

fn message(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn three_files() -> Tar {
    Tar::new().file("a", "small").file("b", vec![b'x'; 1 << 20]).file("c", "later")
}

/// No disk is at hand that can be filled. A limit for the size of files ends a write in the same way, if its signal is
/// ignored.
#[test]
fn a_disk_that_is_full_has_whole_files_only() {
    let scene = Scene::new(three_files());
    let direct = scene.extract();
    let script = r#"trap '' XFSZ && ulimit -f 64 && exec "$0" "$@""#;
    let limited = Command::new("sh")
        .args(["-c", script])
        .arg(direct.get_program())
        .args(direct.get_args())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(limited.status.code(), Some(2), "{}", message(&limited));
    let expected = format!("icecore: cannot write to {}: File too large", scene.out().display());
    assert!(message(&limited).starts_with(&expected), "{}", message(&limited));
    assert_eq!(scene.files(), ["diff/a"]);
    assert_eq!(fs::read(scene.out().join("diff/a")).unwrap(), b"small");
    scene.is_refused_now();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_a_tar_is_trouble() {
    let scene = Scene::new(three_files());
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = icecore(&["extract", "-o", "-"]);
    let output = command.arg(scene.archive()).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(message(&output).starts_with("icecore: cannot write to standard output: No space left"));
}

#[test]
fn a_tar_that_nobody_reads_on_ends_quietly() {
    let scene = Scene::new(three_files());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = icecore(&["extract", "-o", "-"]);
    let output = command.arg(scene.archive()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.code(), message(&output).as_str()), (Some(0), ""));
}

/// Files of holes, the sums of which take minutes, so that the signal comes while one of them is written.
///
/// Ctrl-C is SIGINT, which a shell makes its jobs in the background ignore, and they those that they start: these tests, for
/// one. SIGTERM ends a program that handles neither in the same way.
#[test]
fn a_signal_leaves_no_half_file() {
    const TERMINATED: i32 = 15;
    let holes =
        |tar: Tar, number| tar.sparse(Dialect::Pax10, &format!("b{number}"), 15 << 30, &[(4096, b"data")]);
    let scene = Scene::new((0..100).fold(Tar::new().file("a", "small"), holes));
    let mut child = scene.extract().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (partial, started) = (scene.out().join("%partial/diff/b0"), Instant::now());
    while !partial.exists() {
        assert!(started.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.signal(), message(&output).as_str()), (Some(TERMINATED), ""));
    // Which of them is not whole nobody can tell, so none has its final name.
    let files = scene.files();
    assert!(files.contains(&"%partial/diff/a".to_owned()), "{files:?}");
    assert!(files.iter().all(|file| file.starts_with("%partial/")), "{files:?}");
    scene.is_refused_now();
}
