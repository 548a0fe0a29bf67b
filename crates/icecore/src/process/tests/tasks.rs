//! What core, memory and directory images tell of a process.

use icecore_images::ByteOrder;
use icecore_synth::{Dump, Process, Record};

use crate::checkpoint::tests::{assert_silent, open};
use crate::process::{Arch, NamespaceIds, WaitStatus};
use crate::{FileId, NamespaceId, Pid, Process as Found, State, Vaddr};

fn only(process: Process) -> Found {
    let checkpoint = open(&Dump::new().process(process));
    let found = checkpoint.processes()[0].clone();
    assert_silent(&checkpoint);
    found
}

fn alone() -> Process {
    Process::new(7, 0)
}

#[test]
fn states_by_number() {
    let states = [
        (1, State::Alive, "alive"),
        (2, State::Zombie, "zombie"),
        (3, State::Stopped(None), "stopped"),
        (6, State::Zombie, "zombie"),
        (7, State::Other(7), "unknown"),
        (0, State::Other(0), "unknown"),
    ];
    for (number, state, name) in states {
        let found = only(alone().task(|task| task.set("task_state", number)));
        assert_eq!((found.state, found.state.unwrap().name()), (Some(state), name), "{number}");
        assert_eq!(found.is_zombie(), state == State::Zombie);
    }
}

#[test]
fn the_stopping_signal_is_that_of_a_stopped_process_only() {
    let stopped = only(alone().task(|task| task.set("task_state", 3).set("stop_signo", 20)));
    assert_eq!(stopped.state, Some(State::Stopped(Some(crate::process::SignalNumber(20)))));
    let alive = only(alone().task(|task| task.set("stop_signo", 20)));
    assert_eq!(alive.state, Some(State::Alive));
}

#[test]
fn the_dead_have_a_status_and_nothing_that_the_living_have() {
    let zombie = alone().set("tc.comm", "gone").task(|task| {
        task.set("task_state", 6).set("exit_code", 768).set("oom_score_adj", 5).set("loginuid", 3)
    });
    for process in [zombie.clone().bare(), zombie] {
        let found = only(process);
        assert_eq!(
            (found.exit_status, found.comm.unwrap().as_slice()),
            (Some(WaitStatus(768)), &b"gone"[..])
        );
        assert_eq!((found.threads.len(), found.limits.len(), found.dispositions.len()), (0, 0, 0));
        assert_eq!((found.oom_score_adj, found.loginuid, found.personality), (None, None, None));
        assert_eq!((found.cwd, found.exe, found.shared, found.layout), (None, None, None, None));
    }
}

#[test]
fn the_living_have_no_exit_status() {
    assert_eq!(only(alone().task(|task| task.set("exit_code", 768))).exit_status, None);
}

#[test]
fn statuses_are_those_of_wait() {
    for (raw, exit, signal, dumped, text) in [
        (0, Some(0), None, false, "exit 0"),
        (256, Some(1), None, false, "exit 1"),
        (0xff00, Some(255), None, false, "exit 255"),
        (9, None, Some(9), false, "killed by signal 9"),
        (0x8b, None, Some(11), true, "killed by signal 11, core dumped"),
        // A number that wait(2) does not give: of bits above, the status says nothing.
        (0xffff_0000, Some(0), None, false, "exit 0"),
    ] {
        let status = WaitStatus(raw);
        assert_eq!((status.exit_code(), status.signal(), status.is_core_dumped()), (exit, signal, dumped));
        assert_eq!(status.to_string(), text);
    }
}

#[test]
fn facts_of_the_task() {
    let found = only(alone().set("tc.comm", "server").task(|task| {
        task.set("flags", 0x40_0040)
            .set("personality", 40_000)
            .set("loginuid", 1000)
            .set("oom_score_adj", -998)
            .set("child_subreaper", true)
            .set("membarrier_registration_mask", 0x15)
    }));
    assert_eq!(found.comm.unwrap(), "server");
    assert_eq!((found.kernel_flags, found.personality), (Some(0x40_0040), Some(0x4_0000)));
    assert_eq!((found.loginuid, found.oom_score_adj), (Some(1000), Some(-998)));
    assert_eq!((found.child_subreaper, found.membarrier), (Some(true), Some(0x15)));
    assert_eq!(found.arch, Some(Arch::X86_64));
}

#[test]
fn what_an_old_image_does_not_say_is_absent() {
    let found = only(alone());
    assert_eq!((found.loginuid, found.oom_score_adj), (None, None));
    assert_eq!((found.child_subreaper, found.membarrier, found.umask), (None, None, None));
    assert!(found.timers.is_none() && found.limits.is_empty() && found.pending.is_empty());
    assert_eq!((found.ignored(), found.caught()), (None, None));
}

