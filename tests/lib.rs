//! Where the real checkpoints are: the one finder of cases, for all tests and benches.
//!
//! A case is a folder with archives, what the kernel said of their processes (`truth.json`) and what was planted
//! (`expected.json`). Some are in `fixtures/` of this repository; all of them in a folder `shared/corpus` beside the checkout,
//! where there is one. The environment variable `ICECORE_CORPUS` decides:
//!
//! - not set: the corpus where it exists, and the fixtures;
//! - `required`: as before, and it is a failure if there is no corpus;
//! - `fixtures`: the fixtures alone, as a plain clone has them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "used by tests only, where a missing file is a failed test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;

/// A real checkpoint, or several of one kind.
#[derive(Debug)]
pub struct Case {
    /// The name of its folder.
    pub name: String,
    /// Its folder.
    pub dir: PathBuf,
    /// `expected.json`: what its programs planted.
    pub expected: Value,
    /// Where its `unpack` tar was unpacked to, once somebody asked.
    unpacked: OnceLock<TempDir>,
}

/// One archive of a case.
#[derive(Debug, Clone)]
pub struct CaseArchive {
    /// Where it lies; a file or a directory.
    pub path: PathBuf,
    /// Its name in `expected.json`.
    pub file: String,
    /// What kind of container it is, by the name that JSON has for it.
    pub kind: String,
    /// How it is compressed, likewise.
    pub compression: String,
    /// The name of its `truth.json`, if the kernel was asked at its instant.
    pub truth: Option<String>,
    /// All that `expected.json` says of it.
    pub entry: Value,
}

/// A damaged or hostile archive.
#[derive(Debug)]
pub struct Broken {
    /// The case, whose `expected` has `open`, `must` and `facts`.
    pub case: Case,
    /// Which part of a reader it tries: `tar`, `compression`, `document`, `image`, `memory`, `engine` or `text`.
    pub level: String,
    /// `ok`, `partial` or `refused`.
    pub open: String,
}

/// All cases, sorted by name; where a case is in both places, that of the corpus.
pub fn cases() -> Vec<Case> {
    folders("").into_iter().filter_map(|(name, dir)| Case::read(name, dir)).collect()
}

/// The case of this name.
///
/// # Panics
/// If there is none, neither in the corpus nor in the fixtures.
pub fn case(name: &str) -> Case {
    find(name).unwrap_or_else(|| panic!("no case `{name}` in {:?}", places()))
}

/// The case of this name, if it is at hand: some are in the corpus only.
pub fn find(name: &str) -> Option<Case> {
    places().iter().find_map(|place| Case::read(name.into(), place.join(name)))
}

/// The broken archives of these levels, sorted by name; of no level, all.
pub fn broken_cases(levels: &[&str]) -> Vec<Broken> {
    let text = |case: &Case, key: &str| case.expected[key].as_str().map(String::from);
    let broken = |case: Case| {
        let (level, open) = (text(&case, "level")?, text(&case, "open")?);
        (levels.is_empty() || levels.contains(&level.as_str())).then_some(Broken { case, level, open })
    };
    folders("broken").into_iter().filter_map(|(name, dir)| broken(Case::read(name, dir)?)).collect()
}

impl Case {
    fn read(name: String, dir: PathBuf) -> Option<Self> {
        let bytes = fs::read(dir.join("expected.json")).ok()?;
        let expected =
            serde_json::from_slice(&bytes).unwrap_or_else(|why| panic!("{name}: expected.json: {why}"));
        Some(Self { name, dir, expected, unpacked: OnceLock::new() })
    }

    /// Its archives, in the order of `expected.json`.
    pub fn archives(&self) -> Vec<CaseArchive> {
        let entries = self.expected["archives"].as_array().map(Vec::as_slice).unwrap_or_default();
        let archive = |entry: &Value| {
            let text = |key: &str| entry[key].as_str().map(String::from);
            let file = text("file").unwrap_or_else(|| panic!("{}: an archive without a file", self.name));
            CaseArchive {
                path: self.place(&file),
                kind: text("kind").unwrap_or_default(),
                compression: text("compression").unwrap_or_default(),
                truth: text("truth"),
                entry: entry.clone(),
                file,
            }
        };
        entries.iter().map(archive).collect()
    }

