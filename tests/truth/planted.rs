//! What programs planted of processes, memory and System V objects, where the kernel's own words do not tell it as well.

use std::collections::BTreeSet;
use std::sync::Arc;

use icecore::memory::AreaKind;
use icecore::process::Arch;
use icecore::{Checkpoint, Memory, Pid, Thread, Vaddr};
use icecore_tests::{Case, cases};
use serde_json::Value;

use crate::testimony::{bytes, number};

/// The facts of one kind, of every case that has a single archive.
fn each(key: &str, at_least: usize, check: impl Fn(&Checkpoint, &Value)) {
    let mut count = 0;
    for case in cases() {
        let Some(planted) = case.expected[key].as_array().filter(|_| case.archives().len() == 1) else {
            continue;
        };
        let checkpoint = open(&case);
        for fact in planted
            .iter()
            .filter(|fact| fact["pid"].is_u64() || fact["pids"].is_array() || key.starts_with("s"))
        {
            check(&checkpoint, fact);
            count += 1;
        }
    }
    assert!(count >= at_least, "{key}: {count} facts");
}

fn open(case: &Case) -> Checkpoint {
    crate::testimony::open(&case.archives()[0].path).unwrap_or_else(|why| panic!("{}: {why}", case.name))
}

fn pid(fact: &Value) -> Pid {
    Pid(number(&fact["pid"]))
}

fn address(fact: &Value) -> Vaddr {
    let text = fact["addr"].as_str().unwrap().trim_start_matches("0x");
    Vaddr(u64::from_str_radix(text, 16).unwrap())
}

fn memory(checkpoint: &Checkpoint, fact: &Value) -> Arc<Memory> {
    checkpoint.memory(pid(fact)).unwrap_or_else(|why| panic!("{fact}: {why}"))
}

/// How many filters decide on the calls of a thread, and that they say what was planted: `swapon errno 38`.
#[test]
fn seccomp_filters_are_read() {
    each("seccomp", 3, |checkpoint, fact| {
        let process = checkpoint.process(pid(fact)).unwrap();
        let chain = |thread: &Thread| checkpoint.seccomp().of_thread(thread).cloned().collect::<Vec<_>>();
        let filters = chain(process.leader().unwrap());
        assert_eq!(filters.len() as u64, fact["filters"].as_u64().unwrap_or(0), "{fact}");
        assert!(process.threads.iter().all(|thread| chain(thread) == filters), "{fact}");
        let program = |arch: Option<Arch>| {
            let lines = filters.iter().flat_map(|filter| filter.disassemble(arch));
            lines.map(|line| line.meaning).collect::<Vec<_>>()
        };
        let meanings = program(process.arch);
        for (call, errno) in [("reboot", 1), ("swapon", 38), ("acct", 13)] {
            let note = fact["note"].as_str().unwrap_or_default();
            let planted = note.contains(&format!("{call} errno {errno}"))
                || note.contains(&format!("{call} gives errno {errno}"));
            let position = meanings.iter().position(|meaning| meaning == call);
            assert_eq!(position.is_some(), planted, "{fact}: {meanings:?}");
            if let Some(position) = position {
                assert_eq!(meanings[position + 1], format!("fail with error {errno}"), "{fact}");
            }
        }
        let logged = filters.iter().any(|filter| filter.flag_names().any(|name| name == "LOG"));
        assert_eq!(logged, fact["note"].as_str().is_some_and(|note| note.contains("LOG")), "{fact}");
    });
}

#[test]
fn roots_and_directories_are_those_that_were_entered() {
    each("roots", 1, |checkpoint, fact| {
        let process = checkpoint.process(pid(fact)).unwrap();
        let link = |file: Option<icecore::FileId>| checkpoint.link(file.unwrap()).map(Vec::from);
        assert_eq!(link(process.root), bytes(&fact["root"]), "{fact}");
        assert_eq!(link(process.cwd), bytes(&fact["cwd"]), "{fact}");
        for (fd, path) in [("fd", "path"), ("fd_outside", "path_outside")] {
            let file = checkpoint.files().at(pid(fact), number(&fact[fd])).unwrap();
            assert_eq!(checkpoint.files().link(file).map(Vec::from), bytes(&fact[path]), "{fact}");
        }
    });
    each("cwd", 1, |checkpoint, fact| {
        let process = checkpoint.process(pid(fact)).unwrap();
        assert_eq!(checkpoint.link(process.cwd.unwrap()).map(Vec::from), bytes(&fact["cwd"]), "{fact}");
        assert_eq!(process.umask, Some(number(&fact["umask"])), "{fact}");
    });
}

