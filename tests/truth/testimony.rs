//! What the kernel said of the processes of a case, and the book that is kept while it is compared.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use icecore::Checkpoint;
use icecore::archive::{Keep, Options};
use icecore_tests::{Case, cases};
use serde_json::Value;

/// An archive of which the kernel was asked at its instant.
pub(crate) struct Testified {
    pub(crate) case: String,
    /// Where the archive lies, and the one before it that it refers to.
    pub(crate) path: PathBuf,
    pub(crate) parent: Option<PathBuf>,
    /// The root file system of its processes, where the case has that.
    pub(crate) rootfs: Option<PathBuf>,
    file: String,
    entry: Value,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) truth: Value,
    pub(crate) expected: Value,
}

/// Opens every archive that holds a whole container and has a testimony.
pub(crate) fn each(mut visit: impl FnMut(&Testified)) {
    for case in cases() {
        of_case(&case, &mut visit);
    }
}

fn of_case(case: &Case, visit: &mut impl FnMut(&Testified)) {
    for archive in case.archives() {
        let Some(truth) = archive.truth.as_deref().filter(|name| !name.contains("pre-")) else { continue };
        if archive.entry["partial"] == true {
            continue;
        }
        let path = archive.path;
        let checkpoint = open(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let parent = archive.entry["parent"].as_str().map(|parent| case.place(parent));
        let checkpoint = match &parent {
            Some(parent) => checkpoint.with_parent(open(parent).unwrap()),
            None => checkpoint,
        };
        let rootfs = Some(case.dir.join("rootfs.tar.gz")).filter(|rootfs| rootfs.exists());
        let (truth, expected) = (case.truth(truth), case.expected.clone());
        let (case, file, entry) = (case.name.clone(), archive.file, archive.entry);
        visit(&Testified { case, path, parent, rootfs, file, entry, checkpoint, truth, expected });
    }
}

/// Opens an archive with all that it holds, memory too, and a directory with those that it refers to.
pub(crate) fn open(path: &Path) -> Result<Checkpoint, icecore::Error> {
    let options = Options::default().keep(Keep::Everything);
    let mut all = Checkpoint::open_all(path, &options)?;
    Ok(all.remove(0).with_siblings_of(path, &options))
}

impl Testified {
    /// The processes that were no zombies.
    pub(crate) fn processes(&self) -> impl Iterator<Item = (u32, &Value)> {
        let all = self.truth["processes"].as_array().unwrap().iter();
        all.filter(|process| process["state"] != "Z").map(|process| (number(&process["pid"]), process))
    }

    /// The name of the archive in `expected.json`.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// All that `expected.json` says of the archive.
    pub(crate) fn entry(&self) -> &Value {
        &self.entry
    }

    /// What was planted of a kind in this archive.
    pub(crate) fn planted(&self, key: &str) -> Vec<Value> {
        let list = |list: &Value| list.as_array().cloned();
        let own = list(&self.expected["by_archive"][&self.file][key]);
        let all = own.or_else(|| list(&self.expected[key])).unwrap_or_default();
        let is_here = |it: &Value| it["archive"].as_str().is_none_or(|archive| archive == self.file);
        // Facts of one archive alone replace those of all with the same path.
        let alone = list(&self.expected[format!("{key}_by_archive")]).unwrap_or_default();
        let alone: Vec<Value> = alone.into_iter().filter(is_here).collect();
        let replaced = |it: &Value| alone.iter().any(|other| other["path"] == it["path"]);
        let common = all.into_iter().filter(|it| is_here(it) && !replaced(it));
        common.collect::<Vec<_>>().into_iter().chain(alone.clone()).collect()
    }

    /// Whether `expected.json` says that the kernel's word is known to differ here.
    pub(crate) fn is_known(&self, pid: u32, fd: u64, field: &str) -> bool {
        let listed = self.expected["truth_exceptions"].as_array();
        let here = |known: &&Value| known["pid"] == pid && known["fd"] == fd && known["field"] == field;
        listed.is_some_and(|listed| listed.iter().any(|known| here(&known)))
    }
}

/// A small number.
pub(crate) fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

/// The bytes of a text: a string, or base64 where it is no UTF-8. `None` if the kernel gave nothing.
pub(crate) fn bytes(value: &Value) -> Option<Vec<u8>> {
    use base64::Engine as _;
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Object(map) => {
            let text = map["b64"].as_str().unwrap();
            Some(base64::engine::general_purpose::STANDARD.decode(text).unwrap())
        }
        _ => None,
    }
}

