//! What memory reads as, against what the kernel read in the same instant.

use std::collections::BTreeSet;

use icecore::archive::{Keep, Options};
use icecore::memory::PageSource;
use icecore::{Checkpoint, Memory, Pid, Vaddr};
use icecore_tests::{Case, CaseArchive};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::testimony::{self, Book};

/// Areas are read as a whole up to this size, in bytes.
const LARGEST: u64 = 1 << 30;

/// An archive that holds a whole container, opened with the parents it needs, and what the kernel said.
struct Frozen {
    archive: CaseArchive,
    checkpoint: Checkpoint,
    truth: Value,
}

fn frozen(case: &Case) -> Vec<Frozen> {
    let archives = case.archives();
    let is_whole = |archive: &&CaseArchive| {
        let truth = archive.truth.as_ref();
        truth.is_some_and(|truth| !truth.contains("pre-")) && archive.entry["partial"] != true
    };
    let open_with_parent = |archive: &CaseArchive| {
        let checkpoint = open(case, archive);
        let parent = archive.entry["parent"].as_str();
        let parent = parent.and_then(|name| archives.iter().find(|archive| archive.file == name));
        let checkpoint = match parent {
            Some(parent) => checkpoint.with_parent(open(case, parent)),
            None => checkpoint,
        };
        let truth = case.truth(archive.truth.as_ref().unwrap());
        Frozen { archive: archive.clone(), checkpoint, truth }
    };
    archives.iter().filter(is_whole).map(open_with_parent).collect()
}

fn open(case: &Case, archive: &CaseArchive) -> Checkpoint {
    let opened = Checkpoint::open_all(&archive.path, &Options::default().keep(Keep::Everything));
    let mut all = opened.unwrap_or_else(|error| panic!("{} {}: {error}", case.name, archive.file));
    all.pop().unwrap()
}

fn address(value: &Value) -> Vaddr {
    Vaddr(u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap())
}

fn pid(value: &Value) -> Pid {
    Pid(value["pid"].as_u64().unwrap().try_into().unwrap())
}

/// Areas that differ for a reason which the maker of the case states.
fn excepted(case: &Case, archive: &CaseArchive) -> BTreeSet<(Pid, Vaddr)> {
    let lists = ["memory_exceptions", "memory_not_stored", "vma_exceptions"];
    let entries = lists.iter().flat_map(|list| case.expected[*list].as_array().into_iter().flatten());
    entries
        .filter(|entry| entry["archive"].as_str().is_none_or(|name| archive.file.ends_with(name)))
        .filter(|entry| entry["start"].is_string())
        .map(|entry| (pid(entry), address(&entry["start"])))
        .collect()
}

/// The digest of a range, or why it cannot be read.
fn digest(memory: &Memory, start: Vaddr, end: Vaddr) -> String {
    match memory.read(start..end, LARGEST) {
        Ok(bytes) => Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(error) => error.to_string(),
    }
}

/// The ranges of an area whose digests the kernel's bytes had.
fn ranges(area: &Value, page: u64) -> Vec<(Vaddr, Vaddr, String)> {
    let text = |value: &Value| value.as_str().map(String::from);
    let whole = text(&area["sha256"]).map(|hash| (address(&area["start"]), address(&area["end"]), hash));
    let pages = area["pages"].as_array().into_iter().flatten().map(|one| {
        let start = address(&one["addr"]);
        (start, start.checked_add(page).unwrap(), text(&one["sha256"]).unwrap())
    });
    whole.into_iter().chain(pages).collect()
}

/// Whether an area shows a file whose bytes are not in the archive.
fn is_file(memory: &Memory, start: Vaddr) -> bool {
    let run = memory.run_at(start);
    run.source == PageSource::File && !run.is_known()
}

