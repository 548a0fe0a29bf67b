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
