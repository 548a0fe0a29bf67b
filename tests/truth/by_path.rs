//! Every planted file by the path that the container had for it, and every open file as fstat(2) knew it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use base64::Engine as _;
use icecore::filesystem::{Entry, FileType};
use icecore::{Checkpoint, RootFilesystem};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::command::{Answer, icecore};
use crate::filesystem::{LISTS, files_of, path_of};
use crate::processes::inner;
use crate::testimony::{self, Book, Testified, bytes};

/// A file that was planted, and where the archive has it: no path led to files whose names were gone, and to memory.
struct Planted {
    path: Vec<u8>,
    fact: Value,
    origins: &'static [&'static str],
    has_name: bool,
}

/// All that was planted in an archive and that its engine did not lose.
fn planted(testified: &Testified) -> Vec<Planted> {
    let of_list = |(list, origins): (&'static str, &'static [&'static str])| {
        let facts = testified.planted(list).into_iter().filter(|fact| fact.get("sha256_before").is_none());
        // What a mount covers is no path; where something stands without a type or sum, nothing can be compared.
        let facts = facts.filter(|fact| fact["note"] != "in the tmpfs that another one covers");
        let facts = facts.filter(|fact| fact.get("container_path").is_none());
        let has_name = !matches!(list, "deleted_open" | "memfds");
        facts
            .map(move |fact| Planted { path: path_of(list, &fact), fact, origins, has_name })
            .collect::<Vec<_>>()
    };
    let mut all: Vec<Planted> = LISTS.into_iter().flat_map(of_list).collect();
    let files = files_of(testified).unwrap_or_default();
    let list = |key: &str| files[key].as_array().cloned().unwrap_or_default();
    let lost: BTreeSet<Vec<u8>> =
        list("unrecorded").iter().filter_map(|lost| bytes(lost.get("path").unwrap_or(lost))).collect();
    for fact in list("added").into_iter().chain(list("modified")) {
        let path = bytes(fact.get("path").unwrap_or(&fact)).unwrap();
        if !lost.contains(&path) {
            all.push(Planted { path, fact, origins: &["diff"], has_name: true });
        }
    }
    if testified.rootfs.is_some() {
        let of_image = testified.planted("rootfs_files").into_iter();
        all.extend(of_image.map(|fact| Planted {
            path: path_of("rootfs_files", &fact),
            fact,
            origins: &["rootfs"],
            has_name: true,
        }));
    }
    all
}

/// `fs WHAT ARCHIVE PATH…` with whatever else the archive needs.
fn words(what: &str, testified: &Testified, paths: &[&[u8]]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["fs".into(), what.into(), testified.path.clone().into()];
    for (option, file) in [("--parent", &testified.parent), ("--rootfs", &testified.rootfs)] {
        words.extend(file.iter().flat_map(|file| [OsString::from(option), file.into()]));
    }
    words
        .extend(["--".into()].into_iter().chain(paths.iter().map(|path| OsStr::from_bytes(path).to_owned())));
    words
}

fn fs(what: &str, testified: &Testified, path: &[u8]) -> Answer {
    let words = words(what, testified, &[path]);
    icecore(&words.iter().map(OsString::as_os_str).collect::<Vec<_>>())
}

/// The rows about these paths, by the exact bytes of their own.
fn rows(what: &str, testified: &Testified, paths: &[&[u8]]) -> BTreeMap<Vec<u8>, Vec<Value>> {
    let mut words = words(what, testified, paths);
    let end = words.iter().position(|word| word == "--").unwrap();
    words.splice(end..end, ["--format".into(), "json".into()]);
    let mut rows: BTreeMap<Vec<u8>, Vec<Value>> = BTreeMap::new();
    let answer = icecore(&words.iter().map(OsString::as_os_str).collect::<Vec<_>>());
    assert_eq!(answer.code, 0, "{}: {}", testified.case, answer.err);
    let document: Value = serde_json::from_slice(&answer.out).unwrap();
    for row in document["files"].as_array().unwrap() {
        let path = match row["path_b64"].as_str() {
            Some(text) => base64::engine::general_purpose::STANDARD.decode(text).unwrap(),
            None => row["path"].as_str().unwrap().as_bytes().to_vec(),
        };
        rows.entry(path).or_default().push(row.clone());
    }
    rows
}

fn above(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(0) | None => b"/",
        Some(end) => &path[..end],
    }
}

