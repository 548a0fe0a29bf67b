//! The process list: what it is wrong about is told, and nobody is left out.

use icecore_synth::{Dump, Process, Record};

use crate::checkpoint::tests::{assert_silent, assert_told, open, told};
use crate::{Checkpoint, Pid, State};

fn pids(checkpoint: &Checkpoint) -> Vec<u32> {
    checkpoint.processes().iter().map(|process| process.pid.0).collect()
}

fn tids(checkpoint: &Checkpoint, pid: u32) -> Vec<u32> {
    checkpoint.process(Pid(pid)).unwrap().threads.iter().map(|thread| thread.tid.0).collect()
}

fn tree(checkpoint: &Checkpoint) -> Vec<(u32, u32)> {
    checkpoint.process_tree().iter().map(|branch| (branch.process.pid.0, branch.depth)).collect()
}

/// A dump of processes without anything, by number and parent.
fn family(pairs: &[(u32, u32)]) -> Dump {
    pairs.iter().fold(Dump::new(), |dump, &(pid, ppid)| dump.process(Process::new(pid, ppid)))
}

#[test]
fn processes_come_by_number_whatever_the_order_of_the_list() {
    let checkpoint = open(&family(&[(1, 0), (40, 1), (7, 40), (8, 1)]));
    assert_eq!(pids(&checkpoint), [1, 7, 8, 40]);
    assert_eq!(tree(&checkpoint), [(1, 0), (8, 1), (40, 1), (7, 2)]);
    assert_silent(&checkpoint);
}

#[test]
fn a_process_has_group_session_and_parent_of_its_record() {
    let process = Process::new(7, 3).listed(|tree| tree.set("pgid", 5).set("sid", 0));
    let checkpoint = open(&Dump::new().process(Process::new(3, 0)).process(process));
    let process = checkpoint.process(Pid(7)).unwrap();
    assert_eq!((process.ppid, process.pgid, process.sid), (Pid(3), Pid(5), Pid(0)));
}

#[test]
fn a_process_is_found_by_its_number_only() {
    let checkpoint = open(&family(&[(1, 0), (7, 1)]));
    let found = |pid| checkpoint.process(Pid(pid)).map(|process| process.pid.0);
    assert_eq!([0, 1, 2, 7, u32::MAX].map(found), [None, Some(1), None, Some(7), None]);
}

#[test]
fn without_a_list_there_are_no_processes_and_nothing_is_wrong() {
    let checkpoint = open(&Dump::new());
    assert!(pids(&checkpoint).is_empty());
    assert_eq!(checkpoint.process_tree().iter().count(), 0);
    assert_silent(&checkpoint);
}

#[test]
fn an_empty_list_is_a_list() {
    let checkpoint = open(&Dump::new().begun("pstree.img"));
    assert!(pids(&checkpoint).is_empty());
    assert_eq!(checkpoint.counts().processes, Some(0));
}

#[test]
fn records_without_a_number_are_left_out_and_told() {
    let checkpoint = open(&family(&[(1, 0), (0, 1), (0, 0), (7, 1)]));
    assert_eq!(pids(&checkpoint), [1, 7]);
    assert_told(&checkpoint, "process-broken", "2 of 4 records have no process id");
}

#[test]
fn of_records_with_one_number_the_first_counts() {
    let twin = Process::new(7, 1).listed(|tree| tree.set("sid", 99));
    let checkpoint = open(&family(&[(1, 0), (7, 1)]).process(twin));
    assert_eq!(pids(&checkpoint), [1, 7]);
    assert_eq!(checkpoint.process(Pid(7)).unwrap().sid, Pid(7));
    assert_told(&checkpoint, "process-broken", "1 of 3 records repeat a process id");
}

#[test]
fn a_list_of_twins_is_summed_up() {
    let twins: Vec<(u32, u32)> = (1..=50).chain(1..=50).map(|pid| (pid, u32::from(pid > 1))).collect();
    let checkpoint = open(&family(&twins));
    assert_eq!(pids(&checkpoint).len(), 50);
    assert_told(&checkpoint, "process-broken", "50 of 100 records repeat a process id");
    assert_told(&checkpoint, "process-broken", "1, 2, 3, 4, 5, 6, 7, 8 and 42 more");
}

#[test]
fn parents_that_contradict_each_other_are_told() {
    type Case = (&'static [(u32, u32)], &'static str);
    let cases: [Case; 5] = [
        (&[(1, 0), (7, 42)], "processes whose parents are not on the list: 7"),
        (&[(1, 0), (7, 0)], "several processes without a parent, where only one can be the root: 1, 7"),
        (&[(1, 7), (7, 1)], "processes that are their own ancestors; the tree starts there: 1"),
        (&[(1, 0), (9, 9)], "processes that are their own ancestors; the tree starts there: 9"),
        (&[(1, 0), (4_194_305, 1)], "numbers that no process can have: 4194305"),
    ];
    for (pairs, text) in cases {
        let checkpoint = open(&family(pairs));
        assert_eq!(pids(&checkpoint).len(), pairs.len());
        assert_eq!(tree(&checkpoint).len(), pairs.len());
        assert_told(&checkpoint, "process-broken", text);
    }
}

#[test]
fn the_highest_number_of_the_kernel_is_one() {
    let checkpoint = open(&family(&[(1, 0), (1 << 22, 1)]));
    assert_eq!(pids(&checkpoint), [1, 1 << 22]);
    assert_silent(&checkpoint);
}