#[test]
fn a_name_is_bytes() {
    let odd = Record::required("task_core_entry").set("task_state", 1).set("comm", b"\xff\x1b[31m\n");
    let found = only(alone().task(|_| odd));
    assert_eq!(found.comm.unwrap().as_slice(), b"\xff\x1b[31m\n");
}

#[test]
fn nobody_has_logged_in_where_all_bits_are_set() {
    let uid = |process: Process, uid: u32| only(process.task(|task| task.set("loginuid", uid))).loginuid;
    let arm = || alone().set("mtype", "ARM").set("ti_arm", Record::required("thread_info_arm"));
    assert_eq!(uid(alone(), u32::MAX), None);
    assert_eq!(uid(alone(), 0x7fff_ffff), Some(0x7fff_ffff));
    // strtol(3) of a 32-bit CRIU ends there.
    assert_eq!(uid(arm(), 0x7fff_ffff), None);
    assert_eq!(uid(arm(), 0), Some(0));
}

#[test]
fn architectures_by_number_and_byte_order() {
    let marches = [
        (1, "thread_info", "thread_info_x86", "x86_64", "x86_64"),
        (2, "ti_arm", "thread_info_arm", "armv7l", "armv7l"),
        (3, "ti_aarch64", "thread_info_aarch64", "aarch64", "aarch64"),
        (4, "ti_ppc64", "thread_info_ppc64", "ppc64le", "ppc64"),
        (5, "ti_s390", "thread_info_s390", "s390x", "s390x"),
        (6, "ti_mips", "thread_info_mips", "mips64", "mips64"),
        (7, "ti_loongarch64", "thread_info_loongarch64", "loongarch64", "loongarch64"),
        (8, "ti_riscv64", "thread_info_riscv64", "riscv64", "riscv64"),
    ];
    for (number, field, message, little, big) in marches {
        let process = alone().set("mtype", number).set(field, Record::required(message));
        for (dump, name) in [(Dump::new(), little), (Dump::big_endian(), big)] {
            let checkpoint = open(&dump.process(process.clone()));
            let process = &checkpoint.processes()[0];
            assert_eq!(process.arch.map(Arch::name), Some(name), "{message}");
            assert!(process.threads[0].registers.is_some(), "{message}");
            assert_eq!(checkpoint.machine().arch, Some(name));
        }
    }
    let unknown = only(alone().set("mtype", 77));
    assert_eq!((unknown.arch, unknown.state), (None, Some(State::Alive)));
}

#[test]
fn architectures_have_widths_and_orders() {
    use ByteOrder::{Big, Little};
    let all = [
        (Arch::X86_64, Little, false),
        (Arch::I386, Little, true),
        (Arch::Arm, Little, true),
        (Arch::Aarch64, Little, false),
        (Arch::Ppc64(Little), Little, false),
        (Arch::Ppc64(Big), Big, false),
        (Arch::S390x, Big, false),
        (Arch::Mips64(Little), Little, false),
        (Arch::Mips64(Big), Big, false),
        (Arch::Loongarch64, Little, false),
        (Arch::Riscv64, Little, false),
    ];
    for (arch, order, narrow) in all {
        assert_eq!((arch.byte_order(), arch.is_32bit()), (order, narrow), "{arch:?}");
    }
}

#[test]
fn a_task_of_32_bits_on_x86_is_one_by_its_mode() {
    let registers = |mode: i32| {
        let general = Record::required("user_x86_regs_entry").set("mode", mode);
        Record::required("thread_info_x86").set("gpregs", general)
    };
    // NATIVE is 1, COMPAT 2.
    let arch = |mode| only(alone().set("thread_info", registers(mode))).arch;
    assert_eq!((arch(1), arch(2)), (Some(Arch::X86_64), Some(Arch::I386)));
}

#[test]
fn directories_and_executable_are_files() {
    let found = only(
        alone()
            .directories(|fs| fs.set("cwd_id", 3).set("root_id", 4).set("umask", 0o77))
            .memory(|mm| mm.set("exe_file_id", 5)),
    );
    assert_eq!((found.cwd, found.root, found.umask), (Some(FileId(3)), Some(FileId(4)), Some(0o77)));
    assert_eq!(found.exe, Some(FileId(5)));
}

