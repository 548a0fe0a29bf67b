//! What `extract` writes: every planted file byte for byte, the same into a directory and into a tar.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use icecore_tests::{CaseArchive, cases};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::command::icecore;

/// Lists of `expected.json` that name files with a hash.
const LISTS: [&str; 5] = ["deleted_open", "memfds", "tmpfs", "volumes", "devshm"];

fn extract(archive: &CaseArchive, output: &Path, more: &[&str]) -> crate::command::Answer {
    let words = [OsStr::new("extract"), archive.path.as_os_str(), OsStr::new("-o"), output.as_os_str()];
    icecore(&words.into_iter().chain(more.iter().map(OsStr::new)).collect::<Vec<_>>())
}

/// Every regular file below a folder, with its sum.
fn sums(top: &Path) -> BTreeMap<String, String> {
    let (mut sums, mut todo) = (BTreeMap::new(), vec![top.to_owned()]);
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                todo.push(entry.path());
            } else if kind.is_file() {
                let sum = Sha256::digest(fs::read(entry.path()).unwrap());
                let name = entry.path().strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                sums.insert(name, sum.iter().map(|byte| format!("{byte:02x}")).collect());
            }
        }
    }
    sums
}

fn manifest(text: &[u8]) -> Vec<Value> {
    let document: Value = serde_json::from_slice(text).unwrap();
    document["extracted"].as_array().unwrap().clone()
}

#[test]
fn planted_files_come_out_whole_and_the_manifest_is_right() {
    let mut planted_files = 0;
    for case in cases() {
        let whole = |archive: &CaseArchive| archive.truth.as_ref().is_some_and(|name| !name.contains("pre-"));
        for archive in case.archives().iter().filter(|it| whole(it) && it.entry["partial"] != true) {
            let planted = planted(&case.expected, archive);
            if planted.is_empty() {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join("out");
            let answer = extract(archive, &out, &[]);
            assert_eq!(answer.code, 0, "{}: {}", archive.path.display(), answer.err);
            let mut sums = sums(&out);
            let rows = manifest(&fs::read(out.join("manifest.json")).unwrap());
            sums.remove("manifest.json");
            for row in rows.iter().filter(|row| row["file"].is_string() && row["type"] == "file") {
                let file = row["file"].as_str().unwrap();
                assert_eq!(row["sha256"], sums[file], "{}: {file}", case.name);
            }
            let written = rows.iter().filter(|row| row["file"].is_string() && row["type"] == "file").count();
            assert_eq!(written, sums.len(), "{}", case.name);
            let all: BTreeSet<&String> = sums.values().collect();
            for sum in &planted {
                assert!(all.contains(sum), "{}: {}: {sum}", case.name, archive.file);
                planted_files += 1;
            }
        }
    }
    assert!(planted_files >= if icecore_tests::places().len() > 1 { 200 } else { 60 }, "{planted_files}");
}

/// The sums of all that was planted in an archive and that engines do not lose.
fn planted(expected: &Value, archive: &CaseArchive) -> Vec<String> {
    let mut sums = Vec::new();
    let is_here = |it: &&Value| it["archive"].as_str().is_none_or(|name| name == archive.file);
    let sum = |it: &Value| it["sha256"].as_str().map(String::from);
    for list in LISTS {
        let own = &expected["by_archive"][&archive.file][list];
        let list = own.as_array().or(expected[list].as_array());
        // `last.txt` differs between three archives of one container; the truth about files looks at that.
        let here =
            list.into_iter().flatten().filter(is_here).filter(|it| it["path"] != "/srv/orders/last.txt");
        sums.extend(here.filter_map(sum));
    }
    let own = &expected["files_by_archive"][&archive.file];
    let files = if own.is_null() { &expected["files"] } else { own };
    if archive.entry["files"] != false {
        let lost = files["unrecorded"].as_array().into_iter().flatten();
        let lost: Vec<&Value> = lost.map(|it| &it["path"]).collect();
        let all =
            ["added", "modified"].into_iter().flat_map(|key| files[key].as_array().into_iter().flatten());
        sums.extend(all.filter(|it| !lost.contains(&&it["path"])).filter_map(sum));
    }
    sums
}

/// GNU tar, which shares no code with ours, unpacks the same files.
#[test]
fn a_tar_has_what_a_directory_has() {
    if !icecore_tests::program("tar") {
        return;
    }
    let Some(case) = icecore_tests::find("podman-shop").or(icecore_tests::find("podman-pod")) else { return };
    let archive = &case.archives()[0];
    let folder = tempfile::tempdir().unwrap();
    let (out, unpacked) = (folder.path().join("out"), folder.path().join("unpacked"));
    assert_eq!(extract(archive, &out, &[]).code, 0);
    let answer = extract(archive, Path::new("-"), &[]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    fs::create_dir(&unpacked).unwrap();
    let mut tar = Command::new("tar")
        .arg("-xf")
        .arg("-")
        .arg("-C")
        .arg(&unpacked)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut tar.stdin.take().unwrap(), &answer.out).unwrap();
    assert!(tar.wait().unwrap().success());
    assert_eq!(sums(&unpacked), sums(&out));
    assert!(sums(&out).len() > 5);
}

#[test]
fn paths_and_options_narrow_what_is_written() {
    let case = icecore_tests::case("podman-precopy");
    let archive = case.archives().into_iter().find(|it| it.file.contains("final")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert_eq!(extract(&archive, &out, &["/srv/relay", "--no-hash"]).code, 0);
    let names: Vec<String> = sums(&out).into_keys().collect();
    assert_eq!(names, ["diff/srv/relay/depot.log", "ghost/srv/relay/scratch.tmp", "manifest.json"]);
    let rows = manifest(&fs::read(out.join("manifest.json")).unwrap());
    assert!(rows.iter().all(|row| row["sha256"].is_null()));
    let none = extract(&archive, &folder.path().join("none"), &["/no/such"]);
    assert_eq!(none.code, 1, "{}", none.err);
    assert_eq!(icecore(&[OsStr::new("extract"), archive.path.as_os_str()]).code, 2);
}
