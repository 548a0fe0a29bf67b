//! Every time stamp of the corpus, read without us: headers by the crate `tar`, documents by `serde_json`, ghost files by CRIU's
//! own `crit`, logs by their first word.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;

use chrono::DateTime;
use icecore::Checkpoint;
use icecore_analysis::timeline::{Filter, MAX_DETAIL, events, write_body_file};
use icecore_tests::{Case, CaseArchive, cases};
use serde_json::Value;

use crate::decoded::plain;
use crate::{body_file, testimony};

/// Kind, seconds, nanoseconds, and what it is about: a member, or the text of a message.
type Stamp = (&'static str, i64, u32, Vec<u8>);

/// A file in a tar.
struct File {
    name: Vec<u8>,
    time: (i64, u32),
    bytes: Vec<u8>,
}

/// The files of a tar, of several with one name the last.
fn files(tar: &[u8]) -> Vec<File> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(tar).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut time = (i64::try_from(entry.header().mtime().unwrap()).unwrap(), 0);
        // The crate cuts records at newlines, of which values of other keys may have some.
        for record in entry.pax_extensions().unwrap().into_iter().flatten().flatten() {
            if record.key() == Ok("mtime") {
                time = fraction(record.value().unwrap());
            }
        }
        let name = normal(&entry.path_bytes());
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(name.clone(), File { name, time, bytes });
    }
    files.into_values().collect()
}

/// `SECONDS.FRACTION`, none of them before 1970.
fn fraction(text: &str) -> (i64, u32) {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    (seconds.parse().unwrap(), format!("{fraction:0<9}")[..9].parse().unwrap())
}

/// A name without what says nothing: `./` in front, a slash behind.
fn normal(name: &[u8]) -> Vec<u8> {
    let name = name.strip_prefix(b".").filter(|rest| rest.starts_with(b"/")).unwrap_or(name);
    let trimmed = String::from_utf8(name.to_vec()).map(|text| text.trim_matches('/').as_bytes().to_vec());
    trimmed.unwrap_or_else(|error| error.into_bytes())
}

/// The files among which the images of an archive are: of its tar, or of the tar in it that is a layer.
fn top(archive: &CaseArchive) -> Option<Vec<File>> {
    match archive.kind.as_str() {
        "tar" => Some(files(&plain(fs::read(&archive.path).unwrap())?)),
        "stream" | "directory" => None,
        _ if archive.path.is_dir() => in_folder(&archive.path),
        _ => inside(&fs::read(&archive.path).unwrap(), 3),
    }
}

fn in_folder(folder: &Path) -> Option<Vec<File>> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.into_iter().find_map(|path| match path.is_dir() {
        true => in_folder(&path),
        false => inside(&fs::read(path).unwrap(), 3),
    })
}

fn inside(bytes: &[u8], depth: u32) -> Option<Vec<File>> {
    let tar = plain(bytes.to_vec()).filter(|bytes| bytes.get(257..262) == Some(b"ustar"))?;
    let files = files(&tar);
    if files.iter().any(|file| file.name.ends_with(b"inventory.img")) {
        return Some(files);
    }
    files.iter().filter(|_| depth > 0).find_map(|file| inside(&file.bytes, depth - 1))
}

/// Whether a member is an archive of the container's files.
fn is_of_files(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    let file = name.rsplit('/').next().unwrap();
    file == "rootfs-diff.tar"
        || file == "devshm-checkpoint.tar"
        || file.starts_with("tmpfs-dev-") && file.ends_with(".tar.gz.img")
        || name.contains("volumes/") && file.ends_with(".tar")
}

/// Whether a file of the changes says that another is gone: only containerd writes such.
fn is_whiteout(case: &Case, name: &[u8]) -> bool {
    let file = name.rsplit(|byte| *byte == b'/').next().unwrap();
    case.expected["engine"] == "containerd" && file.starts_with(b".wh.")
}

fn of_files(case: &Case, top: &[File], expected: &mut BTreeSet<Stamp>) {
    for archive in top.iter().filter(|file| is_of_files(&file.name)) {
        let Some(tar) = plain(archive.bytes.clone()) else { continue };
        for file in files(&tar) {
            if !is_whiteout(case, &file.name) {
                let name = [archive.name.as_slice(), b"//", &file.name].concat();
                expected.insert(("file-modified", file.time.0, file.time.1, normal(&name)));
            }
        }
    }
}

