//! The model in `serde`'s terms: every part of every checkpoint becomes JSON, which says what the kernel said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use icecore::Checkpoint;
use icecore::filesystem::{ChangeKind, FileType, Origin};
use icecore_analysis::changes::Review;
use icecore_analysis::timeline::{EventKind, Filter, events};
use serde::Serialize;
use serde_json::{Value, json};

use crate::testimony::{self, Testified, bytes, number};

fn serialized(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// All parts that a checkpoint has, each under its name.
fn parts(checkpoint: &Checkpoint) -> BTreeMap<&'static str, Value> {
    let filesystem = checkpoint.filesystem();
    let review = Review::of(checkpoint);
    let pids = checkpoint.pids_with_memory();
    let memory: Vec<_> = pids.iter().filter_map(|pid| checkpoint.memory(*pid).ok()).collect();
    let runs: Vec<Value> =
        memory.iter().map(|memory| serialized(&memory.runs().collect::<Vec<_>>())).collect();
    let areas: Vec<Value> =
        memory.iter().map(|memory| json!({"pid": memory.pid(), "areas": memory.areas()})).collect();
    let arguments: Vec<_> = checkpoint.processes().iter().map(|it| checkpoint.arguments(it.pid)).collect();
    let happened: Vec<_> = events(checkpoint, &Filter::default()).unwrap().map(Result::unwrap).collect();
    BTreeMap::from([
        ("facts", serialized(checkpoint.facts())),
        ("processes", serialized(&checkpoint.processes())),
        ("arguments", serialized(&arguments)),
        ("files", serialized(checkpoint.files())),
        ("open", serialized(&checkpoint.files().open().collect::<Vec<_>>())),
        ("mounts", serialized(checkpoint.mounts())),
        ("networks", serialized(checkpoint.networks())),
        ("namespaces", serialized(checkpoint.namespaces())),
        ("cgroups", serialized(checkpoint.cgroups())),
        ("seccomp", serialized(checkpoint.seccomp())),
        ("ipc", serialized(checkpoint.ipc())),
        ("graph", serialized(&checkpoint.graph())),
        ("queues", serialized(&checkpoint.queues())),
        ("areas", serialized(&areas)),
        ("runs", serialized(&runs)),
        ("machine", serialized(checkpoint.machine())),
        ("inventory", serialized(&checkpoint.inventory())),
        ("counts", serialized(checkpoint.counts())),
        ("sizes", serialized(&checkpoint.sizes())),
        ("stats", serialized(&checkpoint.stats())),
        ("entries", serialized(&filesystem.entries().collect::<Vec<_>>())),
        ("changes", serialized(&review.changes().collect::<Vec<_>>())),
        ("timeline", serialized(&happened)),
        ("diagnostics", serialized(&checkpoint.diagnostics())),
    ])
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list `{key}` in {value}"))
}

#[test]
fn every_part_of_every_checkpoint_says_what_the_kernel_said() {
    let mut compared = 0;
    testimony::each(|testified| {
        let parts = parts(&testified.checkpoint);
        compared += processes(testified, &parts["processes"]);
        compared += descriptors(testified, &parts["files"]);
        compared += mappings(testified, &parts["areas"]);
        assert_eq!(parts["open"].as_array().unwrap().len(), testified.checkpoint.files().open().count());
        assert_eq!(parts["counts"]["processes"], parts["processes"].as_array().unwrap().len());
    });
    eprintln!("{compared} facts compared");
    assert!(compared > if icecore_tests::places().len() > 1 { 10_000 } else { 100 }, "{compared}");
}

/// Numbers, names and threads.
fn processes(testified: &Testified, ours: &Value) -> usize {
    let ours: BTreeMap<u32, &Value> =
        ours.as_array().unwrap().iter().map(|process| (number(&process["pid"]), process)).collect();
    let mut compared = 0;
    for (pid, kernel) in testified.processes() {
        let place = format!("{}: pid {pid}", testified.case);
        let process = ours.get(&pid).unwrap_or_else(|| panic!("{place}"));
        assert_eq!(process["comm"], json!(bytes(&kernel["comm"]).unwrap()), "{place}");
        let tids = |threads: &Value| -> BTreeSet<u64> {
            threads.as_array().unwrap().iter().map(|thread| thread["tid"].as_u64().unwrap()).collect()
        };
        assert_eq!(tids(&process["threads"]), tids(&kernel["threads"]), "{place}");
        for thread in list(process, "threads").iter().filter(|thread| !thread["registers"].is_null()) {
            let registers = thread["registers"].as_object().unwrap();
            assert!(registers.len() > 8, "{place}: {registers:?}");
            assert!(registers.values().all(|value| value.as_str().unwrap().starts_with("0x")), "{place}");
        }
        compared += 2;
    }
    compared
}

/// Each descriptor of each process.
fn descriptors(testified: &Testified, files: &Value) -> usize {
    let known: BTreeSet<u64> = list(files, "files").iter().map(|file| file["id"].as_u64().unwrap()).collect();
    let mut compared = 0;
    for (pid, kernel) in testified.processes() {
        let table = list(files, "tables").iter().find(|table| list(table, "processes").contains(&json!(pid)));
        let ours = table.map(|table| list(table, "descriptors").as_slice()).unwrap_or_default();
        let fds = |list: &[Value]| list.iter().map(|it| number(&it["fd"])).collect::<BTreeSet<_>>();
        let theirs = fds(kernel["fds"].as_array().unwrap());
        assert_eq!(fds(ours), theirs, "{}: pid {pid}", testified.case);
        assert!(ours.iter().all(|it| known.contains(&it["file"].as_u64().unwrap())), "{}", testified.case);
        compared += theirs.len();
    }
    compared
}