#[test]
fn every_area_has_the_bytes_that_the_kernel_read() {
    let mut book = Book::new(include_str!("exceptions/memory.tsv"));
    for case in icecore_tests::cases() {
        for frozen in frozen(&case) {
            let excepted = excepted(&case, &frozen.archive);
            let page = frozen.truth["page_size"].as_u64().unwrap();
            for process in frozen.truth["processes"].as_array().unwrap() {
                for area in process["memory"].as_array().into_iter().flatten() {
                    let pid = pid(process);
                    let memory = frozen.checkpoint.memory(pid).unwrap();
                    let start = address(&area["start"]);
                    if excepted.contains(&(pid, start))
                        || is_file(&memory, start) && area["sha256"].is_string()
                    {
                        book.not_stored("bytes");
                        continue;
                    }
                    let place = start.to_string();
                    book.compare((&case.name, pid.0, &place), "page size", &page, &memory.page_size());
                    for (start, end, wanted) in ranges(area, page) {
                        let found = digest(&memory, start, end);
                        book.compare((&case.name, pid.0, &start.to_string()), "bytes", &wanted, &found);
                    }
                }
            }
        }
    }
    book.close(13_000);
}

/// What the kernel says of an area, and what we say.
type Shown = (Vaddr, String, Option<Vec<u8>>);

/// Areas that CRIU does not list as the kernel does: two of the kernel's data become one.
fn is_kernel_data(name: Option<&[u8]>) -> bool {
    name.is_some_and(|name| name.starts_with(b"[vvar") || name == b"[vsyscall]")
}

#[test]
fn areas_are_those_of_proc_maps() {
    let mut book = Book::new("");
    for case in icecore_tests::cases() {
        for frozen in frozen(&case) {
            let excepted = excepted(&case, &frozen.archive);
            for process in frozen.truth["processes"].as_array().unwrap() {
                let Some(maps) = process["maps"].as_array() else { continue };
                let pid = pid(process);
                let Ok(memory) = frozen.checkpoint.memory(pid) else { continue };
                for map in maps {
                    let start = address(&map["start"]);
                    let name = testimony::bytes(&map["name"]).unwrap_or_default();
                    if excepted.contains(&(pid, start)) || is_kernel_data(Some(&name)) {
                        continue;
                    }
                    let perms = map["perms"].as_str().unwrap().to_owned();
                    let kernel: Shown = (address(&map["end"]), perms, Some(name));
                    let area = memory.area_at(start);
                    let shown = |area: &icecore::memory::Area| -> Shown {
                        (area.end, area.perms(), area.name.clone().map(Into::into))
                    };
                    let place = start.to_string();
                    book.compare((&case.name, pid.0, &place), "area", &Some(kernel), &area.map(shown));
                    if testimony::bytes(&map["name"]).is_some_and(|name| name.starts_with(b"/")) {
                        let wanted = Some(address(&map["offset"]).0);
                        let found = area.map(|area| area.offset);
                        book.compare((&case.name, pid.0, &place), "offset", &wanted, &found);
                    }
                }
            }
        }
    }
    book.close(17_000);
}

/// The codes of `VmFlags` that the images tell: protection, how a mapping was made, and advice.
const TOLD: [&str; 16] =
    ["rd", "wr", "ex", "sh", "gd", "lo", "nr", "ht", "rr", "sr", "dc", "mg", "hg", "nh", "dd", "wf"];

/// `smaps` of the frozen instant, on every architecture: POWER has values of its own for two of the flags.
#[test]
fn flags_are_those_of_smaps() {
    let mut book = Book::new(include_str!("exceptions/memory_flags.tsv"));
    for case in icecore_tests::cases() {
        for frozen in frozen(&case) {
            let excepted = excepted(&case, &frozen.archive);
            for process in frozen.truth["processes"].as_array().unwrap() {
                let pid = pid(process);
                let Ok(memory) = frozen.checkpoint.memory(pid) else { continue };
                for map in process["maps"].as_array().into_iter().flatten() {
                    let start = address(&map["start"]);
                    let name = testimony::bytes(&map["name"]);
                    let Some(area) = memory.area_at(start) else { continue };
                    if excepted.contains(&(pid, start)) || is_kernel_data(name.as_deref()) {
                        continue;
                    }
                    let kernel = match &map["vmflags"] {
                        Value::String(text) => text.split_whitespace().map(String::from).collect(),
                        Value::Array(list) => {
                            list.iter().filter_map(|it| it.as_str().map(String::from)).collect()
                        }
                        _ => continue,
                    };
                    let kernel: BTreeSet<String> = kernel;
                    let told = |flags: BTreeSet<String>| -> BTreeSet<String> {
                        flags.into_iter().filter(|code| TOLD.contains(&code.as_str())).collect()
                    };
                    let ours = area.vm_flags().into_iter().map(String::from).collect();
                    let place = start.to_string();
                    book.compare((&case.name, pid.0, &place), "flags", &told(kernel), &told(ours));
                }
            }
        }
    }
    book.close(11_000);
}

