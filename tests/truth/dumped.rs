//! `mem dump` against what the kernel read: the index leads from an address to the bytes that were there.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::command::icecore;

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(value: &Value) -> u64 {
    let text = value.as_str().unwrap();
    u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
}

fn size(bytes: u64) -> usize {
    bytes.try_into().unwrap()
}

/// Writes a dump of a process in one form and gives its index.
fn dump(archive: &Path, pid: u64, form: &str, to: &Path) -> Value {
    let (pid, index) = (pid.to_string(), to.with_extension("json"));
    let words = ["mem", "dump"].map(AsRef::as_ref).into_iter().chain([archive.as_os_str()]);
    let more = ["-p", &pid, "--form", form, "--index"].map(AsRef::as_ref);
    let all: Vec<_> = words.chain(more).chain([index.as_os_str(), "-o".as_ref(), to.as_os_str()]).collect();
    let answer = icecore(&all);
    assert_eq!(answer.code, 0, "{}: {}", archive.display(), answer.err);
    serde_json::from_slice(&fs::read(index).unwrap()).unwrap()
}

/// The bytes of an area, put together from pieces; `None` where one has no place in the output.
fn area(pieces: &[Value], start: u64, end: u64, read: &dyn Fn(&Value) -> Vec<u8>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for piece in pieces {
        let (from, to) = (number(&piece["start"]), number(&piece["end"]));
        if from < start || to > end {
            continue;
        }
        match (&piece["at"], piece["source"].as_str()) {
            _ if piece["reason"].is_string() => return None,
            (Value::Null, Some("zero")) => bytes.resize(bytes.len() + size(to - from), 0),
            (Value::Null, _) => return None,
            _ => bytes.extend(read(piece)),
        }
    }
    (bytes.len() as u64 == end - start).then_some(bytes)
}

fn slice(bytes: &[u8], piece: &Value) -> Vec<u8> {
    let at = size(piece["at"].as_u64().unwrap());
    let length = size(number(&piece["end"]) - number(&piece["start"]));
    bytes[at..at + length].to_vec()
}

/// Areas that were dumped in every form have the digests that the kernel's bytes had.
#[test]
fn dumps_have_the_bytes_that_the_kernel_read() {
    let mut compared = 0;
    for name in ["minimal", "s390x", "arm64-16k", "lz4-minimal", "crac-threads"] {
        let Some(case) = icecore_tests::find(name) else { continue };
        let archive = case.archives().swap_remove(0);
        let truth = case.truth(archive.truth.as_ref().unwrap());
        for process in truth["processes"].as_array().unwrap() {
            let Some(areas) = process["memory"].as_array() else { continue };
            let pid = process["pid"].as_u64().unwrap();
            let folder = tempfile::tempdir().unwrap();
            for form in ["raw", "sparse", "areas"] {
                let out = folder.path().join(form);
                let index = dump(&archive.path, pid, form, &out);
                let whole = if form == "areas" { Vec::new() } else { fs::read(&out).unwrap() };
                let read = |piece: &Value| match piece["file"].as_str() {
                    Some(file) => slice(&fs::read(out.join(file)).unwrap(), piece),
                    None => slice(&whole, piece),
                };
                let pieces = index["pieces"].as_array().unwrap();
                for one in areas.iter().filter(|one| one["sha256"].is_string()) {
                    let bytes = area(pieces, number(&one["start"]), number(&one["end"]), &read);
                    let Some(bytes) = bytes else { continue };
                    let excepted = case.expected["memory_exceptions"].as_array().is_some_and(|all| {
                        all.iter().any(|entry| entry["pid"] == pid && entry["start"] == one["start"])
                    });
                    if !excepted {
                        let place = format!("{name} {pid} {form} {}", one["start"]);
                        assert_eq!(digest(&bytes), one["sha256"].as_str().unwrap(), "{place}");
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 60, "{compared} areas were compared");
}

/// What is unknown is told on the error stream and in the index, and never stands there as zeros without a word.
#[test]
fn what_is_unknown_is_named() {
    let case = icecore_tests::case("crio-nginx-webserver");
    let archive = case.archives().swap_remove(0);
    let folder = tempfile::tempdir().unwrap();
    let index = dump(&archive.path, 6, "sparse", &folder.path().join("dump"));
    let unknown: Vec<_> =
        index["pieces"].as_array().unwrap().iter().filter(|piece| piece["source"] == "file").collect();
    assert!(!unknown.is_empty());
    assert!(
        unknown.iter().all(|piece| piece["reason"].as_str().is_some_and(|why| why.contains("mapped file")))
    );
    let words = ["mem", "dump"].map(AsRef::as_ref).into_iter().chain([archive.path.as_os_str()]);
    let answer = icecore(&words.chain(["-p", "6"].map(AsRef::as_ref)).collect::<Vec<_>>());
    let written: u64 = index["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|piece| piece["member"].is_string())
        .map(|piece| number(&piece["end"]) - number(&piece["start"]))
        .sum();
    assert_eq!(answer.out.len() as u64, written);
    assert!(answer.err.contains("unmodified page of the mapped file"), "{}", answer.err);
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let case = icecore_tests::case("minimal");
    let archive = &case.archives()[0].path;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("kept"), "kept").unwrap();
    let run = |form: &str, out: &Path| {
        let words: [&std::ffi::OsStr; 9] = [
            "mem".as_ref(),
            "dump".as_ref(),
            archive.as_os_str(),
            "-p".as_ref(),
            "1".as_ref(),
            "--form".as_ref(),
            form.as_ref(),
            "-o".as_ref(),
            out.as_os_str(),
        ];
        icecore(&words)
    };
    let full = run("areas", folder.path());
    assert_eq!(full.code, 2);
    assert!(full.err.contains("not empty"), "{}", full.err);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let evidence = run("sparse", archive);
    assert_eq!(evidence.code, 2);
    assert!(evidence.err.contains("being examined"), "{}", evidence.err);
    assert_eq!(run("sparse", "-".as_ref()).code, 2);
}