#[test]
fn areas_have_what_was_asked_of_the_kernel() {
    each("areas", 19, |checkpoint, fact| {
        let (memory, what) = (memory(checkpoint, fact), fact["what"].as_str().unwrap());
        let start = address(fact);
        let guard = || memory.areas().iter().find(|area| area.start == start && area.kind == AreaKind::Guard);
        let area = memory.area_at(start).unwrap_or_else(|| panic!("{fact}"));
        let has = |code: &str| area.vm_flags().contains(&code);
        let is_right = match what {
            "MAP_GROWSDOWN" => has("gd"),
            "guard" => guard().is_some_and(|area| fact["end"] == format!("{:#x}", area.end.0)),
            "MADV_RANDOM" => has("rr"),
            "MADV_SEQUENTIAL" => has("sr"),
            "MADV_DONTFORK" => has("dc"),
            "MADV_MERGEABLE" => has("mg"),
            "MADV_HUGEPAGE" => has("hg"),
            "MADV_NOHUGEPAGE" => has("nh"),
            "MADV_DONTDUMP" => has("dd"),
            "MADV_WIPEONFORK" => has("wf"),
            "mlock" => has("lo"),
            "MAP_DROPPABLE" => has("dp"),
            "sparse" => Some(area.length()) == fact["bytes"].as_u64(),
            "aio ring" => area.kind == AreaKind::Aio,
            "ring of a packet socket" => area.kind == AreaKind::Socket,
            "only read: zero page" => memory
                .read(start..Vaddr(start.0 + 16), 16)
                .is_ok_and(|bytes| bytes.iter().all(|byte| *byte == 0)),
            // Advice that the kernel has followed and forgotten.
            "MADV_FREE" | "MADV_COLD" => area.kind == AreaKind::Anon,
            other => match other.strip_prefix("deleted shared library ") {
                Some(path) => {
                    area.name.as_ref().is_some_and(|name| *name == format!("{path} (deleted)").as_str())
                }
                None => panic!("{fact}: nothing checks that"),
            },
        };
        assert!(is_right, "{fact}: {:?} {:?}", area.kind, area.vm_flags());
    });
    each("writable_executable", 1, |checkpoint, fact| {
        let memory = memory(checkpoint, fact);
        let area = memory.area_at(address(fact)).unwrap();
        assert_eq!((area.start, &area.perms()[..3]), (address(fact), "rwx"), "{fact}");
        assert_eq!(Some(area.length() / memory.page_size()), fact["pages"].as_u64(), "{fact}");
    });
    each("shared_areas", 1, |checkpoint, fact| {
        let pids = fact["pids"].as_array().unwrap();
        let spaces = pids.iter().map(|pid| checkpoint.memory(Pid(number(pid))).unwrap());
        // A process may have it at an address of its own.
        let objects = |memory: &Memory| {
            let objects = memory.areas().iter().filter_map(|area| area.object.as_ref());
            objects.map(|object| (object.kind, object.number)).collect::<BTreeSet<_>>()
        };
        let all: Vec<Arc<Memory>> = spaces.collect();
        let area = all.iter().find_map(|memory| memory.area_at(address(fact))).unwrap();
        let object = area.object.as_ref().map(|object| (object.kind, object.number)).unwrap();
        assert!(all.iter().all(|memory| objects(memory).contains(&object)), "{fact}");
    });
}

#[test]
fn names_of_mapped_files_are_told() {
    each("mapped_files", 1, |checkpoint, fact| {
        let memory = memory(checkpoint, fact);
        let area = memory.area_at(address(fact)).unwrap();
        assert_eq!(area.name.clone().map(Vec::from), bytes(&fact["path"]), "{fact}");
        assert_eq!(area.kind, AreaKind::FileShared, "{fact}");
    });
    each("mapped_deleted", 1, |checkpoint, fact| {
        let memory = memory(checkpoint, fact);
        let name = memory.area_at(address(fact)).unwrap().name.clone().unwrap();
        assert_eq!(name, format!("{} (deleted)", fact["path"].as_str().unwrap()).as_str(), "{fact}");
    });
}

#[test]
fn sessions_and_groups_outlive_their_leaders() {
    each("sessions", 1, |checkpoint, fact| {
        let find = |pid: &Value| checkpoint.process(Pid(number(pid))).unwrap();
        let own = find(&fact["own_session"]);
        assert_eq!(own.sid, own.pid, "{fact}");
        let orphan = find(&fact["group_of_dead_leader"]["pid"]);
        let group = Pid(number(&fact["group_of_dead_leader"]["pgid"]));
        assert_eq!(orphan.pgid, group, "{fact}");
        assert!(checkpoint.process(group).is_none(), "{fact}");
        let session = Pid(number(&fact["session_of_dead_leader"]));
        assert!(checkpoint.process(session).is_none(), "{fact}");
        assert!(checkpoint.processes().iter().any(|process| process.sid == session), "{fact}");
    });
}

#[test]
fn arguments_and_environments_are_exact() {
    each("strings", 2, |checkpoint, fact| {
        let planted = |key: &str| -> Vec<Vec<u8>> {
            fact[key].as_array().unwrap().iter().map(|word| bytes(word).unwrap()).collect()
        };
        let exact = |strings: Option<icecore::process::Strings>| -> Vec<Vec<u8>> {
            strings.unwrap().iter().map(|word| word.to_vec()).collect()
        };
        assert_eq!(exact(checkpoint.arguments(pid(fact))), planted("argv"), "{fact}");
        assert_eq!(exact(checkpoint.environment(pid(fact))), planted("environ"), "{fact}");
    });
}

#[test]
fn segments_are_as_they_were_made() {
    each("sysv_shm", 3, |checkpoint, fact| {
        let all = checkpoint.ipc().namespaces.iter().flat_map(|namespace| &namespace.segments);
        let id = number(&fact["id"]);
        let segment =
            all.into_iter().find(|segment| segment.descriptor.id == id).unwrap_or_else(|| panic!("{fact}"));
        assert_eq!(Some(segment.size), fact["size"].as_u64(), "{fact}");
        assert_eq!(fact["mode"], format!("{:04o}", segment.descriptor.mode), "{fact}");
        if let Some(key) = fact["key"].as_u64() {
            assert_eq!(u64::from(segment.descriptor.key), key, "{fact}");
        }
        if fact["attached"] == 0 {
            assert!(segment.attached.is_empty(), "{fact}");
        }
    });
}
