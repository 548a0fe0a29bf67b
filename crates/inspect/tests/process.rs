//! What only a real process can show: pipes, devices and exit codes.

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