#[test]
fn every_planted_file_is_had_by_its_path() {
    let mut seen = BTreeMap::new();
    testimony::each(|testified| {
        let planted = planted(testified);
        if planted.is_empty() {
            return;
        }
        let paths: Vec<&[u8]> = planted.iter().map(|planted| planted.path.as_slice()).collect();
        let stat = rows("stat", testified, &paths);
        let directories: BTreeSet<&[u8]> =
            planted.iter().filter(|planted| planted.has_name).map(|planted| above(&planted.path)).collect();
        let listed = rows("ls", testified, &directories.into_iter().collect::<Vec<_>>());
        for planted in &planted {
            let place = format!("{} {}: {}", testified.case, testified.file(), planted.fact);
            let here = stat.get(&planted.path).unwrap_or_else(|| panic!("{place}"));
            let is_it =
                |row: &&Value| row["origin"].as_str().is_some_and(|origin| planted.origins.contains(&origin));
            let row = here.iter().find(is_it).unwrap_or_else(|| panic!("{place}: {here:?}"));
            assert_eq!(row["deleted"], !planted.has_name, "{place}");
            compare(row, &planted.fact, &place);
            if planted.has_name {
                let listed = listed.get(&planted.path).unwrap_or_else(|| panic!("{place}: in no list"));
                assert!(listed.iter().any(|one| one["member"] == row["member"]), "{place}: {listed:?}");
            }
            if planted.fact["type"] == "hardlink" {
                // Which of its names comes first is up to the archive.
                let first = bytes(&planted.fact["target"]).unwrap();
                let [one, other] = [&planted.path, &first].map(|path| fs("cat", testified, path));
                assert_eq!((one.code, one.out), (0, other.out), "{place}: {}", one.err);
            }
            if let Some(sum) = planted.fact["sha256"].as_str() {
                let answer = fs("cat", testified, &planted.path);
                assert_eq!(answer.code, 0, "{place}: {}", answer.err);
                let found: String =
                    Sha256::digest(&answer.out).iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(found, sum, "{place}");
                *seen.entry(planted.origins[0]).or_insert(0) += 1;
            }
        }
    });
    let all_cases = icecore_tests::places().len() > 1;
    eprintln!("{seen:?}");
    for (origin, least) in
        [("diff", 80), ("ghost", 50), ("memfd", 40), ("tmpfs", 30), ("volume", 9), ("shm", 7), ("rootfs", 30)]
    {
        assert!(!all_cases || seen[origin] >= least, "{seen:?}");
    }
    assert!(seen.values().sum::<usize>() >= 60, "{seen:?}");
}

/// Compares a row with what was planted, as far as that says.
fn compare(row: &Value, planted: &Value, place: &str) {
    let kind = match planted["type"].as_str() {
        Some("directory") => Some("dir"),
        Some("hardlink") => Some("file"),
        other => other,
    };
    if let Some(kind) = kind {
        assert_eq!(row["type"], kind, "{place}");
    }
    let octal = |value: &Value| value.as_str().map(|text| u32::from_str_radix(text, 8).unwrap());
    if let Some(mode) = octal(&planted["mode"]).filter(|_| kind != Some("symlink")) {
        assert_eq!(octal(&row["mode"]), Some(mode), "{place}");
    }
    for key in ["uid", "gid"] {
        if planted[key].is_u64() {
            assert_eq!(row[key], planted[key], "{place}: {key}");
        }
    }
    if planted["size"].is_u64() && row["type"] == "file" {
        assert_eq!(row["size"], planted["size"], "{place}");
    }
    let target = planted.get("link").or(planted.get("target").filter(|_| kind == Some("symlink")));
    if let Some(target) = target {
        assert_eq!(&row["link"], target, "{place}");
    }
    for (name, value) in
        planted["xattrs"].as_object().into_iter().flatten().filter(|(_, value)| value.is_string())
    {
        assert_eq!(&row["xattrs"][name], value, "{place}: {name}");
    }
}

/// What the container deleted is told as deleted, and has no bytes.
#[test]
fn deleted_paths_lead_nowhere() {
    let mut seen = 0;
    testimony::each(|testified| {
        let files = files_of(testified).unwrap_or_default();
        for fact in files["deleted"].as_array().into_iter().flatten() {
            let path = bytes(fact.get("path").unwrap_or(fact)).unwrap();
            let rows = rows("stat", testified, &[&path]);
            let place = format!("{} {fact}: {rows:?}", testified.case);
            // The directory may be there again; what was in it is not.
            let row = &rows[&path][0];
            let is_there_again = row["absent"].is_null();
            assert!(is_there_again || row["absent"].as_str().unwrap().contains("deleted"), "{place}");
            if !is_there_again {
                assert_eq!(fs("cat", testified, &path).code, 1, "{place}");
                seen += 1;
            }
        }
    });
    assert!(seen >= if icecore_tests::places().len() > 1 { 20 } else { 5 }, "{seen}");
}

