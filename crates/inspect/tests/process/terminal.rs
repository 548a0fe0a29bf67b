//! What a person at a terminal sees.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::icecore;

/// What a command prints on a terminal of so many columns.
fn on_terminal(columns: u16, words: &[&str]) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    tcsetwinsize(&slave, Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = icecore(words);
    command.env_remove("COLUMNS").env("NO_COLOR", "1").stdout(Stdio::from(slave)).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    // It holds the other end of the terminal as long as it lives.
    drop(command);
    let mut text = Vec::new();
    // The end of a terminal is an error.
    let _ = File::from(master).read_to_end(&mut text);
    assert!(child.wait().unwrap().success());
    String::from_utf8(text).unwrap()
}

/// Shells know the width of a terminal, and do not tell their children.
#[test]
fn tables_fit_the_terminal() {
    let widest = |text: &str| text.lines().map(|line| line.trim_end().chars().count()).max();
    let (narrow, wide) = (on_terminal(130, &["kinds"]), on_terminal(400, &["kinds"]));
    assert!(widest(&narrow) <= Some(130), "{narrow}");
    assert!(narrow.contains('…') && !wide.contains('…') && widest(&wide) > Some(130), "{wide}");
    assert_eq!(narrow.lines().count(), wide.lines().count());
}