#[test]
fn each_address_of_memory_has_its_field() {
    let names = [
        "start_code",
        "end_code",
        "start_data",
        "end_data",
        "start_stack",
        "start_brk",
        "brk",
        "arg_start",
        "arg_end",
        "env_start",
        "env_end",
    ];
    let found = only(alone().memory(|mm| {
        let addresses = names.iter().zip(1_u64..);
        let mm = addresses.fold(mm, |mm, (name, number)| mm.set(&format!("mm_{name}"), number * 0x1000));
        mm.list("mm_saved_auxv", [33_u64, 0x7fff, 0, 0]).set("dumpable", 2).set("thp_disabled", true)
    }));
    let layout = found.layout.unwrap();
    let all = [
        layout.start_code,
        layout.end_code,
        layout.start_data,
        layout.end_data,
        layout.start_stack,
        layout.start_brk,
        layout.brk,
        layout.arg_start,
        layout.arg_end,
        layout.env_start,
        layout.env_end,
    ];
    for (address, number) in all.into_iter().zip(1..) {
        assert_eq!(address, Vaddr(number * 0x1000));
    }
    assert_eq!(
        (layout.auxv, layout.dumpable, layout.thp_disabled),
        (vec![33, 0x7fff, 0, 0], Some(2), Some(true))
    );
}

#[test]
fn what_is_shared_has_a_number_each() {
    let names = [
        "vm",
        "files",
        "fs",
        "sighand",
        "pid_ns",
        "net_ns",
        "ipc_ns",
        "uts_ns",
        "mnt_ns",
        "user_ns",
        "cgroup_ns",
    ];
    let numbered = names.iter().zip(1..);
    let process = numbered.fold(alone(), |process, (name, number)| process.id(&format!("{name}_id"), number));
    let found = only(process);
    let shared = found.shared.unwrap();
    assert_eq!((shared.vm, shared.files, shared.fs, shared.sighand), (1, 2, 3, 4));
    let id = |number| Some(NamespaceId(number));
    let expected = NamespaceIds {
        pid: id(5),
        net: id(6),
        ipc: id(7),
        uts: id(8),
        mnt: id(9),
        user: id(10),
        cgroup: id(11),
        time: None,
    };
    assert_eq!(shared.namespaces, expected);
}

#[test]
fn limits_are_named_and_all_ones_is_none() {
    let limit = |cur: u64, max: u64| Record::new("rlimit_entry").set("cur", cur).set("max", max);
    let limits = [limit(u64::MAX, u64::MAX), limit(0, 5), limit(u64::MAX - 1, u64::MAX)];
    let all = Record::new("task_rlimits_entry").list("rlimits", limits);
    let found = only(alone().task(|task| task.set("rlimits", all)));
    let found: Vec<_> = found.limits.iter().map(|it| (it.name, it.unit, it.soft, it.hard)).collect();
    let expected = [
        ("Max cpu time", "seconds", None, None),
        ("Max file size", "bytes", Some(0), Some(5)),
        ("Max data size", "bytes", Some(u64::MAX - 1), None),
    ];
    assert_eq!(found, expected);
}

#[test]
fn timers_of_a_process() {
    let interval =
        |isec: u64, vusec: u64| Record::required("itimer_entry").set("isec", isec).set("vusec", vusec);
    let posix = Record::required("posix_timer_entry")
        .set("it_id", 3)
        .set("clock_id", 1)
        .set("si_signo", 34)
        .set("it_sigev_notify", 4)
        .set("notify_thread_id", 9)
        .set("sival_ptr", 0xdead_u64)
        .set("overrun", 2)
        .set("vsec", 5)
        .set("vnsec", 7);
    let timers = Record::new("task_timers_entry")
        .set("real", interval(1, 0))
        .set("virt", interval(0, 2))
        .set("prof", interval(0, 0))
        .set("posix", posix);
    let timers = only(alone().task(|task| task.set("timers", timers))).timers.unwrap();
    assert_eq!((timers.real.interval.as_secs(), timers.virt.left.as_micros()), (1, 2));
    assert_eq!([timers.real, timers.virt, timers.prof].map(|it| it.is_armed()), [true, true, false]);
    let timer = &timers.posix[0];
    assert_eq!((timer.id, timer.signal.0, timer.overrun, timer.value), (3, 34, 2, Vaddr(0xdead)));
    assert_eq!(timer.notify, crate::process::Notify::ThreadId(Some(crate::Tid(9))));
    assert_eq!((timer.times.left.as_nanos(), timer.clock_name()), (5_000_000_007, Some("MONOTONIC")));
}

#[test]
fn a_process_is_of_its_own_number_not_of_its_image() {
    // Two processes that share a table, and one that has it under another number.
    let second = Process::new(2, 1).id("files_id", 1);
    let checkpoint = open(&Dump::new().process(Process::new(1, 0).fd(0, "PIPE", 5)).process(second));
    assert_eq!(checkpoint.process(Pid(2)).unwrap().shared.unwrap().files, 1);
}
