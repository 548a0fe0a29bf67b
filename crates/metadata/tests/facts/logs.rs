//! The log of CRIU and the log of the container.

use icecore_metadata::criu_log::Outcome;
use icecore_metadata::logs::{MESSAGE_LIMIT, Stream, messages};
use icecore_metadata::{Code, Documents};

fn documents(log: &str) -> Documents {
    let mut documents = Documents::default();
    documents.add("dump.log", log.as_bytes());
    documents
}

#[test]
fn the_last_message_says_how_a_dump_ended() {
    let cases = [
        ("(00.1) Dumping finished successfully\n", Outcome::Finished),
        ("(00.1) Pre-dumping finished successfully", Outcome::Finished),
        ("(00.1) Error (criu/cr-dump.c:2098): Dumping FAILED.\n", Outcome::Failed),
        ("(00.1) Error (criu/cr-dump.c:1): Pre-dumping FAILED.\n", Outcome::Failed),
        ("(00.1) Dumping FAILED.\n", Outcome::Unknown),
        ("(00.1) Dumping finished successfully\n(00.2) one more\n", Outcome::Unknown),
        ("(00.1) Dumping finished successfully or not\n", Outcome::Unknown),
        // Lines without a stamp are no messages of CRIU.
        ("(00.1) Dumping finished successfully\nDumping FAILED.\n", Outcome::Finished),
        ("", Outcome::Unknown),
    ];
    for (log, outcome) in cases {
        let found = documents(log);
        assert_eq!(found.log.get().unwrap().outcome, outcome, "{log}");
        let told: Vec<_> = found.findings.iter().map(|finding| finding.code).collect();
        let expected: &[Code] = if outcome == Outcome::Finished { &[] } else { &[Code::LogUnfinished] };
        assert_eq!(told, expected, "{log}");
    }
}

#[test]
fn stamps_are_digits_in_brackets() {
    for line in
        ["(00.1a) Version: 9", "() Version: 9", "00.1) Version: 9", "(00.1 Version: 9", "[00.1] Version: 9"]
    {
        assert_eq!(documents(line).log.get().unwrap().version, None, "{line}");
    }
    let long = format!("({}) Version: 9", "1".repeat(40));
    assert_eq!(documents(&long).log.get().unwrap().version, None);
    let found = documents("(1) Version: 4.2 (gitid v4.2)\r\n(2.5) CRIU run id = x\n");
    let log = found.log.get().unwrap();
    assert_eq!((log.version.as_deref(), log.run_id.as_deref()), (Some("4.2"), Some("x")));
    assert_eq!((log.last_stamp.as_deref(), log.lines), (Some("2.5"), 2));
}

/// What stands first counts: whoever appends to a log does not change what it said.
#[test]
fn the_first_version_and_machine_count() {
    let found = documents(
        "(0.1) Version: 4.2 (gitid 0)\n(0.2) Running on a Linux 6.18 #1 SMP x86_64\n\
         (0.3) Version: 1.0\n(0.4) Running on b Linux 2.6 #1 i686\n",
    );
    let log = found.log.get().unwrap();
    assert_eq!((log.version.as_deref(), log.node.as_deref()), (Some("4.2"), Some("a")));
    assert_eq!((log.kernel.as_deref(), log.machine.as_deref()), (Some("6.18"), Some("x86_64")));
    let found = documents("(0.1) Version: 3.17\n(0.2) Running on\n");
    assert_eq!(found.log.get().unwrap().git_id, None);
}

fn all(log: &[u8]) -> Vec<(Stream, Vec<u8>, bool)> {
    messages(log).map(|message| (message.stream, message.text.into_owned(), message.partial)).collect()
}

const TIME: &str = "2026-11-25T20:35:47.934826643+00:00";

#[test]
fn lines_are_told_one_by_one() {
    let line = |rest: &str| all(format!("{TIME} {rest}").as_bytes());
    assert_eq!(line("stdout F a b  c"), [(Stream::Stdout, b"a b  c".to_vec(), false)]);
    assert_eq!(line("stderr F "), [(Stream::Stderr, b"".to_vec(), false)]);
    assert_eq!(line("stdout F:x:y text"), [(Stream::Stdout, b"text".to_vec(), false)], "more tags");
    for other in ["stdin F x", "stdout X x", "stdout", "stdout f x", "Stdout F x"] {
        assert_eq!(line(other)[0].0, Stream::Unknown, "{other}");
    }
    // Text of a program that looks like a line, but has no time.
    assert_eq!(all(b"one stdout F four")[0].0, Stream::Unknown);
    assert_eq!(all(b""), []);
    assert_eq!(all(b"\xff\xfe\n"), [(Stream::Unknown, b"\xff\xfe".to_vec(), false)]);
}

#[test]
fn json_lines_need_all_their_keys() {
    let whole = br#"{"log":"x\n","stream":"stderr","time":"2026-11-25T20:35:47Z"}"#;
    assert_eq!(all(whole), [(Stream::Stderr, b"x".to_vec(), false)]);
    for other in [
        &br#"{"log":"x\n","stream":"stderr"}"#[..],
        br#"{"log":1,"stream":"stderr","time":"t"}"#,
        br#"{"log":"x\n","stream":"both","time":"t"}"#,
        br#"{"log":"x\n","stream":"stderr","time":"t""#,
    ] {
        assert_eq!(all(other), [(Stream::Unknown, other.to_vec(), false)]);
    }
}

/// A message that never ends comes in parts: memory is bounded, and nothing is lost.
#[test]
fn a_message_without_end_comes_in_parts() {
    let piece = "x".repeat(1 << 20);
    let line = format!("{TIME} stdout P {piece}\n");
    let log = line.repeat(40);
    let found = all(log.as_bytes());
    assert!(found.len() >= 2, "{}", found.len());
    assert!(found.iter().all(|(_, text, partial)| *partial && text.len() < MESSAGE_LIMIT + piece.len()));
    assert_eq!(found.iter().map(|(_, text, _)| text.len()).sum::<usize>(), 40 * piece.len());
}