/// The stack pointers that the kernel showed lie in the areas that we take for stacks.
#[test]
fn stacks_are_where_stack_pointers_are() {
    let mut threads = 0;
    for case in icecore_tests::cases() {
        for frozen in frozen(&case) {
            for pid in frozen.checkpoint.pids_with_memory() {
                let memory = frozen.checkpoint.memory(pid).unwrap();
                for (start, tids) in frozen.checkpoint.stacks(pid) {
                    let area = memory.area_at(start).unwrap();
                    assert!(
                        area.prot & 2 != 0,
                        "{} {pid} {start}: a stack that cannot be written",
                        case.name
                    );
                    let first = tids.iter().any(|tid| tid.0 == pid.0);
                    let is_named = area.kind == icecore::memory::AreaKind::Stack;
                    assert!(
                        !is_named || first,
                        "{} {pid}: another thread on the first one's stack",
                        case.name
                    );
                    threads += tids.len();
                }
            }
        }
    }
    assert!(threads > 30, "{threads} threads");
}

#[test]
fn pages_of_every_source_add_up_to_the_areas() {
    for case in icecore_tests::cases() {
        for Frozen { archive, checkpoint, .. } in frozen(&case) {
            for pid in checkpoint.pids_with_memory() {
                let memory = checkpoint.memory(pid).unwrap();
                for area in memory.areas() {
                    let pages = memory.pages_of(area);
                    let wanted = area.length() / memory.page_size();
                    assert_eq!(pages.total(), wanted, "{} {} {pid} {}", case.name, archive.file, area.start);
                    let sources: u64 = PageSource::ALL.iter().map(|source| pages.of(*source)).sum();
                    assert_eq!(sources, wanted);
                }
            }
        }
    }
}

#[test]
fn damaged_memory_gives_what_is_sound_and_says_what_is_not() {
    for broken in icecore_tests::broken_cases(&["memory"]) {
        let (name, facts) = (&broken.case.name, broken.facts());
        let opened = Checkpoint::open_all(broken.path(), &Options::default().keep(Keep::Everything));
        let checkpoint = opened.unwrap_or_else(|error| panic!("{name}: {error}")).pop().unwrap();
        let list = |key: &str| facts[key].as_array().cloned().unwrap_or_default();
        for planted in list("memory") {
            let (start, text) = (address(&planted["addr"]), planted["text"].as_str().unwrap());
            let end = start.checked_add(text.len() as u64).unwrap();
            let read = checkpoint.memory(pid(&planted)).unwrap().read(start..end, LARGEST);
            assert_eq!(read.as_deref(), Ok(text.as_bytes()), "{name} {start}");
        }
        for lost in list("not_stored") {
            let memory = checkpoint.memory(pid(&lost)).unwrap();
            let start = address(&lost["addr"]);
            assert!(memory.read_at(start, &mut [0; 16]).is_err(), "{name} {start}");
        }
        for pid in checkpoint.pids_with_memory() {
            let Ok(memory) = checkpoint.memory(pid) else { continue };
            assert!(memory.runs().all(|run| run.start < run.end), "{name} {pid}");
            assert!(
                memory.areas().iter().all(|area| memory.pages_of(area).total() <= area.length()),
                "{name}"
            );
        }
        checkpoint.check_completeness();
        let told =
            checkpoint.diagnostics().iter().any(|told| told.severity > icecore::archive::Severity::Note);
        assert!(told || broken.open != "partial", "{name}: nothing is told");
    }
}