#[test]
fn threads_are_listed_behind_their_leader() {
    let process = Process::new(7, 0).thread(12, |it| it).thread(9, |it| it);
    let checkpoint = open(&Dump::new().process(process));
    assert_eq!(tids(&checkpoint, 7), [7, 12, 9]);
    let process = checkpoint.process(Pid(7)).unwrap();
    assert_eq!(process.leader().unwrap().tid.0, 7);
    assert_eq!(process.thread(crate::Tid(9)).unwrap().tid.0, 9);
    assert!(process.thread(crate::Tid(10)).is_none());
    assert_silent(&checkpoint);
}

#[test]
fn threads_that_cannot_be_those_of_a_process_are_left_out_and_told() {
    let odd = Process::new(7, 1).listed(|tree| tree.list("threads", [7, 0, 1, 8, 8, 7]));
    let checkpoint = open(&Dump::new().process(Process::new(1, 0)).process(odd));
    assert_eq!(tids(&checkpoint, 7), [7, 8]);
    assert_told(&checkpoint, "process-broken", "the thread list of process 7");
    assert_told(&checkpoint, "process-broken", "of other processes: 0, 1, 8, 7");
    // The thread that it may have is one without an image.
    assert_told(&checkpoint, "member-missing", "only the numbers are known: 8");
}

#[test]
fn a_thread_of_two_processes_is_that_of_the_first() {
    let first = Process::new(1, 0).thread(5, |it| it);
    let second = Process::new(7, 1).listed(|tree| tree.with("threads", 5));
    let checkpoint = open(&Dump::new().process(first).process(second));
    assert_eq!((tids(&checkpoint, 1), tids(&checkpoint, 7)), (vec![1, 5], vec![7]));
    assert_told(&checkpoint, "process-broken", "the thread list of process 7");
}

#[test]
fn a_process_without_a_core_image_is_listed_with_what_others_tell() {
    let process = Process::new(7, 1).directories(|fs| fs.set("umask", 0o27));
    let dump = family(&[(1, 0)]).process(process).without("core-7.img");
    let checkpoint = open(&dump);
    let process = checkpoint.process(Pid(7)).unwrap();
    assert_eq!((process.state, &process.comm, process.umask), (None, &None, Some(0o27)));
    assert_eq!(process.threads.len(), 1);
    assert!(process.threads[0].registers.is_none() && process.threads[0].credentials.is_none());
    assert_told(
        &checkpoint,
        "member-missing",
        "without a core image, of which only the numbers are known: 7",
    );
}

#[test]
fn a_process_without_any_image_is_listed_as_nothing_but_a_number() {
    let record = Record::required("pstree_entry").set("pid", 7).set("ppid", 1);
    let checkpoint = open(&family(&[(1, 0)]).record("pstree.img", &record));
    let process = checkpoint.process(Pid(7)).unwrap();
    assert_eq!((process.state, process.threads.len(), process.shared), (None, 0, None));
    assert_eq!(tree(&checkpoint), [(1, 0), (7, 1)]);
}

#[test]
fn images_of_nobody_are_told_once() {
    let stray = Dump::empty().process(Process::new(99, 1).thread(100, |it| it));
    let names = ["core-99.img", "core-100.img", "mm-99.img"];
    let dump = names.iter().fold(family(&[(1, 0)]), |dump, name| dump.image(name, stray.get(name).unwrap()));
    let checkpoint = open(&dump);
    assert_eq!(pids(&checkpoint), [1]);
    assert_eq!(told(&checkpoint, "process-stale").len(), 1);
    assert_told(&checkpoint, "process-stale", "not on the list: 99, 100");
}

#[test]
fn an_image_of_memory_that_is_numbered_as_a_thread_is_stale() {
    let process = Process::new(1, 0).thread(5, |it| it);
    let stray = Record::required("mm_entry");
    let checkpoint = open(&Dump::new().process(process).record("mm-5.img", &stray));
    assert_eq!(pids(&checkpoint), [1]);
    assert_told(&checkpoint, "process-stale", "not on the list: 5");
}

#[test]
fn a_damaged_list_gives_what_can_be_read() {
    // A record of 200 bytes, of which two are there.
    let cut = family(&[(1, 0), (7, 1)]).raw("pstree.img", b"\xc8\0\0\0\x08\x09");
    let checkpoint = open(&cut);
    assert_eq!(pids(&checkpoint), [1, 7]);
    assert_eq!(told(&checkpoint, "image-damaged").len(), 1);
    let none = open(&family(&[(1, 0)]).image("pstree.img", b"no image at all"));
    assert!(pids(&none).is_empty());
    assert_eq!(told(&none, "image-damaged").len(), 1);
}

#[test]
fn a_damaged_core_image_takes_nobody_along() {
    let dump = family(&[(1, 0), (7, 1)]).image("core-7.img", b"\x19CVT\x47\x38\x05\x55\xff\xff\xff\xff");
    let checkpoint = open(&dump);
    assert_eq!(pids(&checkpoint), [1, 7]);
    assert_eq!(checkpoint.process(Pid(1)).unwrap().state, Some(State::Alive));
    assert_eq!(checkpoint.process(Pid(7)).unwrap().state, None);
    assert_eq!(told(&checkpoint, "image-damaged").len(), 1);
}

#[test]
fn a_broad_family_is_read_in_one_pass() {
    let pairs: Vec<(u32, u32)> = (1..=500).map(|pid| (pid, u32::from(pid > 1))).collect();
    let checkpoint = open(&family(&pairs));
    assert_eq!(pids(&checkpoint).len(), 500);
    assert_eq!(checkpoint.process_tree().iter().filter(|branch| branch.depth == 1).count(), 499);
    assert_silent(&checkpoint);
}
