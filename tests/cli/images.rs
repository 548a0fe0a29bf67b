//! `decode`, `encode`, `info` and `kinds`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{Answer, icecore, json, piped};
use icecore_tests::{Broken, broken_cases, case};
use serde_json::Value;

/// What crit 4.2 wrote of `fs-1.img` in the case `minimal`.
const CRIT: &str = include_str!("../../fixtures/json/fs-1.img.json");

fn minimal() -> PathBuf {
    case("minimal").dir.join("checkpoint.tar")
}

/// Runs a command about an archive.
fn about(command: &str, archive: &Path, more: &[&str]) -> Answer {
    icecore(&words(command, archive, more))
}

fn words<'a>(command: &'a str, archive: &'a Path, more: &'a [&'a str]) -> Vec<&'a OsStr> {
    [command.as_ref(), archive.as_os_str()].into_iter().chain(more.iter().map(AsRef::as_ref)).collect()
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer
        .out
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn broken(name: &str) -> Broken {
    broken_cases(&["image"]).into_iter().find(|broken| broken.case.name == name).unwrap()
}

#[test]
fn one_image_is_written_as_crit_writes_it() {
    let archive = minimal();
    let answer = about("decode", &archive, &["fs-1.img"]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    assert_eq!(String::from_utf8(answer.out).unwrap(), format!("{CRIT}\n"));

    // From a file of its own, and through a pipe, it is the same.
    let image = about("cat", &archive, &["fs-1.img"]).out;
    assert_eq!(piped(&["decode", "-"].map(AsRef::as_ref), image.clone()).out, format!("{CRIT}\n").as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let (lone, written) = (folder.path().join("fs-1.img"), folder.path().join("fs-1.json"));
    fs::write(&lone, &image).unwrap();
    let answer = about("decode", &lone, &["-o", written.to_str().unwrap()]);
    assert_eq!((answer.code, answer.err.as_str(), answer.out.len()), (0, "", 0));
    // crit ends with a line feed on standard output only.
    assert_eq!(fs::read_to_string(&written).unwrap(), CRIT);

    let encoded = about("encode", &written, &[]);
    assert_eq!((encoded.code, encoded.out), (0, image));
}

#[test]
fn pretty_forms_and_payloads_are_a_choice() {
    let sink = case("kitchen-sink");
    let archive = &sink.archives()[0].path;
    let pretty = about("decode", archive, &["pagemap-1.img", "--pretty"]);
    let text = String::from_utf8(pretty.out).unwrap();
    assert!(text.starts_with("{\n    \"magic\": \"PAGEMAP\",\n"), "{text}");
    assert!(text.contains("\"flags\": \"PE_PRESENT\""), "{text}");
    let bare = about("decode", archive, &["pipes-data.img", "--nopl"]);
    let text = String::from_utf8(bare.out).unwrap();
    assert!(text.contains(r#""extra": "... <"#) && text.lines().count() == 1, "{text}");
    let refused = piped(&["encode", "-"].map(AsRef::as_ref), text.into_bytes());
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("entries[0].extra: the payload was left out"), "{}", refused.err);
}

#[test]
fn several_images_are_lines_in_the_order_they_were_named() {
    let archive = minimal();
    let answer = about("decode", &archive, &["pstree.img", "checkpoint.tar//x", "fs-1.img"]);
    assert_eq!(answer.code, 2, "a member that is not there");
    let answer = about("decode", &archive, &["pagemap-1.img", "./fs-1.img", "--pretty"]);
    let lines = lines(&answer);
    assert_eq!((answer.code, lines.len()), (0, 2));
    assert_eq!((&lines[0]["magic"], &lines[1]["magic"]), (&"PAGEMAP".into(), &"FS".into()));
    assert_eq!(lines[1]["member"], "./fs-1.img");
    assert!(lines[0]["entries"][1]["vaddr"].as_str().unwrap().starts_with("0x"));
}

/// One of several containers is told by its name, and may be picked.
#[test]
fn images_of_a_pod_name_their_container() {
    let Some(case) = icecore_tests::cases()
        .into_iter()
        .find(|case| case.archives().iter().any(|archive| archive.kind == "pod"))
    else {
        return;
    };
    let archive = case.archives().into_iter().find(|archive| archive.kind == "pod").unwrap();
    let all = about("decode", &archive.path, &["pstree.img"]);
    let containers: Vec<_> = lines(&all).iter().map(|line| line["container"].to_string()).collect();
    assert!(containers.len() > 1 && containers.iter().all(|name| name.starts_with('"')), "{containers:?}");
    let name = containers[0].trim_matches('"');
    let one = about("decode", &archive.path, &["pstree.img", "-c", name]);
    assert_eq!(lines(&one).len(), 1);
    assert!(lines(&one)[0].get("member").is_none(), "one image is written as crit does");
}

#[test]
fn what_is_damaged_is_told_and_the_rest_is_decoded() {
    let mut checked = 0;
    for broken in broken_cases(&["image"]) {
        let (name, path) = (&broken.case.name, broken.path());
        let facts = broken.facts();
        let document = json(&words("info", &path, &[]));
        let row = |image: &str| {
            let images = document["images"].as_array().unwrap();
            let found = images.iter().find(|row| row["name"].as_str().unwrap().ends_with(image));
            found.unwrap_or_else(|| panic!("{name}: {image} has no row")).clone()
        };
        for (image, least) in facts["records_at_least"].as_object().into_iter().flatten() {
            assert!(row(image)["entries"].as_u64() >= least.as_u64(), "{name}: {image}");
            let decoded = about("decode", &path, &[image]);
            let decoded = lines(&decoded).remove(0);
            assert!(decoded["entries"].as_array().unwrap().len() as u64 >= least.as_u64().unwrap());
            checked += 1;
        }
        for (image, offset) in facts["bad_offset"].as_object().into_iter().flatten() {
            let told = document["diagnostics"].as_array().unwrap().iter();
            let at = |told: &&Value| told["member"].as_str().unwrap_or_default().ends_with(image.as_str());
            let told: Vec<_> = told.filter(at).collect();
            assert!(told.iter().any(|told| told["offset"] == *offset), "{name}: {told:?}");
            let decoded = about("decode", &path, &[image]);
            assert!(decoded.err.contains(&format!("{:#x}", offset.as_u64().unwrap())), "{}", decoded.err);
            assert_eq!(decoded.code, 0);
            assert_eq!(about("decode", &path, &[image, "--strict"]).code, 2);
            checked += 1;
        }
    }
    assert!(checked >= 4, "{checked}");
}

#[test]
fn what_is_no_image_is_trouble_if_it_was_asked_for() {
    let path = broken("image-wrong-magic").path();
    let named = about("decode", &path, &["core-7.img"]);
    assert_eq!((named.code, named.out.len()), (2, 0));
    assert!(
        named.err.contains("is of no known image kind, the name stands for CORE with 0x55053847"),
        "{}",
        named.err
    );
    let several = about("decode", &path, &["core-7.img", "core-1.img"]);
    assert_eq!((several.code, lines(&several).len()), (2, 1));
    let all = about("decode", &path, &[]);
    assert_eq!(all.code, 0);
    assert!(lines(&all).len() > 20 && all.err.contains("core-7.img, offset 0x4: magic"), "{}", all.err);
    assert_eq!(about("decode", &path, &["--strict"]).code, 2);
}

#[test]
fn info_counts_unknown_fields_and_says_what_is_misnamed() {
    let unknown = |name: &str| -> u64 {
        let document = json(&words("info", &broken(name).path(), &[]));
        document["images"].as_array().unwrap().iter().filter_map(|row| row["unknown_fields"].as_u64()).sum()
    };
    assert!(unknown("image-unknown-field") >= 4);
    assert_eq!(unknown("image-field-twice"), 0);
    let document = json(&words("info", &broken("image-swapped").path(), &[]));
    let told = document["diagnostics"].as_array().unwrap();
    assert_eq!(told.iter().filter(|told| told["code"] == "image-misnamed").count(), 2, "{told:?}");
    let document = json(&words("info", &broken("image-unknown-kind").path(), &[]));
    let future = document["images"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"].as_str().unwrap().ends_with("future-1.img"));
    assert_eq!(future.unwrap()["kind"], Value::Null);
}

#[test]
fn info_tells_byte_order_and_framing() {
    let document = json(&words("info", &case("s390x").archives()[0].path, &[]));
    let images = document["images"].as_array().unwrap();
    let with_records = images.iter().filter(|row| row["framing"] != "raw");
    assert!(with_records.clone().count() > 20);
    assert!(with_records.clone().all(|row| row["byte_order"] == "big" && row["entries"].is_u64()));
    let pages = images.iter().find(|row| row["kind"] == "PAGES").unwrap();
    assert!(pages.get("entries").is_none() && pages["magic"].is_null(), "{pages}");
    let inventory = images.iter().find(|row| row["kind"] == "INVENTORY").unwrap();
    assert_eq!((&inventory["magic"], &inventory["framing"]), (&"0x58313116".into(), &"one".into()));
}

/// Files are the rows of one table for people, and documents of their own for programs.
#[test]
fn info_takes_images_by_themselves() {
    let images = case("crun-busybox").dir.join("images");
    let (core, files) = (images.join("core-1.img"), images.join("files.img"));
    let both = [core.to_str().unwrap(), files.to_str().unwrap()];
    let text = String::from_utf8(about("info", &core, &both[1..]).out).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(both.iter().all(|name| text.contains(name)), "{text}");
    let documents = json(&words("info", &core, &both[1..]));
    assert_eq!(documents.as_array().unwrap().len(), 2);
    assert_eq!(documents[1]["images"][0]["kind"], "FILES");
    assert_eq!(documents[1]["archive"], both[1]);
    let missing = about("info", &core, &["no-such.img"]);
    assert_eq!((missing.code, missing.out.is_empty()), (2, false));
}

#[test]
fn json_that_is_no_image_is_refused_with_its_place() {
    let encode = |text: &str| piped(&["encode", "-"].map(AsRef::as_ref), text.as_bytes().to_vec());
    for (text, why) in [
        (r#"{"magic":"FS","entries":[{"cwd_id":"x"}]}"#, "-: entries[0].cwd_id: not a value of uint32"),
        (r#"{"magic":"NO","entries":[]}"#, "magic: \"NO\" is no kind of image"),
        (r#"{"magic":"FS","entries":[{"cwd":1}]}"#, "entries[0].cwd: `fs_entry` has no such field"),
        (&format!("{CRIT}\n{CRIT}"), "`encode` makes one image, so give it one line"),
        ("1.5", "not the JSON of an image"),
        (&"[".repeat(10_000), "recursion limit"),
    ] {
        let answer = encode(text);
        assert_eq!((answer.code, answer.out.len()), (2, 0), "{text:.60}");
        assert!(answer.err.contains(why), "{}", answer.err);
        assert_eq!(answer.err.lines().count(), 1);
    }
}

/// The table of kinds against what is known of CRIU's own.
#[test]
fn kinds_are_those_of_criu() {
    let table = include_str!("../../fixtures/schema/images.tsv");
    let document = json(&["kinds".as_ref()]);
    let rows = document["kinds"].as_array().unwrap();
    let mut found = 0;
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [kind, magic, file, framing, record, extra] = columns[..6] else { panic!("{line}") };
        let pattern = ["u", "d", "i", "lu", "x", "04x"].iter().fold(file.to_owned(), |name, form| {
            let ours = if matches!(*form, "d" | "i") { "u" } else { form };
            name.replace(&format!("%{form}"), &format!("{{{ours}}}"))
        });
        let Some(row) = rows.iter().find(|row| row["kind"] == kind && row["pattern"] == pattern.as_str())
        else {
            continue;
        };
        found += 1;
        assert_eq!(row["magic"].as_str().unwrap_or("none"), magic, "{line}");
        // Of a kind with an old name and a present one, the framing is that of the present one.
        let framing = match framing {
            "u64 length + bytes" | "u64 length + protobuf" => "plugin",
            "symlink" => "raw",
            framing => framing,
        };
        assert!(row["framing"] == framing || file == "filelocks-%d.img", "{line}");
        assert_eq!(row["since"], columns[7], "{line}");
        assert_eq!(row["until"].as_str().unwrap_or_default(), columns[8], "{line}");
        if let Some(message) = row["message"].as_str() {
            assert!(message.split(", ").all(|message| record.contains(message)), "{line}: {message}");
            // Memory of SysV segments is behind records of old CRIUs only.
            assert_eq!(row["payload"] == "behind records", extra != "none", "{line}");
        }
    }
    assert!(found > 80, "{found} of {}", table.lines().count());
}
