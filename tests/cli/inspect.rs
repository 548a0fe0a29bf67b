//! `inspect` holds what the other commands list, no more and no less.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;

use icecore_tests::{case, find};
use serde_json::{Map, Value};

use crate::command::{icecore, json, piped};

/// A command with what of its document `inspect` has, and by which keys its rows are told apart.
///
/// Of rows without keys there are as many, in the same order.
const COMMANDS: &[(&[&str], &[&str], &[&str])] = &[
    (&["ps", "--env"], &["processes"], &["pid"]),
    (&["signals"], &["processes"], &["pid"]),
    (&["limits"], &["processes"], &["pid"]),
    (&["mem", "usage"], &["processes"], &["pid"]),
    (&["threads"], &["threads"], &["pid", "tid"]),
    (&["creds"], &["threads"], &["pid", "tid"]),
    (&["files"], &["files"], &[]),
    (&["sockets"], &["sockets"], &[]),
    (&["graph"], &["edges"], &[]),
    (&["mounts"], &["mounts"], &[]),
    (
        &["net", "--sysctls"],
        &["netns", "interfaces", "addresses", "routes", "rules", "firewall", "connections", "sysctls"],
        &[],
    ),
    (&["ipc", "--limits"], &["segments", "semaphores", "ipc_limits"], &[]),
    (&["seccomp"], &["filters"], &[]),
    (&["namespaces"], &["namespaces"], &[]),
    (&["cgroups"], &["cgroups", "cgroup_properties"], &[]),
    (&["maps"], &["maps"], &[]),
    (&["ls"], &["members"], &[]),
];

/// Cases that have something of everything: many processes, zombies, sockets, all namespaces, old and foreign images.
const CASES: [&str; 4] = ["crio-nginx-webserver", "s390x", "kitchen-sink", "crun-busybox"];

#[test]
fn every_command_finds_its_rows_again() {
    let mut rows = 0;
    for case in CASES.iter().filter_map(|name| find(name)) {
        let path = case.archives().remove(0).path;
        let whole = json(&["inspect".as_ref(), path.as_os_str()]);
        for (command, keys, by) in COMMANDS {
            let words = command.iter().map(OsStr::new).chain([path.as_os_str()]);
            let alone = json(&words.collect::<Vec<_>>());
            for key in *keys {
                let place = format!("{}: {} {key}", case.name, command.join(" "));
                rows += check(&place, &list(&alone, key), &list(&whole, key), by);
            }
        }
        let shown = json(&["show".as_ref(), path.as_os_str()]);
        for (key, value) in whole["checkpoint"].as_object().unwrap() {
            assert_eq!(*value, shown[key], "{}: checkpoint.{key}", case.name);
        }
    }
    eprintln!("{rows} rows found again");
    assert!(rows > 500);
}

fn list(document: &Value, key: &str) -> Vec<Map<String, Value>> {
    let rows = document[key].as_array().unwrap_or_else(|| panic!("no list {key}"));
    rows.iter().map(|row| row.as_object().unwrap().clone()).collect()
}

/// Every row of one list is in the other with all of its keys; without `by` both are the same.
fn check(place: &str, rows: &[Map<String, Value>], whole: &[Map<String, Value>], by: &[&str]) -> usize {
    if by.is_empty() {
        assert_eq!(rows, whole, "{place}");
        return rows.len();
    }
    let id = |row: &Map<String, Value>| by.iter().map(|key| row[*key].to_string()).collect::<Vec<_>>();
    let joined: BTreeMap<_, _> = whole.iter().map(|row| (id(row), row)).collect();
    assert_eq!(joined.len(), whole.len(), "{place}: a row stands twice");
    for row in rows {
        let found = joined.get(&id(row)).unwrap_or_else(|| panic!("{place}: no row {:?}", id(row)));
        for (key, value) in row {
            assert_eq!(found.get(key), Some(value), "{place}: {:?} {key}", id(row));
        }
    }
    rows.len()
}

fn fixture() -> std::path::PathBuf {
    case("podman-pod").place("front.tar.zst")
}