/// Where areas begin, but for those of the kernel itself.
fn mappings(testified: &Testified, ours: &Value) -> usize {
    let mut compared = 0;
    for (pid, kernel) in testified.processes() {
        let Some(memory) = ours.as_array().unwrap().iter().find(|memory| memory["pid"] == pid) else {
            continue;
        };
        let start =
            |text: &Value| u64::from_str_radix(text.as_str().unwrap().strip_prefix("0x").unwrap(), 16);
        let starts: BTreeSet<u64> =
            list(memory, "areas").iter().map(|area| start(&area["start"]).unwrap()).collect();
        for mapping in kernel["maps"].as_array().unwrap().iter().filter(|it| !is_of_kernel(it)) {
            assert!(starts.contains(&start(&mapping["start"]).unwrap()), "{}: pid {pid}", testified.case);
            compared += 1;
        }
    }
    compared
}

fn is_of_kernel(mapping: &Value) -> bool {
    mapping["name"].as_str().is_some_and(|name| name.starts_with("[v"))
}

/// The word that a program sees is the one that it finds in JSON, wherever that comes from.
#[test]
fn enums_are_serialised_as_their_names() {
    Origin::ALL.iter().for_each(|it| assert_eq!(serialized(it), it.name()));
    FileType::ALL.iter().for_each(|it| assert_eq!(serialized(it), it.name()));
    EventKind::ALL.iter().for_each(|it| assert_eq!(serialized(it), it.name()));
    let kinds = [ChangeKind::Added, ChangeKind::Modified, ChangeKind::Deleted, ChangeKind::Unknown];
    kinds.iter().for_each(|it| assert_eq!(serialized(it), it.name()));
    testimony::each(|testified| {
        for file in testified.checkpoint.files().files.iter() {
            let kind = &serialized(file)["kind"];
            assert!(kind["type"].is_string(), "{kind}");
            assert_eq!(kind["type"] == "socket", file.socket().is_some(), "{kind}");
        }
    });
}

/// Public types that are no data, and why.
const OTHERS: [(&str, &str); 32] = [
    ("Checkpoint", "the door to everything"),
    ("Images", "the members of the image directory"),
    ("Memory", "an address space, read when it is asked"),
    ("Object", "a shared object of memory, read when it is asked"),
    ("Filesystem", "an archive of files, read when it is asked"),
    ("Layer", "one archive of files, read when it is asked"),
    ("Changes", "what Change is listed from"),
    ("Tree", "a look-up of paths; an order of processes"),
    ("RootFilesystem", "what a user names"),
    ("Content", "the bytes of a queue"),
    ("Error", "what a call ends with"),
    ("Dump", "an iterator"),
    ("Stream", "a writer"),
    ("Sparse", "a writer"),
    ("TarSink", "a writer"),
    ("HoleAllowance", "a meter"),
    ("Failure", "what a call ends with"),
    ("Options", "an argument"),
    ("Facts", "an argument of a writer"),
    ("Special", "an argument of a writer"),
    ("Written", "what a writer answers"),
    ("Plan", "what Extracted is listed from"),
    ("Users", "an index"),
    ("Review", "what Reviewed is listed from"),
    ("Flag", "a row of a table of rules, with its code"),
    ("Pattern", "an argument"),
    ("BadPattern", "what a call ends with"),
    ("Needles", "an argument"),
    ("Filter", "an argument"),
    ("Search", "what Hit is listed from"),
    ("Meter", "a count of work under way"),
    ("Timeline", "an iterator"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => sources(&entry, found),
            false => found.push(entry),
        }
    }
}

/// A public type is data, and is serialised, or stands in the table above.
#[test]
fn every_public_type_is_serialised_or_no_data() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut files = Vec::new();
    ["icecore/src", "analysis/src"].iter().for_each(|folder| sources(&crates.join(folder), &mut files));
    let texts: Vec<String> = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    // The lists of `words!` in the files of that name, and what is written by hand.
    let words = texts.iter().filter_map(|text| text.split("\nwords!").nth(1)?.split("\n\n").next());
    let words: BTreeSet<&str> = words.flat_map(|list| list.split(|c: char| !c.is_alphanumeric())).collect();
    let by_hand: String = texts.concat();
    let (mut lacking, mut met, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for text in &texts {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
            let Some(name) = rest.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next()) else {
                continue;
            };
            count += 1;
            let attributes = lines[..at].iter().rev().take_while(|line| !line.is_empty() && **line != "}");
            let is_derived =
                attributes.into_iter().any(|line| line.starts_with("#[derive") && line.contains("Serialize"));
            let is_other = OTHERS.iter().any(|(other, _)| *other == name);
            let is_written = words.contains(name) || by_hand.contains(&format!("Serialize for {name} "));
            met.extend(Some(name.to_owned()).filter(|_| is_other));
            if !is_derived && !is_written && !is_other {
                lacking.push(name.to_owned());
            }
        }
    }
    assert!(count > 150, "only {count} types were seen");
    assert_eq!(lacking, [""; 0], "derive `Serialize`, or say why not");
    let idle: Vec<_> = OTHERS.iter().filter(|(other, _)| !met.contains(*other)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}
