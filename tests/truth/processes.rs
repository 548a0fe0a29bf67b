//! Processes and threads against `/proc/PID` and `/proc/PID/task/TID`, and what was planted in them.

use std::collections::BTreeMap;

use icecore::process::{Action, Credentials, Notify, PendingSignal, SeccompMode, SignalNumber, SignalSet};
use icecore::{Checkpoint, Pid, Process, State, Thread, Tid};
use serde_json::Value;

use crate::testimony::{self, Book, Testified, bytes, number};

const EXCEPTIONS: &str = include_str!("exceptions/processes.tsv");

#[test]
fn processes_are_those_of_the_kernel() {
    let mut book = Book::new(EXCEPTIONS);
    testimony::each(|testified| {
        let checkpoint = &testified.checkpoint;
        let kernel: BTreeMap<u32, &Value> = testified.truth["processes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|process| (number(&process["pid"]), process))
            .collect();
        let ours: Vec<u32> = checkpoint.processes().iter().map(|process| process.pid.0).collect();
        let case = testified.case.as_str();
        book.compare((case, 0, ""), "pids", &kernel.keys().copied().collect(), &ours);
        for process in checkpoint.processes() {
            let kernel = kernel[&process.pid.0];
            relations((case, process.pid.0, ""), kernel, process, &mut book);
            if !process.is_zombie() {
                attributes((case, process.pid.0, ""), kernel, process, &mut book);
                memory(testified, kernel, process, &mut book);
                for thread in kernel["threads"].as_array().unwrap() {
                    self::thread(testified, process, kernel, thread, &mut book);
                }
            }
        }
    });
    book.close(33_000);
}

/// What zombies have too.
fn relations(place: (&str, u32, &str), kernel: &Value, process: &Process, book: &mut Book) {
    book.compare(place, "pgid", &number(&kernel["pgid"]), &process.pgid.0);
    book.compare(place, "sid", &number(&kernel["sid"]), &process.sid.0);
    book.compare(place, "ppid", &number(&kernel["ppid"]), &process.ppid.0);
    book.compare(place, "comm", &bytes(&kernel["comm"]), &process.comm.clone().map(Vec::from));
    let state = match kernel["state"].as_str().unwrap() {
        "Z" => "zombie",
        "T" | "t" => "stopped",
        _ => "alive",
    };
    book.compare(place, "state", &Some(state), &process.state.map(State::name));
    let status = kernel["exit_code"].as_u64().filter(|_| state == "zombie");
    book.compare(place, "exit_code", &status, &process.exit_status.map(|status| status.0.into()));
}

/// What the core and fs images tell of a process that lives.
fn attributes(place: (&str, u32, &str), kernel: &Value, process: &Process, book: &mut Book) {
    let octal = |value: &Value| u32::from_str_radix(value.as_str().unwrap(), 8).unwrap();
    let hex = |value: &Value| u32::from_str_radix(value.as_str().unwrap(), 16).unwrap();
    book.compare(place, "umask", &Some(octal(&kernel["umask"])), &process.umask);
    book.compare(place, "personality", &Some(hex(&kernel["personality"])), &process.personality);
    let score = kernel["oom_score_adj"].as_i64().map(|score| score.try_into().unwrap());
    book.compare(place, "oom_score_adj", &score, &process.oom_score_adj);
    let login: Option<u32> = kernel["loginuid"].as_str().map(|uid| uid.parse().unwrap());
    book.compare(place, "loginuid", &login.filter(|uid| *uid != u32::MAX), &process.loginuid);
    let set = |signals: Option<SignalSet>| signals.map(|set| set.to_string());
    let text = |key: &str| kernel[key].as_str().map(String::from);
    book.compare(place, "SigIgn", &text("SigIgn"), &set(process.ignored()));
    book.compare(place, "SigCgt", &text("SigCgt"), &set(process.caught()));
    let pending: SignalSet = process.pending.iter().map(|pending| pending.signal).collect();
    book.compare(place, "ShdPnd", &text("ShdPnd"), &Some(pending.to_string()));
    for limit in kernel["limits"].as_array().unwrap() {
        let name = limit["name"].as_str().unwrap();
        let kernel = Some((limit["soft"].as_u64(), limit["hard"].as_u64()));
        let ours = process.limits.iter().find(|ours| ours.name == name).map(|ours| (ours.soft, ours.hard));
        book.compare((place.0, place.1, name), "limit", &kernel, &ours);
    }
    let threads: Vec<u32> =
        kernel["threads"].as_array().unwrap().iter().map(|it| number(&it["tid"])).collect();
    let mut ours: Vec<u32> = process.threads.iter().map(|thread| thread.tid.0).collect();
    ours.sort_unstable();
    book.compare(place, "tids", &threads, &ours);
}

/// Where things are in memory, and the strings that are nowhere else.
fn memory(testified: &Testified, kernel: &Value, process: &Process, book: &mut Book) {
    let place = (testified.case.as_str(), process.pid.0, "");
    let layout = process.layout.as_ref().unwrap();
    let address = |key: &str| {
        let text = kernel["mm"][key].as_str().unwrap_or("0x0").trim_start_matches("0x");
        u64::from_str_radix(text, 16).unwrap()
    };
    for (key, ours) in [
        ("start_code", layout.start_code),
        ("end_code", layout.end_code),
        ("start_data", layout.start_data),
        ("end_data", layout.end_data),
        ("start_stack", layout.start_stack),
        ("start_brk", layout.start_brk),
        ("arg_start", layout.arg_start),
        ("arg_end", layout.arg_end),
        ("env_start", layout.env_start),
        ("env_end", layout.env_end),
    ] {
        if !kernel["mm"][key].is_null() {
            book.compare((place.0, place.1, key), "mm", &address(key), &ours.0);
        }
    }
    let strings = |strings: Option<icecore::process::Strings>| -> Option<Vec<Vec<u8>>> {
        Some(strings?.iter().map(|string| string.to_vec()).collect())
    };
    let list = |value: &Value| -> Option<Vec<Vec<u8>>> { value.as_array()?.iter().map(bytes).collect() };
    for (field, key, ours) in [
        ("argv", "cmdline", strings(testified.checkpoint.arguments(process.pid))),
        ("environ", "environ", strings(testified.checkpoint.environment(process.pid))),
    ] {
        if let Some(kernel) = list(&kernel[key]) {
            book.compare(place, field, &Some(kernel), &ours);
        }
    }
}

fn thread(testified: &Testified, process: &Process, owner: &Value, kernel: &Value, book: &mut Book) {
    let what = format!("tid {}", kernel["tid"]);
    let place = (testified.case.as_str(), process.pid.0, what.as_str());
    let Some(thread) = process.thread(Tid(number(&kernel["tid"]))) else { return };
    book.compare(place, "comm", &bytes(&kernel["comm"]), &thread.comm.clone().map(Vec::from));
    let text = |key: &str| kernel[key].as_str().map(String::from);
    book.compare(place, "SigBlk", &text("SigBlk"), &thread.blocked.map(|set| set.to_string()));
    let pending: SignalSet = thread.pending.iter().map(|pending| pending.signal).collect();
    book.compare(place, "SigPnd", &text("SigPnd"), &Some(pending.to_string()));
    let number = |key: &str| kernel[key].as_i64();
    let scheduling = thread.scheduling;
    book.compare(place, "nice", &number("nice"), &scheduling.nice.map(i64::from));
    book.compare(place, "policy", &number("policy"), &scheduling.policy.map(i64::from));
    book.compare(place, "rt_priority", &number("rt_priority"), &scheduling.priority.map(i64::from));
    if let Some(seccomp) = number("Seccomp") {
        book.compare(place, "Seccomp", &seccomp, &thread.seccomp.mode.number().into());
    }
    credentials(place, owner, kernel, thread.credentials.as_ref().unwrap(), book);
    system_call(place, kernel, thread, book);
}

fn credentials(place: (&str, u32, &str), owner: &Value, kernel: &Value, ours: &Credentials, book: &mut Book) {
    let ids = |key: &str, map: &str| -> Vec<u32> { inner(&kernel[key], &owner[map]) };
    book.compare(place, "uids", &ids("uids", "uid_map"), &ours.uids.to_array().to_vec());
    book.compare(place, "gids", &ids("gids", "gid_map"), &ours.gids.to_array().to_vec());
    book.compare(place, "groups", &ids("groups", "gid_map"), &ours.groups);
    for (key, set) in [
        ("CapInh", Some(ours.inheritable)),
        ("CapPrm", Some(ours.permitted)),
        ("CapEff", Some(ours.effective)),
        ("CapBnd", Some(ours.bounding)),
        ("CapAmb", ours.ambient),
    ] {
        match set {
            Some(set) => book.compare(place, key, &kernel[key].as_str().unwrap(), &set.to_string().as_str()),
            None => book.not_stored(key),
        }
    }
    match (kernel["NoNewPrivs"].as_u64(), ours.no_new_privs) {
        (Some(kernel), Some(ours)) => book.compare(place, "NoNewPrivs", &kernel, &ours.into()),
        // CRIU stores only that it is set, and before 3.19 not even that.
        (Some(0), None) => {}
        (Some(_), None) => book.not_stored("NoNewPrivs"),
        (None, _) => {}
    }
}

/// Ids as seen inside of a user namespace.
pub(crate) fn inner(outer: &Value, map: &Value) -> Vec<u32> {
    let spans: Vec<[u64; 3]> = map
        .as_str()
        .unwrap_or_default()
        .lines()
        .filter_map(|line| {
            let fields: Vec<u64> = line.split_whitespace().map(|field| field.parse().unwrap()).collect();
            fields.try_into().ok()
        })
        .collect();
    let seen = |id: u64| {
        let span = spans.iter().find(|[_, outside, count]| (*outside..outside + count).contains(&id));
        span.map_or(id, |[inside, outside, _]| id - outside + inside)
    };
    outer.as_array().unwrap().iter().map(|id| seen(id.as_u64().unwrap()).try_into().unwrap()).collect()
}

/// The system call, where the kernel's word is about the thread and not about CRIU: on x86_64 all of it, of 32-bit tasks
/// and on RISC-V the number.
fn system_call(place: (&str, u32, &str), kernel: &Value, thread: &Thread, book: &mut Book) {
    let Some(text) = kernel["syscall"].as_str() else { return };
    let arch = thread.arch.unwrap().name();
    let fields: Vec<&str> = text.split_whitespace().collect();
    let number: Option<u64> = fields[0].parse().ok();
    let call = thread.system_call();
    if ["x86_64", "i686", "riscv64"].contains(&arch) {
        book.compare(place, "syscall", &number, &call.map(|call| call.number));
    }
    if let (Some(call), "x86_64", Some(_)) = (call, arch, number) {
        let all = call.arguments.into_iter().flatten().chain([call.sp.0, call.pc.0]);
        let ours: Vec<String> = all.map(|value| format!("{value:#x}")).collect();
        book.compare(place, "syscall arguments", &fields[1..].join(" "), &ours.join(" "));
    }
}

/// The objects that roles of `kitchen-sink` planted.
#[test]
fn what_was_planted_is_found() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let checkpoint = testimony::open(&case.archives()[0].path).unwrap();
    let list = |key: &str| case.expected[key].as_array().unwrap_or_else(|| panic!("{key}")).clone();
    let process = |planted: &Value| checkpoint.process(Pid(number(&planted["pid"]))).unwrap();
    for planted in list("sigactions") {
        disposition(&planted, process(&planted));
    }
    for planted in list("altstacks") {
        let thread = process(&planted).thread(Tid(number(&planted["tid"]))).unwrap();
        let stack = thread.alternate_stack.unwrap();
        assert_eq!(
            (stack.sp.0, Some(stack.size)),
            (hex(&planted["sp"]), planted["size"].as_u64()),
            "{planted}"
        );
    }
    for planted in list("pending") {
        pending(&planted, process(&planted));
    }
    for planted in list("pdeath") {
        let signal = process(&planted).leader().unwrap().parent_death_signal;
        assert_eq!(signal, Some(SignalNumber(number(&planted["signal"]))), "{planted}");
    }
    for planted in list("stopped") {
        let signal = SignalNumber(number(&planted["signal"]));
        assert_eq!(process(&planted).state, Some(State::Stopped(Some(signal))), "{planted}");
    }
    for planted in list("threads") {
        planted_thread(&planted, process(&planted));
    }
    for planted in list("zombies") {
        let found = process(&planted);
        assert_eq!(found.exit_status.unwrap().0, number(&planted["status"]), "{planted}");
        assert!(found.threads.is_empty());
    }
    for planted in list("titles") {
        let title = checkpoint.arguments(process(&planted).pid).unwrap();
        let text: Vec<_> = title.iter().map(|string| string.to_vec()).collect();
        assert_eq!(text, [bytes(&planted["title"]).unwrap()], "{planted}");
        assert!(title.rewritten);
    }
    for planted in list("seccomp") {
        let mode = process(&planted).leader().unwrap().seccomp.mode;
        assert_eq!(Some(i64::from(mode.number())), planted["mode"].as_i64(), "{planted}");
    }
    timers(&checkpoint, &list("itimers"), &list("posix_timers"));
    planted_attributes(&checkpoint, &list("attributes"));
}