/// Asks `inspect` about a fixture.
fn inspect(words: &[&str]) -> Value {
    let path = fixture();
    let words = ["inspect"].iter().chain(words).map(OsStr::new).chain([path.as_os_str()]);
    json(&words.collect::<Vec<_>>())
}

#[test]
fn sections_can_be_picked_and_long_ones_must_be() {
    let keys = |document: &Value| document.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let whole = inspect(&[]);
    assert!(whole.get("runs").is_none() && whole["maps"].is_array());
    let picked = inspect(&["--section", "runs,routes", "-s", "files"]);
    assert_eq!(keys(&picked), ["archive", "container", "diagnostics", "files", "routes", "runs", "schema"]);
    assert_eq!(picked["files"], whole["files"]);
    assert!(!picked["runs"].as_array().unwrap().is_empty());
    let alone = inspect(&["--section", "checkpoint"]);
    assert_eq!(keys(&alone), ["archive", "checkpoint", "container", "diagnostics", "schema"]);
    assert_eq!(alone["checkpoint"], whole["checkpoint"]);
    let unknown = icecore(&["inspect", "x.tar", "--section", "nonsense"].map(OsStr::new));
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("processes") && unknown.err.contains("nonsense"), "{}", unknown.err);
}

#[test]
fn processes_can_be_picked() {
    let path = case("crio-nginx-webserver").archives().remove(0).path;
    let whole = json(&["inspect".as_ref(), path.as_os_str(), "-p".as_ref(), "6".as_ref()]);
    for key in ["processes", "threads", "files", "maps"] {
        let rows = list(&whole, key);
        assert!(!rows.is_empty() && rows.iter().all(|row| row["pid"] == 6), "{key}");
    }
}

/// One pass is enough, in each format, and rows do not depend on how the archive comes. The size of a pipe is not known,
/// so `checkpoint` is not among them.
#[test]
fn an_archive_from_a_pipe_gives_the_same_rows() {
    let (path, bytes) = (fixture(), fs::read(fixture()).unwrap());
    for format in ["json", "jsonl", "csv", "text"] {
        let sections = "--section=processes,threads,files,sockets,edges,mounts,segments,maps,runs,members";
        let format_word = format!("--format={format}");
        // Raw, as `-` is guarded in CSV like any other beginning of a formula.
        let words = |archive| {
            [OsStr::new("inspect"), sections.as_ref(), "--csv-raw".as_ref(), format_word.as_ref(), archive]
        };
        let named = icecore(&words(path.as_os_str()));
        let streamed = piped(&words("-".as_ref()), bytes.clone());
        assert_eq!((named.code, streamed.code), (0, 0), "{}{}", named.err, streamed.err);
        let name = path.to_str().unwrap();
        let renamed = String::from_utf8_lossy(&named.out).replace(name, "-");
        assert!(renamed == String::from_utf8_lossy(&streamed.out), "{format} differs from a pipe");
    }
}

#[test]
fn lines_of_json_name_their_list() {
    let path = fixture();
    let answer = icecore(&["inspect".as_ref(), path.as_os_str(), "--format".as_ref(), "jsonl".as_ref()]);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in answer.out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let row: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(row["container"], "pair-front");
        *counts.entry(row["row"].as_str().unwrap().into()).or_default() += 1;
    }
    let whole = inspect(&[]);
    for (name, count) in &counts {
        assert_eq!(whole[name].as_array().map_or(1, Vec::len), *count, "{name}");
    }
    assert!(counts.len() > 8 && counts["checkpoint"] == 1, "{counts:?}");
}

/// People see a title over each list, and each list in the columns of its command.
#[test]
fn people_get_titles() {
    let answer = icecore(&["inspect".as_ref(), fixture().as_os_str()]);
    let text = String::from_utf8(answer.out).unwrap();
    for title in ["processes", "signals", "limits", "creds", "files", "sockets", "mounts", "maps"] {
        assert!(text.lines().any(|line| line == title), "no title {title}");
    }
    let alone = icecore(&["files".as_ref(), fixture().as_os_str()]);
    assert!(text.contains(&String::from_utf8(alone.out).unwrap()), "the files as their command shows them");
    assert!(!text.contains("next: icecore"), "what to try next is no fact");
}
