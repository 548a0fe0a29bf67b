//! Every file that the programs of the corpus changed, deleted, held open or kept in memory, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use icecore::Checkpoint;
use icecore::archive::Reader;
use icecore::filesystem::{ChangeKind, Entry};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::testimony::{self, Testified, bytes};

/// The lists of `expected.json` that name files with a hash, and where we have such files.
pub(crate) const LISTS: [(&str, &[&str]); 5] = [
    ("deleted_open", &["ghost", "link-remap"]),
    ("memfds", &["memfd"]),
    ("tmpfs", &["tmpfs"]),
    ("volumes", &["volume"]),
    ("devshm", &["shm"]),
];

pub(crate) fn sha256(entry: &Entry<'_>) -> Result<String, String> {
    let content = entry.content().map_err(|error| error.to_string())?;
    let (mut hash, mut reader, mut buffer) = (Sha256::new(), Reader::new(content), vec![0; 64 << 10]);
    loop {
        match reader.read(&mut buffer).map_err(|error| error.to_string())? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[test]
fn every_planted_file_is_found_and_identical() {
    let mut found = BTreeMap::new();
    testimony::each(|testified| {
        let filesystem = testified.checkpoint.filesystem();
        let mut hashes: BTreeMap<String, BTreeSet<(String, Vec<u8>)>> = BTreeMap::new();
        for entry in filesystem.entries().filter(Entry::is_file) {
            if let Ok(hash) = sha256(&entry) {
                let at = (entry.origin.name().to_owned(), entry.path.to_vec());
                hashes.entry(hash).or_default().insert(at);
            }
        }
        for (list, origins) in LISTS {
            for planted in testified.planted(list) {
                let Some(hash) = planted["sha256"].as_str() else { continue };
                let at = hashes.get(hash).unwrap_or_else(|| panic!("{}: {list}: {planted}", testified.case));
                let path = path_of(list, &planted);
                let here =
                    |(origin, ours): &(String, Vec<u8>)| origins.contains(&origin.as_str()) && *ours == path;
                assert!(at.iter().any(here), "{}: {list}: {planted}: at {at:?}", testified.case);
                *found.entry(list).or_insert(0) += 1;
            }
        }
    });
    // The fixtures alone do not have every case.
    let all_cases = icecore_tests::places().len() > 1;
    for (list, least) in [("deleted_open", 50), ("memfds", 40), ("tmpfs", 30), ("volumes", 9), ("devshm", 7)]
    {
        assert!(!all_cases || found[list] >= least, "{found:?}");
    }
}

/// The path by which the container had a planted file.
pub(crate) fn path_of(list: &str, planted: &Value) -> Vec<u8> {
    if list == "memfds" {
        return [b"/memfd:", bytes(&planted["name"]).unwrap().as_slice(), b" (deleted)"].concat();
    }
    let path = bytes(&planted["path"]).unwrap();
    let Some(mount) = planted["mount"].as_str().filter(|mount| !path.starts_with(mount.as_bytes())) else {
        return path;
    };
    let inner = path.strip_prefix(b"/").unwrap_or(&path);
    [mount.as_bytes(), b"/", inner].concat()
}

#[test]
fn changes_are_those_that_the_programs_made() {
    let mut seen = BTreeMap::new();
    testimony::each(|testified| {
        let Some(files) = files_of(testified) else { return };
        let changes = testified.checkpoint.filesystem().changes();
        let ours: BTreeMap<Vec<u8>, _> = changes
            .into_iter()
            .flat_map(|changes| changes.iter())
            .map(|change| (change.entry.path.to_vec(), change))
            .collect();
        let list = |key: &str| files[key].as_array().cloned().unwrap_or_default();
        let path = |it: &Value| bytes(it.get("path").unwrap_or(it)).unwrap();
        let lost: BTreeSet<Vec<u8>> = list("unrecorded").iter().map(path).collect();
        for planted in list("added").into_iter().chain(list("modified")) {
            let at = path(&planted);
            if lost.contains(&at) {
                assert!(!ours.contains_key(&at), "{}: {planted} is said to be left out", testified.case);
                continue;
            }
            let place = format!("{}: {planted}", testified.case);
            let change = ours.get(&at).unwrap_or_else(|| panic!("{place}"));
            assert_ne!(change.kind, ChangeKind::Deleted, "{place}");
            compare(&change.entry, &planted, &place);
            *seen.entry("stored").or_insert(0) += 1;
        }
        for planted in list("added") {
            assert_ne!(ours.get(&path(&planted)).map(|it| it.kind), Some(ChangeKind::Modified), "{planted}");
        }
        for planted in list("modified") {
            assert_ne!(ours.get(&path(&planted)).map(|it| it.kind), Some(ChangeKind::Added), "{planted}");
        }
        for planted in list("deleted") {
            let change = ours.get(&path(&planted)).unwrap_or_else(|| panic!("{}: {planted}", testified.case));
            assert_eq!(change.kind, ChangeKind::Deleted, "{}: {planted}", testified.case);
            *seen.entry("deleted").or_insert(0) += 1;
        }
    });
    let all_cases = icecore_tests::places().len() > 1;
    assert!(seen["stored"] >= if all_cases { 100 } else { 40 }, "{seen:?}");
    assert!(seen["deleted"] >= if all_cases { 20 } else { 8 }, "{seen:?}");
}

/// What was changed in the root file system of this archive.
pub(crate) fn files_of(testified: &Testified) -> Option<Value> {
    let own = &testified.expected["files_by_archive"][testified.file()];
    let files = if own.is_null() { &testified.expected["files"] } else { own };
    (!files.is_null() && testified.entry()["files"] != false).then(|| files.clone())
}

/// Compares what is known of a file with what was planted, as far as that says.
fn compare(entry: &Entry<'_>, planted: &Value, place: &str) {
    let name = match planted["type"].as_str() {
        Some("directory") => Some("dir"),
        Some("hardlink") => {
            assert_eq!(entry.same_as.as_ref().unwrap(), planted["target"].as_str().unwrap(), "{place}");
            Some("file")
        }
        other => other,
    };
    if let Some(name) = name {
        assert_eq!(entry.file_type.name(), name, "{place}");
    }
    if let Some(mode) = planted["mode"].as_str().filter(|_| name != Some("symlink")) {
        assert_eq!(entry.mode, Some(u32::from_str_radix(mode, 8).unwrap()), "{place}");
    }
    for (key, ours) in [("uid", entry.uid), ("gid", entry.gid)] {
        if let Some(id) = planted[key].as_u64() {
            assert_eq!(ours, Some(id), "{place}: {key}");
        }
    }
    if let Some(size) = planted["size"].as_u64().filter(|_| name == Some("file")) {
        assert_eq!(entry.size, Some(size), "{place}");
    }
    if let Some(hash) = planted["sha256"].as_str() {
        assert_eq!(sha256(entry).as_deref(), Ok(hash), "{place}");
    }
    if let Some(target) =
        planted["link"].as_str().or(planted["target"].as_str().filter(|_| name == Some("symlink")))
    {
        assert_eq!(entry.link.as_ref().unwrap(), target, "{place}");
    }
    let xattrs: BTreeMap<String, Vec<u8>> =
        entry.xattrs().map(|(name, value)| (name.to_string(), value.to_vec())).collect();
    for (name, value) in planted["xattrs"].as_object().into_iter().flatten() {
        let expected =
            value.as_str().map(|text| text.as_bytes().to_vec()).or_else(|| unhex(value["hex"].as_str()?));
        assert_eq!(xattrs.get(name), expected.as_ref(), "{place}: {name}");
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// The same files in whatever form the archive is: members of tars and what is told of them does not depend on it.
#[test]
fn the_form_of_an_archive_does_not_matter() {
    let Some(case) = icecore_tests::find("podman-depot-image") else { return };
    let list = |checkpoint: &Checkpoint| -> Vec<(String, Option<u64>, Option<String>)> {
        let entries = checkpoint.filesystem().entries();
        entries.map(|entry| (entry.path.to_string(), entry.size, sha256(&entry).ok())).collect()
    };
    let archives = case.archives();
    let lists: Vec<_> = archives.iter().map(|it| list(&testimony::open(&it.path).unwrap())).collect();
    assert!(lists.len() > 3 && lists[0].len() > 10, "{:?}", lists[0]);
    assert!(lists.iter().all(|list| *list == lists[0]));
}
