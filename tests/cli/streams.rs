//! Standard input, standard output, and what scripts rely on.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use crate::command::{icecore, json};
use icecore_inspect::{Io, Terminal, run};
use icecore_tests::{broken_cases, cases};
use serde_json::Value;

/// Exit code and answer of a command line that reads these bytes.
fn piped(words: &[&str], input: Vec<u8>) -> (u8, Vec<u8>, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let input: Box<dyn std::io::Read + Send> = Box::new(std::io::Cursor::new(input));
    let words = ["icecore"].iter().chain(words).map(OsString::from);
    let code = run(
        words,
        &mut Io { out: &mut out, err: &mut err, input: Some(input), terminal: Terminal::default() },
    );
    (code, out, String::from_utf8(err).unwrap())
}

/// Through a pipe an archive is the same as from its file, but for its name and its length.
#[test]
fn standard_input_is_an_archive_like_any_other() {
    let mut compared = 0;
    for case in cases() {
        let small = |path: &Path| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() < 300_000);
        for archive in case.archives().iter().filter(|archive| small(&archive.path)) {
            for command in ["ls", "show"] {
                let from_file = json(&[command.as_ref(), archive.path.as_os_str()]);
                let bytes = fs::read(&archive.path).unwrap();
                let (code, out, _) = piped(&[command, "-", "--format", "json"], bytes);
                assert_eq!(code, 0, "{}", archive.path.display());
                let from_pipe: Value = serde_json::from_slice(&out).unwrap();
                assert_eq!(nameless(from_pipe), nameless(from_file), "{command} {}", archive.path.display());
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared} answers compared");
}

/// A document without what hangs on the name and length of the file.
fn nameless(mut document: Value) -> Value {
    document["archive"].take();
    if document["sizes"].is_object() {
        document["sizes"]["archive"].take();
        // The name of the file is one of the hints.
        document["container"]["checkpoint_times"].take();
    }
    document
}

/// Every answer is the same bytes the second time, in every format.
#[test]
fn answers_repeat_themselves() {
    for case in ["podman-pod", "ctr-batchd", "user-namespace"].map(icecore_tests::case) {
        for archive in case.archives() {
            for command in ["show", "ls"] {
                for format in ["text", "json", "jsonl", "csv"] {
                    let words =
                        [command.as_ref(), archive.path.as_os_str(), "--format".as_ref(), format.as_ref()];
                    let (first, second) = (icecore(&words), icecore(&words));
                    assert_eq!(
                        (first.out, first.err),
                        (second.out, second.err),
                        "{command} {format} {}",
                        case.name
                    );
                }
            }
        }
    }
}

/// `--strict` makes trouble of damage, and of nothing else.
#[test]
fn strict_is_for_damage() {
    let strict = |path: &Path| icecore(&["show".as_ref(), path.as_os_str(), "--strict".as_ref()]).code;
    for broken in broken_cases(&["tar", "document"]).iter().filter(|broken| broken.open == "partial") {
        let file = broken.case.expected["file"].as_str().unwrap();
        if broken.case.expected["facts"]["unpack"].is_null() {
            assert_eq!(strict(&broken.case.place(file)), 2, "{}", broken.case.name);
        }
    }
    let sound = icecore_tests::case("crio-nginx-webserver");
    assert_eq!(strict(&sound.archives()[0].path), 0);
}

/// Nothing that could command a terminal leaves any command, whatever the archive holds.
#[test]
fn nothing_raw_reaches_a_terminal() {
    // The large ones have nothing odd in their names, and take their time.
    let odd = |name: &str| {
        name.starts_with("text-") || name.starts_with("tar-name-") || name.starts_with("stream-names")
    };
    for broken in broken_cases(&[]).iter().filter(|broken| odd(&broken.case.name)) {
        let file = broken.case.expected["file"].as_str().unwrap();
        let path = broken.case.place(file);
        for words in
            [&["show"][..], &["ls"], &["ls", "-r"], &["show", "--format", "json"], &["ls", "--format", "csv"]]
        {
            let arguments: Vec<&std::ffi::OsStr> =
                words.iter().map(|word| (*word).as_ref()).chain([path.as_os_str()]).collect();
            let answer = icecore(&arguments);
            let all = String::from_utf8_lossy(&answer.out).into_owned() + &answer.err;
            let is_csv = words.contains(&"csv");
            let raw = all.chars().find(|&c| {
                c.is_control() && c != '\n' && !(is_csv && c == '\r')
                    || ('\u{202a}'..='\u{202e}').contains(&c)
            });
            // CSV and JSON of a pipe are exact by design; there JSON escapes, and CSV quotes.
            assert!(is_csv || raw.is_none(), "{} {words:?}: {raw:?}", broken.case.name);
        }
    }
}