fn of_members(top: &[File], expected: &mut BTreeSet<Stamp>) {
    for file in top.iter().filter(|file| file.time != (0, 0)) {
        expected.insert(("member-modified", file.time.0, file.time.1, file.name.clone()));
    }
}

/// What CRIU's own program prints of the ghost files, if it was asked about this archive.
fn of_ghosts(case: &Case, archive: &CaseArchive, expected: &mut BTreeSet<Stamp>) -> bool {
    let Ok(crit) = fs::read(case.dir.join("crit.tar.gz")) else { return false };
    let is_alone = case.archives().len() == 1;
    let folder = if is_alone { "compact/".to_owned() } else { format!("{}/compact/", archive.file) };
    let mut is_asked = false;
    for printed in files(&plain(crit).unwrap()) {
        let name = String::from_utf8(printed.name).unwrap();
        let Some(member) = name.strip_prefix(&folder).and_then(|it| it.strip_suffix(".json")) else {
            continue;
        };
        is_asked = true;
        if !member.contains("ghost-file-") {
            continue;
        }
        let json: Value = serde_json::from_slice(&printed.bytes).unwrap();
        for (kind, key) in [("file-modified", "mtim"), ("file-accessed", "atim")] {
            let time = &json["entries"][0][key];
            let Some(seconds) = time["tv_sec"].as_i64() else { continue };
            let nanoseconds = u32::try_from(time["tv_usec"].as_u64().unwrap() * 1000).unwrap();
            expected.insert((kind, seconds, nanoseconds, member.as_bytes().to_vec()));
        }
    }
    is_asked
}

fn document(top: &[File], name: &str) -> Value {
    let file = top.iter().find(|file| file.name == name.as_bytes());
    file.and_then(|file| serde_json::from_slice(&file.bytes).ok()).unwrap_or_default()
}

/// What documents say of the container: of several that tell one time, the first counts.
fn of_container(is_image: bool, top: &[File], expected: &mut BTreeSet<Stamp>) {
    let config = document(top, "config.dump");
    let text = |value: &Value| {
        let time = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
        (time.timestamp() > 0).then(|| (time.timestamp(), time.timestamp_subsec_nanos()))
    };
    let count = |value: &Value| {
        let time = DateTime::from_timestamp_nanos(value.as_i64().filter(|time| *time > 0)?);
        Some((time.timestamp(), time.timestamp_subsec_nanos()))
    };
    let mut add = |kind, time: Option<(i64, u32)>, member: &str| {
        expected.extend(time.map(|(seconds, nanoseconds)| (kind, seconds, nanoseconds, member.into())));
    };
    add("container-created", text(&config["createdTime"]), "config.dump");
    let started = [("status.dump", "started_at"), ("status", "StartedAt")].into_iter();
    let mut started = started.filter_map(|(name, key)| Some((name, count(&document(top, name)[key])?)));
    if let Some((name, time)) = started.next() {
        add("container-started", Some(time), name);
    }
    add("container-checkpointed", text(&config["checkpointedTime"]), "config.dump");
    // Who builds an image may give all of its files one time.
    let images = top
        .iter()
        .filter(|_| !is_image)
        .find(|file| file.name.ends_with(b"inventory.img") && file.time != (0, 0));
    if let Some(File { name, time, .. }) = images {
        add("container-checkpointed", Some(*time), std::str::from_utf8(name).unwrap());
    }
}

/// The messages of a log, the fragments of each output joined.
fn of_logs(top: &[File], expected: &mut BTreeSet<Stamp>) {
    let names = ["ctr.log", "container.log", "io.kubernetes.cri-o.LogPath"];
    for log in top.iter().filter(|file| names.iter().any(|name| file.name == name.as_bytes())) {
        let mut begun: BTreeMap<String, (DateTime<chrono::FixedOffset>, Vec<u8>)> = BTreeMap::new();
        for line in String::from_utf8(log.bytes.clone()).unwrap().lines() {
            let mut words = line.splitn(4, ' ');
            let mut word = || words.next().unwrap_or_default();
            let (time, output, tag, text) = (word(), word(), word(), word());
            let Ok(time) = DateTime::parse_from_rfc3339(time) else { continue };
            let (_, message) = begun.entry(output.to_owned()).or_insert((time, Vec::new()));
            message.extend(text.as_bytes());
            if tag == "F" {
                let (time, message) = begun.remove(output).unwrap();
                expected.insert(stamp_of_message(time, message));
            }
        }
        // The log was read while something was being written.
        expected.extend(begun.into_values().map(|(time, message)| stamp_of_message(time, message)));
    }
}

