//! Logs of archives made to measure.

use icecore_synth::Dump;

use super::*;
use crate::checkpoint::tests::open;

/// Kind and name of each log.
fn listed(names: &[&str]) -> Vec<(LogKind, String)> {
    let checkpoint = open(&names.iter().fold(Dump::new(), |dump, name| dump.image(name, *b"x")));
    checkpoint.logs().map(|(kind, member)| (kind, member.name.to_string())).collect()
}

#[test]
fn each_engine_has_its_place_for_logs() {
    for (name, kind) in NAMES {
        assert_eq!(listed(&[name]), [(kind, String::from(name))]);
    }
    assert_eq!(listed(&["dump.log.1", "x/dump.log", "dump2.log"]), []);
}

#[test]
fn the_log_of_the_container_stands_first() {
    let found = listed(&["restore.log", "dump.log", "ctr.log"]);
    let kinds: Vec<LogKind> = found.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [LogKind::Container, LogKind::Dump, LogKind::Restore]);
}

#[track_caller]
fn check_end(log: &[u8], expected: Option<&str>) {
    let checkpoint = open(&Dump::new().image("ctr.log", log));
    assert_eq!(last_time(&checkpoint).as_deref(), expected);
}

/// The form of the Kubernetes runtimes: time, stream, whether the line is whole, text.
#[test]
fn the_last_line_tells_until_when_the_container_wrote() {
    let line = |second: u32| format!("2024-05-06T07:08:{second:02}.000000001Z stdout F text\n");
    let two = [line(1), line(2)].concat();
    check_end(two.as_bytes(), Some("2024-05-06T07:08:02.000000001Z"));
    check_end(two.trim_end().as_bytes(), Some("2024-05-06T07:08:02.000000001Z"));
    check_end([two.as_str(), "\n\n"].concat().as_bytes(), Some("2024-05-06T07:08:02.000000001Z"));
    check_end(b"", None);
    check_end(b"\n\n", None);
}

#[test]
fn a_long_log_is_read_from_its_end() {
    let line = "2024-05-06T07:08:01Z stdout F ".to_owned() + &"x".repeat(1000) + "\n";
    let log = line.repeat(200) + "2024-05-06T07:08:59Z stderr F end\n";
    check_end(log.as_bytes(), Some("2024-05-06T07:08:59Z"));
}

#[test]
fn the_log_of_a_dump_is_read_and_is_none_where_there_is_none() {
    let text =
        "(00.000001) Version: 4.1 (gitid v4.1)\n(00.000002) Running on node Linux 6.1.0 #1 SMP x86_64\n";
    assert!(open(&Dump::new().image("dump.log", text)).dump_log().is_some());
    assert!(open(&Dump::new().image("restore.log", text)).dump_log().is_none());
}
