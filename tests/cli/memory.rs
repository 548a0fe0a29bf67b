//! `maps`, `mem`, `search` and `strings` as a user runs them.

use std::ffi::OsStr;
use std::fs;

use icecore_synth::Tar;
use serde_json::Value;

use crate::command::{Answer, icecore, json};
use icecore_tests::case;

fn words<'a>(words: &'a [&'a str]) -> Vec<&'a OsStr> {
    words.iter().map(OsStr::new).collect()
}

fn run(line: &[&str]) -> Answer {
    icecore(&words(line))
}

/// The archive of a case, as a word of a command line.
fn archive(name: &str) -> String {
    case(name).archives().swap_remove(0).path.to_str().unwrap().to_owned()
}

fn strings<'a>(rows: &'a Value, key: &str) -> Vec<&'a str> {
    rows.as_array().unwrap().iter().filter_map(|row| row[key].as_str()).collect()
}

/// The kernel has no file of this machine to give: a root file system that is another one is refused by name.
#[test]
fn a_root_file_system_of_another_container_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive("crio-nginx-webserver");
    let document = json(&words(&["mem", "pages", &archive, "-p", "6", "--source", "file"]));
    let names = strings(&document["runs"], "vma_name");
    let program = names.iter().find(|name| name.ends_with("nginx")).unwrap();
    let tar = folder.path().join("other.tar");
    fs::write(&tar, Tar::new().file(program, "another program").finish()).unwrap();
    let tar = tar.to_str().unwrap();
    let line = ["mem", "pages", &archive, "-p", "6", "--source", "file", "--rootfs", tar];
    let told = json(&words(&line));
    let reasons = strings(&told["runs"], "reason");
    assert!(reasons.iter().any(|reason| reason.contains("other.tar//") && reason.contains("has 15 bytes")));
    assert!(strings(&told["runs"], "origin").iter().all(|origin| *origin != "rootfs"));
    let missing = run(&["mem", "pages", &archive, "--rootfs", "/nowhere/at/all"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("/nowhere/at/all"), "{}", missing.err);
}

/// How much was searched, and how long matches of expressions may be, stand beside the hits: text says it on the error
/// stream, JSON in each row, and neither has anything of it where no expression was given.
#[test]
fn a_search_says_what_it_searched_and_what_it_may_miss() {
    let archive = archive("minimal");
    let text = run(&["search", &archive, "-r", "lan[a-z]{4}", "--max-match", "4K"]);
    assert!(text.err.contains("hits in ") && text.err.contains("up to 4096 B"), "{}", text.err);
    let document = json(&words(&["search", &archive, "-r", "lan[a-z]{4}", "--max-match", "4K"]));
    let rows = document["hits"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["max_match"] == 4096), "{document}");
    let literal = run(&["search", &archive, "-e", "lantern"]);
    assert!(literal.err.contains("hits in ") && !literal.err.contains("up to"), "{}", literal.err);
    let stopped = run(&["search", &archive, "-e", "lantern", "-m", "1"]);
    assert!(stopped.err.starts_with("1 hit in the first "), "{}", stopped.err);
    let none = run(&["search", &archive, "-e", "not there at all", "--format", "json"]);
    assert_eq!((none.code, none.err.as_str()), (1, ""));
}

/// Lines as other systems end them, one twice, one of no encoding, and each in three encodings: one row for each text.
#[test]
fn texts_of_a_file_are_counted_by_their_lines() {
    let archive = archive("minimal");
    let folder = tempfile::tempdir().unwrap();
    let patterns = folder.path().join("patterns");
    fs::write(&patterns, b"lantern\r\n\r\n\xe4\xff\nlantern\nnot there\n").unwrap();
    let patterns = patterns.to_str().unwrap();
    let line =
        ["search", &archive, "-f", patterns, "-e", "lantern", "--utf16", "--count", "--format", "json"];
    let answer = run(&line);
    let document: Value = serde_json::from_slice(&answer.out).unwrap();
    let counts = document["counts"].as_array().unwrap();
    assert_eq!(
        strings(&document["counts"], "what"),
        ["lantern", "\u{fffd}\u{fffd}", "not there"],
        "{document}"
    );
    // The bytes that were no text stand beside what is shown for them.
    assert_eq!([&counts[0]["what_b64"], &counts[1]["what_b64"]], [&Value::Null, &Value::from("5P8=")]);
    // The archive is plain, so that each is there once.
    let bytes = fs::read(&archive).unwrap();
    let there = bytes.windows(7).filter(|bytes| bytes == b"lantern").count();
    assert_eq!(
        [&counts[0], &counts[1], &counts[2]].map(|row| row["count"].as_u64()),
        [Some(there as u64), Some(0), Some(0)]
    );
}

/// A stream whose reader has gone.
struct Gone;

impl std::io::Write for Gone {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_scan_ends_quietly_with_the_reader_of_its_pipe() {
    let archive = archive("minimal");
    for line in [&["search", &archive, "-r", "."][..], &["strings", &archive, "-n", "1"]] {
        let mut err = Vec::new();
        let words = ["icecore"].iter().chain(line).map(std::ffi::OsString::from);
        let terminal = icecore_inspect::Terminal::default();
        let mut io = icecore_inspect::Io { out: &mut Gone, err: &mut err, input: None, terminal };
        assert_eq!(icecore_inspect::run(words, &mut io), 0, "{line:?}");
        assert_eq!(String::from_utf8(err).unwrap(), "", "{line:?}");
    }
}