fn stamp_of_message(time: DateTime<chrono::FixedOffset>, mut message: Vec<u8>) -> Stamp {
    message.truncate(MAX_DETAIL);
    ("log", time.timestamp(), time.timestamp_subsec_nanos(), message)
}

fn found(checkpoint: &Checkpoint) -> BTreeSet<Stamp> {
    let list: Vec<_> = events(checkpoint, &Filter::default()).unwrap().map(Result::unwrap).collect();
    assert!(list.is_sorted_by_key(|event| (event.time, event.kind)));
    let stamp = |event: icecore_analysis::timeline::Event| {
        let name = event.kind.name();
        let what = if name == "log" { event.detail.to_vec() } else { normal(&event.member) };
        (name, event.time.seconds, event.time.nanoseconds, what)
    };
    list.into_iter().map(stamp).collect()
}

#[test]
fn every_time_stamp_is_told_and_no_other() {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases() {
        for archive in case.archives() {
            let Some(top) = top(&archive) else { continue };
            let mut expected = BTreeSet::new();
            of_members(&top, &mut expected);
            of_files(&case, &top, &mut expected);
            let has_crit = of_ghosts(&case, &archive, &mut expected);
            of_container(archive.kind != "tar", &top, &mut expected);
            of_logs(&top, &mut expected);
            let found = found(&testimony::open(&archive.path).unwrap());
            let place = archive.path.display();
            let shown = |(kind, seconds, _, what): &Stamp| {
                format!("{kind} {seconds} {}", what[..what.len().min(200)].escape_ascii())
            };
            let lost: Vec<_> = expected.difference(&found).map(shown).collect();
            assert!(lost.is_empty(), "{place}: not told: {lost:#?}");
            // A time of the checkpoint may come from names and other members too, and not all ghosts have a second reader.
            let is_open = |(kind, _, _, what): &&Stamp| {
                let is_ghost = what.windows(11).any(|part| part == b"ghost-file-");
                *kind == "container-checkpointed" || is_ghost && !has_crit && kind.starts_with("file-")
            };
            if archive.kind == "tar" {
                let more = found.difference(&expected).filter(|stamp| !is_open(stamp));
                let more: Vec<_> = more.map(shown).collect();
                assert!(more.is_empty(), "{place}: nobody else tells: {more:#?}");
            }
            expected.iter().for_each(|(kind, ..)| *told.entry(kind).or_default() += 1);
        }
    }
    eprintln!("{told:?}");
    let all_cases = icecore_tests::places().len() > 1;
    for (kind, least) in [
        ("container-created", 10),
        ("container-started", 1),
        ("container-checkpointed", 20),
        ("file-modified", 500),
        ("file-accessed", 20),
        ("member-modified", 2000),
        ("log", 20),
    ] {
        assert!(!all_cases || told[kind] >= least, "{told:?}");
    }
}

/// A key that no file has.
fn of_member(name: &[u8]) -> Vec<u8> {
    [b"member ", normal(name).as_slice()].concat()
}

/// Every line is sound, and every file that changed has one with its time.
#[test]
fn body_files_are_sound_and_whole() {
    let mut compared = 0;
    for case in cases() {
        for archive in case.archives() {
            let mut body = Vec::new();
            write_body_file(&testimony::open(&archive.path).unwrap(), &mut body).unwrap();
            let lines: BTreeSet<(Vec<u8>, i64)> = body_file::read(&body)
                .iter()
                .map(|line| {
                    let name = line.name.split(" -> ").next().unwrap();
                    let name = name.strip_suffix(" (deleted)").unwrap_or(name);
                    let member = name.strip_prefix("[member] ").map(body_file::unescaped);
                    let name = member.map_or_else(|| body_file::unescaped(name), |name| of_member(&name));
                    (name, line.numbers[4])
                })
                .collect();
            let Some(top) = top(&archive) else { continue };
            for file in &top {
                let is_there = lines.contains(&(of_member(&file.name), file.time.0));
                assert!(is_there || file.time == (0, 0), "{}: {}", case.name, file.name.escape_ascii());
                compared += 1;
            }
            let diff = top.iter().find(|file| file.name.ends_with(b"rootfs-diff.tar"));
            let tar = diff.and_then(|diff| plain(diff.bytes.clone())).unwrap_or_default();
            for file in files(&tar) {
                let name = [b"/", file.name.as_slice()].concat();
                assert!(
                    is_whiteout(&case, &name) || lines.contains(&(name, file.time.0)),
                    "{}: {}",
                    case.name,
                    file.name.escape_ascii()
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}