fn hex(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

fn disposition(planted: &Value, process: &Process) {
    let signal = SignalNumber(number(&planted["signal"]));
    let found = process.dispositions.iter().find(|found| found.signal == signal).unwrap();
    let action = match found.action {
        Action::Default => "default",
        Action::Ignore => "ignore",
        _ => "handler",
    };
    // The C library adds SA_RESTORER of its own.
    let flags = found.flags & !0x0400_0000;
    assert_eq!((action, flags), (planted["action"].as_str().unwrap(), hex(&planted["flags"])), "{planted}");
    match number(&planted["mask_signal"]) {
        0 => assert!(found.mask.is_empty(), "{planted}"),
        masked => assert!(found.mask.contains(SignalNumber(masked)), "{planted}"),
    }
}

fn pending(planted: &Value, process: &Process) {
    let queue = match planted["to"].as_u64() {
        None => &process.pending,
        Some(tid) => &process.thread(Tid(tid.try_into().unwrap())).unwrap().pending,
    };
    let is_it = |found: &PendingSignal| {
        found.signal.0 == number(&planted["signal"])
            && Some(i64::from(found.code)) == planted["code"].as_i64()
            && found.value == planted["value"].as_u64()
    };
    assert!(queue.iter().any(is_it), "{planted}: {queue:?}");
}

fn planted_thread(planted: &Value, process: &Process) {
    let thread = process.thread(Tid(number(&planted["tid"]))).unwrap();
    let comm: String =
        thread.comm.iter().flat_map(|comm| comm.iter()).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(Some(comm.as_str()), planted["comm_hex"].as_str(), "{planted}");
    let credentials = thread.credentials.as_ref().unwrap();
    let found = (
        thread.scheduling.policy.map(i64::from),
        thread.scheduling.priority.map(i64::from),
        thread.scheduling.nice.map(i64::from),
        Some(i64::from(credentials.uids.effective)),
        credentials.no_new_privs.map_or(0, i64::from),
    );
    let wanted = |key: &str| planted[key].as_i64();
    let expected =
        (wanted("policy"), wanted("prio"), wanted("nice"), wanted("uid"), wanted("no_new_privs").unwrap());
    assert_eq!(found, expected, "{planted}");
    assert_eq!(thread.seccomp.mode == SeccompMode::Filter, wanted("filter") == Some(1), "{planted}");
    match number(&planted["blocks"]) {
        0 => {}
        signal => assert!(thread.blocked.unwrap().contains(SignalNumber(signal)), "{planted}"),
    }
}

/// Clocks by the numbers that programs give.
const CLOCKS: [&str; 8] = [
    "REALTIME",
    "MONOTONIC",
    "PROCESS_CPUTIME_ID",
    "THREAD_CPUTIME_ID",
    "MONOTONIC_RAW",
    "REALTIME_COARSE",
    "MONOTONIC_COARSE",
    "BOOTTIME",
];

fn timers(checkpoint: &Checkpoint, intervals: &[Value], posix: &[Value]) {
    let timers =
        |planted: &Value| checkpoint.process(Pid(number(&planted["pid"]))).unwrap().timers.clone().unwrap();
    for planted in intervals {
        let all = timers(planted);
        let timer =
            [all.real, all.virt, all.prof][usize::try_from(planted["which"].as_u64().unwrap()).unwrap()];
        let wanted =
            planted["interval_s"].as_u64().unwrap() * 1_000_000 + planted["interval_us"].as_u64().unwrap();
        assert_eq!(timer.interval.as_micros(), wanted.into(), "{planted}");
        let set_to = planted["set_to_s"].as_u64().unwrap();
        assert!((set_to - 3600..=set_to).contains(&timer.left.as_secs()), "{planted}: {timer:?}");
    }
    for planted in posix {
        let all = timers(planted).posix;
        let timer = all.iter().find(|timer| timer.id == number(&planted["id"])).unwrap();
        let notify = match timer.notify {
            Notify::Signal => 0,
            Notify::None => 1,
            Notify::Thread => 2,
            _ => 4,
        };
        let interval = (timer.times.interval.as_secs(), u64::from(timer.times.interval.subsec_nanos()));
        // Of a timer that is not armed the kernel forgets the interval.
        let interval = Some(interval).filter(|_| planted["armed"] == true);
        let found = (timer.clock_name().unwrap(), notify, timer.signal.0, timer.value.0, interval);
        let count = |key: &str| planted[key].as_u64().unwrap();
        let wanted = (
            CLOCKS[usize::try_from(count("clock")).unwrap()],
            count("notify"),
            number(&planted["signal"]),
            count("value"),
            Some((count("interval_s"), count("interval_ns"))).filter(|_| planted["armed"] == true),
        );
        assert_eq!(found, wanted, "{planted}");
    }
}

fn planted_attributes(checkpoint: &Checkpoint, planted: &[Value]) {
    for planted in planted {
        let process = checkpoint.process(Pid(number(&planted["pid"]))).unwrap();
        let leader = process.leader().unwrap();
        let list = [
            ("oom_score_adj", process.oom_score_adj.map(i64::from)),
            ("loginuid", process.loginuid.map(i64::from)),
            ("nice", leader.scheduling.nice.map(i64::from)),
        ];
        for (key, found) in list.into_iter().filter(|(key, _)| !planted[*key].is_null()) {
            assert_eq!(found, planted[key].as_i64(), "{planted}");
        }
        if let Some(subreaper) = planted["child_subreaper"].as_bool() {
            assert_eq!(process.child_subreaper, Some(subreaper));
            assert_eq!(process.personality.map(u64::from), Some(hex(&planted["personality"])));
        }
    }
}

/// Registers, system calls and signals of every architecture, with values that its program loaded before the freeze.
#[test]
fn registers_of_every_architecture() {
    let mut compared = 0;
    for case in icecore_tests::cases().iter().filter(|case| case.expected["registers"].is_array()) {
        for archive in case.archives().iter().filter(|archive| archive.truth.is_some()) {
            let checkpoint = testimony::open(&archive.path).unwrap();
            for planted in case.expected["registers"].as_array().unwrap() {
                let process = checkpoint.process(Pid(number(&planted["pid"]))).unwrap();
                compared +=
                    registers(&case.name, planted, process.thread(Tid(number(&planted["tid"]))).unwrap());
            }
            for planted in case.expected["signals"]["pending"].as_array().into_iter().flatten() {
                let pid = planted["pid"].as_u64().unwrap_or(1).try_into().unwrap();
                let mut planted = planted.clone();
                planted["to"] = planted["tid"].clone();
                pending(&planted, checkpoint.process(Pid(pid)).unwrap());
                compared += 1;
            }
        }
    }
    assert!(compared > 80 || icecore_tests::find("arm64").is_none(), "only {compared} were compared");
}

fn registers(case: &str, planted: &Value, thread: &Thread) -> usize {
    let registers = thread.registers.as_ref().unwrap();
    let general = planted["values"].as_object().into_iter().flatten();
    let vectors = planted["vectors"].as_object().into_iter().flatten();
    let mut compared = 0;
    for (name, wanted) in general.chain(vectors) {
        let found = registers.get(name).unwrap_or_else(|| panic!("{case}: no register {name}")).to_string();
        let wanted = wanted.as_str().unwrap().trim_start_matches("0x").trim_start_matches('0');
        assert_eq!(found.trim_start_matches("0x"), wanted, "{case}: {name}");
        compared += 1;
    }
    let call = thread.system_call().unwrap();
    assert_eq!(call.name, planted["syscall"].as_str(), "{case}");
    assert_eq!(Some(call.number), planted["syscall_number"].as_u64(), "{case}");
    compared
}