/// What fstat(2) said of every open file that is at hand, whether its name was gone or not.
#[test]
fn open_files_are_as_the_kernel_knew_them() {
    let mut book = Book::new("");
    testimony::each(|testified| {
        let checkpoint = testimony::open(&testified.path).unwrap();
        let rootfs = testified
            .rootfs
            .as_ref()
            .map(|path| RootFilesystem::open(path, &icecore::archive::Options::default()).unwrap());
        let checkpoint =
            rootfs.into_iter().fold(checkpoint, |checkpoint, rootfs| checkpoint.with_rootfs(rootfs.into()));
        let first = testified.truth["processes"][0]["ns"]["mnt"].clone();
        for (pid, process) in testified.processes() {
            if process["root"] != "/" || process["ns"]["mnt"] != first {
                continue;
            }
            for fd in process["fds"].as_array().into_iter().flatten() {
                let Some(entry) = bytes(&fd["link"]).and_then(|link| open_file(&checkpoint, &link)) else {
                    continue;
                };
                let fact = Fact { stat: &fd["stat"], process, entry: &entry };
                fact.look(&mut book, (&testified.case, pid, &fd["fd"].to_string()));
            }
        }
    });
    book.close(7000);
}

/// The file that a descriptor was of, by the text of its link.
fn open_file<'a>(checkpoint: &'a Checkpoint, link: &[u8]) -> Option<Entry<'a>> {
    if !link.starts_with(b"/") {
        return None;
    }
    let gone = link.strip_suffix(b" (deleted)");
    let of_path = |path: &[u8]| checkpoint.filesystem().unnamed().find(|entry| entry.path == path);
    match gone {
        Some(path) => of_path(link).or_else(|| of_path(path)),
        None => checkpoint.tree().look_up(link).entry().cloned(),
    }
}

/// What the kernel said of an open file, and what we know.
struct Fact<'a> {
    stat: &'a Value,
    process: &'a Value,
    entry: &'a Entry<'a>,
}

impl Fact<'_> {
    fn look(&self, book: &mut Book, place: (&str, u32, &str)) {
        let Self { stat, entry, .. } = self;
        let mode = u32::from_str_radix(stat["mode"].as_str().unwrap(), 8).unwrap();
        book.compare(place, "type", &FileType::of_mode(mode), &entry.file_type);
        match entry.mode {
            // CRIU 3.17 does not store that of memory files.
            None => book.not_stored("mode"),
            ours => book.compare(place, "mode", &Some(mode & 0o7777), &ours),
        }
        if entry.file_type == FileType::File {
            book.compare(place, "size", &stat["size"].as_u64(), &entry.size);
        }
        if entry.is_file() && entry.content().is_err() {
            // A name that CRIU made in the root file system, which no engine stored.
            return book.not_stored("link");
        }
        book.compare(place, "uid", &self.owner("uid", "uid_map"), &entry.uid);
        book.compare(place, "gid", &self.owner("gid", "gid_map"), &entry.gid);
        if let (Some(kernel), Some(ours)) = (stat["mtime_ns"].as_i64(), entry.mtime) {
            // As exact as it is stored: to the second, the microsecond or the nanosecond.
            let nanoseconds = u32::try_from(kernel.rem_euclid(1_000_000_000)).unwrap();
            let exact = match ours.nanoseconds {
                0 => 0,
                stored if stored % 1000 == 0 => nanoseconds / 1000 * 1000,
                _ => nanoseconds,
            };
            book.compare(
                place,
                "mtime",
                &(kernel.div_euclid(1_000_000_000), exact),
                &(ours.seconds, ours.nanoseconds),
            );
        }
    }

    /// An owner as it is stored: by CRIU as seen inside of the process's user namespace, by engines as on the machine.
    fn owner(&self, key: &str, map: &str) -> Option<u64> {
        let map = if self.entry.owners_outside { &Value::Null } else { &self.process[map] };
        inner(&Value::Array(vec![self.stat[key].clone()]), map).first().map(|&id| id.into())
    }
}