/// Counts what was compared, and knows what may differ: a table of case, pid, what (such as a descriptor), field and
/// reason, separated by tabs.
pub(crate) struct Book {
    table: &'static str,
    exceptions: Vec<(Vec<&'static str>, usize)>,
    compared: BTreeMap<&'static str, usize>,
    excepted: BTreeMap<&'static str, usize>,
    not_stored: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Book {
    /// A book with a table of exceptions.
    pub(crate) fn new(table: &'static str) -> Self {
        let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let exceptions = rows.map(|line| (line.split('\t').collect::<Vec<_>>(), 0)).collect::<Vec<_>>();
        assert!(exceptions.iter().all(|(row, _)| row.len() == 5), "five columns: {table}");
        let (compared, excepted, not_stored) = Default::default();
        Self { table, exceptions, compared, excepted, not_stored, wrong: Vec::new() }
    }

    /// Compares one fact.
    pub(crate) fn compare<T: PartialEq + Debug>(
        &mut self,
        place: (&str, u32, &str),
        field: &'static str,
        kernel: &T,
        ours: &T,
    ) {
        *self.compared.entry(field).or_default() += 1;
        if kernel == ours {
            return;
        }
        let (case, pid, what) = place;
        let pid = pid.to_string();
        let here = [case, pid.as_str(), what, field];
        match self.exceptions.iter_mut().find(|(row, _)| row[..4] == here) {
            Some((_, matched)) => {
                *matched += 1;
                *self.excepted.entry(field).or_default() += 1;
            }
            None => {
                self.wrong.push(format!("{case} pid {pid} {what} {field}: kernel {kernel:?}, ours {ours:?}"))
            }
        }
    }

    /// Notes a fact that checkpoints do not hold.
    pub(crate) fn not_stored(&mut self, field: &'static str) {
        *self.not_stored.entry(field).or_default() += 1;
    }

    /// Prints the counts, and fails if anything differs, or an exception was not needed.
    pub(crate) fn close(self, least: usize) {
        for (field, compared) in &self.compared {
            let of = |counts: &BTreeMap<_, usize>| counts.get(field).copied().unwrap_or_default();
            let (excepted, not_stored) = (of(&self.excepted), of(&self.not_stored));
            eprintln!("{field}: {compared} compared, {excepted} excepted, {not_stored} not stored");
        }
        let total: usize = self.compared.values().sum();
        let first: Vec<_> = self.wrong.iter().take(20).collect();
        assert!(self.wrong.is_empty(), "{} of {total} differ: {first:#?}", self.wrong.len());
        // The fixtures alone do not have every case, so neither every exception nor so many facts.
        let at_hand = |case: &str| icecore_tests::find(case).is_some();
        let idle = self.exceptions.iter().filter(|(row, matched)| *matched == 0 && at_hand(row[0]));
        let idle: Vec<_> = idle.collect();
        assert!(idle.is_empty(), "exceptions that match nothing: {idle:?} of {}", self.table);
        let all_cases = icecore_tests::places().len() > 1;
        assert!(total >= if all_cases { least } else { 1 }, "only {total} facts were compared");
        let excepted: usize = self.excepted.values().sum();
        // One in a thousand over all subjects; a small one may have a few more.
        assert!(!all_cases || excepted * 1000 <= total.max(2000), "{excepted} exceptions of {total}");
    }
}
