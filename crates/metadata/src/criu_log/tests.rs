//! Logs as CRIU writes them, and as somebody else might.

use super::*;
use crate::finding::Finding;
use proptest::prelude::*;

fn read(text: &str) -> (CriuLog, Vec<Finding>) {
    let mut findings = Findings::new("dump.log");
    let log = CriuLog::read(text.as_bytes(), &mut findings);
    (log, findings.finish())
}

/// Lines of a real log of CRIU 4.2.
const REAL: &str = "(00.000000) CRIU run id = 09290375-5b7e-4bd6-b1fd-46fa15cbae21
(00.000000) CRIU run id = 75d407d7-7dcd-4d80-af26-556b761ad6ed
(00.000042) Version: 4.2 (gitid v4.2)
(00.000057) Running on node-1 Linux 6.18.44-fc-v657 #1 SMP PREEMPT_DYNAMIC @0 x86_64
(00.000876) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
(00.438994) Dumping finished successfully
";

#[test]
fn a_real_head_and_tail() {
    let (log, findings) = read(REAL);
    assert!(findings.is_empty());
    assert_eq!(log.version.as_deref(), Some("4.2"));
    assert_eq!(log.node.as_deref(), Some("node-1"));
    assert_eq!(log.kernel.as_deref(), Some("6.18.44-fc-v657"));
    assert_eq!(log.machine.as_deref(), Some("x86_64"));
    assert_eq!(log.run_id.as_deref(), Some("75d407d7-7dcd-4d80-af26-556b761ad6ed"));
    assert_eq!(log.outcome, Outcome::Finished);
    assert_eq!(log.last_stamp.as_deref(), Some("00.438994"));
    let error = log.first_error.unwrap();
    assert_eq!((error.line, error.offset), (5, 249));
}

#[test]
fn lies_are_told_as_such() {
    let text = REAL.replace("Version: 4.2", "Version: 1.0");
    let text = text.replace("Dumping finished successfully", "Error (criu/cr-dump.c:2098): Dumping FAILED.");
    let (log, findings) = read(&format!("{text}\u{1b}[31mRunning on quite-another-host\n"));
    assert_eq!((log.outcome, log.node.as_deref()), (Outcome::Failed, Some("node-1")));
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::LogContradiction, Code::LogUnfinished]);
}

#[test]
fn a_cut_log_and_a_build_outside_of_git() {
    let (log, findings) = read("(00.1) Version: 3.17.1 (gitid 0)\n(00.2) Seized task 12");
    assert_eq!((log.outcome, findings.len()), (Outcome::Unknown, 1));
}

proptest! {
    #[test]
    fn any_text_ends(text in "[()0-9.\nA-Z a-z]{0,120}") {
        read(&text);
    }
}

fn log(lines: &[&str]) -> (CriuLog, Vec<Code>) {
    let mut findings = Findings::new("dump.log");
    let log = CriuLog::read(lines.join("\n").as_bytes(), &mut findings);
    (log, findings.finish().iter().map(|finding| finding.code).collect())
}

#[test]
fn lines_without_a_stamp_say_nothing() {
    for line in [
        "Version: 4.2 (gitid v4.2)",
        "() Version: 4.2",
        "(00.1 Version: 4.2",
        "(abc) Version: 4.2",
        "(00.000001 ) Version: 4.2",
        "[00.000001] Version: 4.2",
        &format!("({}) Version: 4.2", "1".repeat(40)),
    ] {
        let (log, codes) = log(&[line]);
        assert_eq!((log.version, log.last_stamp, log.lines), (None, None, 1), "{line}");
        assert_eq!(codes, [Code::LogUnfinished]);
    }
}

#[test]
fn versions_have_several_forms() {
    for (line, version, git_id, contradicts) in [
        ("Version: 4.2 (gitid v4.2)", "4.2", Some("v4.2"), false),
        ("Version: 4.2 (gitid v4.2-12-gabc)", "4.2", Some("v4.2-12-gabc"), false),
        ("Version: 4.2 (gitid v3.19)", "4.2", Some("v3.19"), true),
        ("Version: 4.2 (gitid 0)", "4.2", Some("0"), false),
        ("Version: 4.2", "4.2", None, false),
        ("Version: 4.2 (gitid v4.2", "4.2", None, false),
    ] {
        let (log, codes) = log(&[&format!("(00.000001) {line}"), "(00.2) Dumping finished successfully"]);
        assert_eq!((log.version.as_deref(), log.git_id.as_deref()), (Some(version), git_id), "{line}");
        assert_eq!(codes.contains(&Code::LogContradiction), contradicts, "{line}: {codes:?}");
    }
}

#[test]
fn the_first_machine_and_the_last_run_count() {
    let (log, _) = log(&[
        "(00.000001) Running on node-1 Linux 6.18.44 #1 SMP x86_64",
        "(00.000002) Running on node-2 Linux 5.4 #1 aarch64",
        "(00.000003) Version: 4.1",
        "(00.000004) Version: 3.0",
        "(00.000005) CRIU run id = one",
        "(00.000006) CRIU run id = two",
    ]);
    assert_eq!((log.node.as_deref(), log.kernel.as_deref()), (Some("node-1"), Some("6.18.44")));
    assert_eq!((log.machine.as_deref(), log.version.as_deref()), (Some("x86_64"), Some("4.1")));
    assert_eq!(
        (log.run_id.as_deref(), log.last_stamp.as_deref(), log.lines),
        (Some("two"), Some("00.000006"), 6)
    );
}

#[test]
fn the_last_message_decides_the_outcome() {
    let success = "(01.5) Dumping finished successfully";
    let failure = "(01.6) Error (criu/cr-dump.c:2098): Dumping FAILED.";
    for (lines, outcome) in [
        (&[success][..], Outcome::Finished),
        (&["(01.5) Pre-dumping finished successfully"], Outcome::Finished),
        (&[success, failure], Outcome::Failed),
        (&[failure, success], Outcome::Finished),
        (&[success, "(01.7) something else"], Outcome::Unknown),
        (&[success, "no stamp"], Outcome::Finished),
        (&["(01.5) Dumping finished successfully."], Outcome::Unknown),
        (&["(01.5) Dumping FAILED."], Outcome::Unknown),
        (&[], Outcome::Unknown),
    ] {
        let (log, codes) = log(lines);
        assert_eq!(log.outcome, outcome, "{lines:?}");
        assert_eq!(codes.contains(&Code::LogUnfinished), outcome != Outcome::Finished, "{lines:?}");
    }
}

#[test]
fn the_first_error_is_told_with_its_place() {
    let (log, _) = log(&["(00.1) fine", "(00.2) Error (a.c:1): one", "(00.3) Error (b.c:2): two"]);
    let error = log.first_error.unwrap();
    assert_eq!((error.line, error.offset, error.text.as_str()), (2, 12, "Error (a.c:1): one"));
    let mut findings = Findings::new("dump.log");
    let log = CriuLog::read(b"(00.1)\tError (x\xff)\r\n", &mut findings);
    assert_eq!(log.first_error.unwrap().text, "Error (x\u{fffd})");
}