    /// Where a file of the case lies: in its folder, or in what its `unpack` tar holds.
    pub fn place(&self, file: &str) -> PathBuf {
        let direct = self.dir.join(file);
        match self.expected["unpack"].as_str() {
            Some(tar) if !direct.exists() => self.unpack(tar).join(file),
            _ => direct,
        }
    }

    /// What the kernel said, from a file that may be gzip'ed, under its own name or with `.gz` behind it.
    pub fn truth(&self, file: &str) -> Value {
        let path = self.dir.join(file);
        let bytes = fs::read(&path).or_else(|_| fs::read(self.dir.join(format!("{file}.gz"))));
        let bytes = bytes.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let parsed = match bytes.get(..2) {
            Some([0x1f, 0x8b]) => serde_json::from_reader(BufReader::new(GzDecoder::new(&bytes[..]))),
            _ => serde_json::from_slice(&bytes),
        };
        parsed.unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// Unpacks a tar of the case into a folder of its own, which goes with the case.
    fn unpack(&self, tar: &str) -> &Path {
        let folder = self.unpacked.get_or_init(|| {
            let folder = tempfile::tempdir().expect("a folder for temporary files");
            let unpacked =
                Command::new("tar").arg("-xf").arg(self.dir.join(tar)).arg("-C").arg(folder.path()).output();
            // Some hold devices, which only root may make; what else they hold is there.
            unpacked.expect("the program tar unpacks cases that are directories");
            folder
        });
        folder.path()
    }
}

impl Broken {
    /// What is to be opened: a file, or the directory that it was unpacked to.
    pub fn path(&self) -> PathBuf {
        let file =
            self.case.expected["file"].as_str().unwrap_or_else(|| panic!("{}: no file", self.case.name));
        if self.facts()["unpack"] == true { self.case.unpack(file).into() } else { self.case.dir.join(file) }
    }

    /// What a right reader finds.
    pub fn facts(&self) -> &Value {
        &self.case.expected["facts"]
    }
}

/// Whether a program is there that a test compares with. If not, says so; with `ICECORE_CORPUS=required`, that is a failure.
///
/// # Panics
/// If the program is missing though everything is required.
pub fn program(name: &str) -> bool {
    let there = Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(there || !required(), "`{name}` is not there, and ICECORE_CORPUS=required");
    there
}

/// The folders of cases below both places, by name.
fn folders(below: &str) -> BTreeMap<String, PathBuf> {
    let mut folders = BTreeMap::new();
    for place in places() {
        let entries = fs::read_dir(place.join(below)).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.path().is_dir()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            folders.entry(name).or_insert_with(|| entry.path());
        }
    }
    folders
}

/// Where cases are, the place that counts first.
///
/// # Panics
/// If the corpus is required and not there.
pub fn places() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (corpus, fixtures) = (here.join("../../shared/corpus"), here.join("../fixtures"));
    match std::env::var("ICECORE_CORPUS").as_deref() {
        Ok("fixtures") => vec![fixtures],
        _ if corpus.is_dir() => vec![corpus, fixtures],
        _ => {
            assert!(!required(), "ICECORE_CORPUS=required, and there is no {}", corpus.display());
            vec![fixtures]
        }
    }
}

fn required() -> bool {
    std::env::var("ICECORE_CORPUS").as_deref() == Ok("required")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_archive_that_a_case_names_is_there() {
        for case in cases() {
            for archive in case.archives() {
                assert!(archive.path.exists(), "{}", archive.path.display());
                if let Some(truth) = &archive.truth {
                    assert!(case.truth(truth)["processes"].is_array(), "{}: {truth}", case.name);
                }
            }
        }
        for broken in broken_cases(&[]) {
            assert!(broken.path().exists(), "{}", broken.case.name);
        }
    }

    #[test]
    fn what_a_clone_needs_is_among_the_fixtures() {
        for name in ["minimal", "crio-nginx-webserver", "containerd-nginx-webserver", "s390x", "chain"] {
            assert!(find(name).is_some(), "{name}");
        }
        assert!(broken_cases(&["tar", "compression"]).len() > 60);
        assert!(find("no-such-case").is_none());
    }
}
