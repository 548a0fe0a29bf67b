//! What only a real process can show: pipes, devices and exit codes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails is what these are for")]

#[cfg(unix)]
mod extract;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod unprivileged;

use std::io;
use std::process::{Command, Stdio};

fn icecore(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_icecore"));
    command.args(words).stdin(Stdio::null());
    command
}

#[test]
fn exit_codes_reach_the_caller() {
    for (words, code) in [(&["--help"][..], 0), (&[], 0), (&["no-such-command"], 2)] {
        assert_eq!(icecore(words).output().unwrap().status.code(), Some(code), "{words:?}");
    }
}

#[test]
fn a_broken_pipe_ends_quietly() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = icecore(&["--help"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_trouble() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = icecore(&["--help"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(message.starts_with("icecore: cannot write to standard output: No space left"), "{message}");
}

/// Every fixture through every command, with an empty folder for temporary files and another to stand in: kept members
/// of compressed archives go to a file that never has a name.
#[test]
fn commands_leave_nothing_behind() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let fixtures = fixtures.canonicalize().unwrap();
    let (temporary, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archives =
        ["podman-pod/front.tar.zst", "podman-pod/kitchen.tar.gz", "user-namespace/checkpoint.tar.xz"];
    for archive in archives.map(|archive| fixtures.join(archive)) {
        let archive = archive.to_str().unwrap();
        for words in [&["show"][..], &["ls", "-r"], &["logs"], &["logs", "--errors"]] {
            let words: Vec<&str> = words.iter().copied().chain([archive]).collect();
            let mut command = icecore(&words);
            let output = command.env("TMPDIR", temporary.path()).current_dir(here.path()).output().unwrap();
            assert!(output.status.code().is_some_and(|code| code < 2), "{words:?}");
        }
    }
    for folder in [temporary, here] {
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
