//! Dispositions and pending signals.

use icecore_images::ByteOrder;
use icecore_synth::{Dump, Process, Record};

use crate::checkpoint::tests::{assert_silent, assert_told, open};
use crate::process::{Action, Arch, SignalNumber};
use crate::{Pid, Vaddr};

/// A `siginfo_t` of 64-bit little-endian machines: number, error, code, padding, then words.
fn siginfo(signal: u32, code: i32, words: &[u32]) -> Record {
    let head = [signal, 0, code.cast_unsigned(), 0];
    let mut bytes: Vec<u8> = head.iter().chain(words).flat_map(|word| word.to_le_bytes()).collect();
    bytes.resize(128, 0);
    Record::new("siginfo_entry").set("siginfo", bytes.as_slice())
}

fn queue(signals: &[Record]) -> Record {
    Record::new("signal_queue_entry").list("signals", signals.iter().cloned())
}

#[test]
fn ignored_and_caught_signals_are_sets() {
    let action = |address: u64| Record::required("sa_entry").set("sigaction", address);
    // Signals 1 to 4: default, ignored, caught, ignored.
    let actions = [action(0), action(1), action(0x40_1000), action(1)];
    let process = Process::new(7, 0).task(|task| task.list("sigactions", actions));
    let checkpoint = open(&Dump::new().process(process));
    let process = &checkpoint.processes()[0];
    let numbers = |set: crate::process::SignalSet| set.iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(numbers(process.ignored().unwrap()), [2, 4]);
    assert_eq!(numbers(process.caught().unwrap()), [3]);
    let caught = &process.dispositions[2];
    assert_eq!((caught.signal, caught.action), (SignalNumber(3), Action::Handler(Vaddr(0x40_1000))));
    assert_silent(&checkpoint);
}

#[test]
fn actions_are_shown_as_words_or_addresses() {
    let shown = [Action::Default, Action::Ignore, Action::Handler(Vaddr(0xff))].map(|it| it.to_string());
    assert_eq!(shown, ["default", "ignore", "0xff"]);
}

#[test]
fn a_handler_has_flags_a_mask_and_a_restorer() {
    let action = Record::required("sa_entry")
        .set("sigaction", 0x1000_u64)
        .set("flags", 0x1400_0004_u64)
        .set("restorer", 0x2000_u64)
        .set("mask", 1_u64 << 16)
        .set("mask_extended", 1_u64);
    let process = Process::new(7, 0).task(|task| task.set("sigactions", action));
    let checkpoint = open(&Dump::new().process(process));
    let found = checkpoint.processes()[0].dispositions[0];
    assert_eq!(found.flag_names(Some(Arch::X86_64)), ["SA_SIGINFO", "SA_RESTORER", "SA_RESTART"]);
    assert_eq!(found.restorer, Vaddr(0x2000));
    assert_eq!(found.mask.iter().map(|it| it.0).collect::<Vec<_>>(), [17, 65]);
}

#[test]
fn flags_of_mips_are_others() {
    let action = Record::required("sa_entry").set("flags", 0x1_000f_u64);
    let process = Process::new(7, 0).task(|task| task.set("sigactions", action));
    let checkpoint = open(&Dump::new().process(process));
    let found = checkpoint.processes()[0].dispositions[0];
    let mips = Some(Arch::Mips64(ByteOrder::Big));
    // arch/mips/include/uapi/asm/signal.h
    assert_eq!(found.flag_names(mips), ["SA_NOCLDSTOP", "SA_SIGINFO", "SA_NOCLDWAIT"]);
    assert_eq!(found.flag_names(None), ["SA_NOCLDSTOP", "SA_NOCLDWAIT", "SA_SIGINFO"]);
}

#[test]
fn pending_signals_are_of_the_process_or_of_a_thread() {
    let killed = siginfo(10, 0, &[42, 1000]);
    let queued = siginfo(34, -1, &[43, 33, 0xbeef, 0]);
    let process = Process::new(7, 0)
        .task(|task| task.set("signals_s", queue(&[killed, queued])))
        .leader(|it| it.set("signals_p", queue(&[siginfo(12, -6, &[44, 0])])));
    let checkpoint = open(&Dump::new().process(process));
    let process = &checkpoint.processes()[0];
    let shared: Vec<_> =
        process.pending.iter().map(|it| (it.signal.0, it.code, it.pid, it.uid, it.value)).collect();
    let expected =
        [(10, 0, Some(Pid(42)), Some(1000), None), (34, -1, Some(Pid(43)), Some(33), Some(0xbeef))];
    assert_eq!(shared, expected);
    let own = &process.threads[0].pending;
    assert_eq!((own.len(), own[0].signal.0, own[0].code, own[0].pid), (1, 12, -6, Some(Pid(44))));
    assert_silent(&checkpoint);
}

#[test]
fn the_kernel_gives_addresses_and_children() {
    let fault = siginfo(11, 1, &[0xdead_b000, 0x7f]);
    let child = siginfo(17, 1, &[9, 1000, 3]);
    let timer = siginfo(14, -2, &[5, 0, 0x77, 0]);
    let process = Process::new(7, 0).task(|task| task.set("signals_s", queue(&[fault, child, timer])));
    let checkpoint = open(&Dump::new().process(process));
    let pending = &checkpoint.processes()[0].pending;
    assert_eq!((pending[0].address, pending[0].pid), (Some(Vaddr(0x7f_dead_b000)), None));
    assert_eq!((pending[1].address, pending[1].pid, pending[1].uid), (None, Some(Pid(9)), Some(1000)));
    assert_eq!((pending[2].pid, pending[2].value), (None, Some(0x77)));
}

#[test]
fn signals_that_are_cut_are_left_out_and_counted() {
    let cut = Record::new("siginfo_entry").set("siginfo", &b"\x0a\0\0\0"[..]);
    let signals = [cut.clone(), siginfo(10, 0, &[1, 2]), cut];
    let process = Process::new(7, 0).task(|task| task.set("signals_s", queue(&signals)));
    let checkpoint = open(&Dump::new().process(process));
    assert_eq!(checkpoint.processes()[0].pending.len(), 1);
    assert_told(&checkpoint, "image-damaged", "2 pending signals have less bytes than a siginfo needs");
}

#[test]
fn names_cover_every_number() {
    for (number, name) in [(1, "SIGHUP"), (9, "SIGKILL"), (31, "SIGSYS"), (32, "SIGRT_0"), (64, "SIGRT_32")] {
        assert_eq!(SignalNumber(number).name(Some(Arch::X86_64)), name);
    }
    let mips = Some(Arch::Mips64(ByteOrder::Little));
    for (number, name) in
        [(7, "SIGEMT"), (16, "SIGUSR1"), (18, "SIGCHLD"), (31, "SIGXFSZ"), (127, "SIGRT_95")]
    {
        assert_eq!(SignalNumber(number).name(mips), name);
    }
}
