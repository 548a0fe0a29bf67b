//! Dumps of CRIU releases that had images of their own for what stands in the core image today.

use icecore_synth::{Dump, Process, Record};

use crate::checkpoint::tests::{assert_silent, open};
use crate::{Checkpoint, State};

fn dump() -> Dump {
    Dump::old().process(Process::new(7, 0).set("tc.comm", "ancient"))
}

fn limit(cur: u64) -> Record {
    Record::new("rlimit_entry").set("cur", cur).set("max", cur)
}

fn siginfo(signal: u8) -> Record {
    let mut bytes = [0; 128];
    bytes[0] = signal;
    Record::new("siginfo_entry").set("siginfo", bytes.as_slice())
}

fn opened(dump: &Dump) -> Checkpoint {
    let checkpoint = open(dump);
    let _ = checkpoint.processes();
    assert_silent(&checkpoint);
    checkpoint
}

#[test]
fn images_with_one_magic_are_read() {
    let checkpoint = opened(&dump());
    let process = &checkpoint.processes()[0];
    assert_eq!(
        (process.state, process.comm.as_ref().unwrap().as_slice()),
        (Some(State::Alive), &b"ancient"[..])
    );
}

#[test]
fn limits_had_an_image() {
    let checkpoint = opened(&dump().record("rlimit-7.img", &limit(1)).record("rlimit-7.img", &limit(2)));
    let limits: Vec<_> = checkpoint.processes()[0].limits.iter().map(|it| (it.name, it.soft)).collect();
    assert_eq!(limits, [("Max cpu time", Some(1)), ("Max file size", Some(2))]);
}

#[test]
fn interval_timers_had_an_image_of_three_records() {
    let timer = |seconds: u64| Record::required("itimer_entry").set("vsec", seconds);
    let dump = [1, 2, 3].iter().fold(dump(), |dump, &it| dump.record("itimers-7.img", &timer(it)));
    let checkpoint = opened(&dump);
    let timers = checkpoint.processes()[0].timers.as_ref().unwrap();
    let left = [timers.real, timers.virt, timers.prof].map(|it| it.left.as_secs());
    assert_eq!((left, timers.posix.len()), ([1, 2, 3], 0));
}

#[test]
fn interval_timers_that_are_cut_are_not_armed() {
    let one = Record::required("itimer_entry").set("isec", 9_u64);
    let checkpoint = opened(&dump().record("itimers-7.img", &one));
    let timers = checkpoint.processes()[0].timers.as_ref().unwrap();
    assert_eq!([timers.real, timers.virt, timers.prof].map(|it| it.is_armed()), [true, false, false]);
}

#[test]
fn posix_timers_had_an_image() {
    let timer = |id: u32| Record::required("posix_timer_entry").set("it_id", id).set("it_sigev_notify", 2);
    let checkpoint =
        opened(&dump().record("posix-timers-7.img", &timer(4)).record("posix-timers-7.img", &timer(5)));
    let timers = checkpoint.processes()[0].timers.as_ref().unwrap();
    let found: Vec<_> = timers.posix.iter().map(|it| (it.id, it.notify)).collect();
    assert_eq!(found, [(4, crate::process::Notify::Thread), (5, crate::process::Notify::Thread)]);
}

#[test]
fn pending_signals_had_images() {
    let dump = dump().record("signal-s-7.img", &siginfo(10)).record("signal-p-7.img", &siginfo(12));
    let checkpoint = opened(&dump);
    let process = &checkpoint.processes()[0];
    assert_eq!((process.pending.len(), process.pending[0].signal.0), (1, 10));
    assert_eq!((process.threads[0].pending.len(), process.threads[0].pending[0].signal.0), (1, 12));
}

#[test]
fn dispositions_had_an_image() {
    let action = |address: u64| Record::required("sa_entry").set("sigaction", address);
    let checkpoint =
        opened(&dump().record("sigacts-7.img", &action(1)).record("sigacts-7.img", &action(0x1000)));
    let process = &checkpoint.processes()[0];
    assert_eq!((process.ignored().unwrap().0, process.caught().unwrap().0), (1, 2));
}

#[test]
fn credentials_of_the_process_are_those_of_each_thread() {
    let creds = Record::required("creds_entry").set("uid", 33).list("groups", [5_u32]);
    let process = Process::new(7, 0).thread(8, |it| it);
    let checkpoint = opened(&Dump::old().process(process).record("creds-7.img", &creds));
    let threads = &checkpoint.processes()[0].threads;
    let uids: Vec<_> = threads.iter().map(|it| it.credentials.as_ref().unwrap().uids.real).collect();
    assert_eq!(uids, [33, 33]);
}

#[test]
fn what_stands_in_the_core_image_counts_before_what_stands_elsewhere() {
    let rlimits = Record::new("task_rlimits_entry").set("rlimits", limit(5));
    let creds = |uid: u32| Record::required("creds_entry").set("uid", uid);
    let process =
        Process::new(7, 0).task(|task| task.set("rlimits", rlimits)).leader(|it| it.set("creds", creds(1)));
    let stray =
        Dump::new().process(process).record("rlimit-7.img", &limit(6)).record("creds-7.img", &creds(2));
    let checkpoint = opened(&stray);
    let process = &checkpoint.processes()[0];
    assert_eq!(process.limits[0].soft, Some(5));
    assert_eq!(process.threads[0].credentials.as_ref().unwrap().uids.real, 1);
}

#[test]
fn a_damaged_old_image_takes_nothing_else_along() {
    let dump = dump()
        .begun("rlimit-7.img")
        .raw("rlimit-7.img", b"\xff\xff\xff\x7f")
        .record("sigacts-7.img", &Record::required("sa_entry"));
    let checkpoint = open(&dump);
    let process = &checkpoint.processes()[0];
    assert_eq!((process.limits.len(), process.dispositions.len()), (0, 1));
    assert_eq!(crate::checkpoint::tests::told(&checkpoint, "image-damaged").len(), 1);
}
