//! Descriptor tables: who has what open, and what leads nowhere.

use super::*;

/// Slots of a process with the ids of their files, and whether those are there.
fn slots(checkpoint: &Checkpoint, pid: u32) -> Vec<(String, u32, bool)> {
    let open = checkpoint.files().open_of(Pid(pid));
    open.map(|it| (it.slot.to_string(), it.id.0, it.file.is_some())).collect()
}

fn fds(checkpoint: &Checkpoint, pid: u32) -> Vec<u32> {
    let open = checkpoint.files().open_of(Pid(pid));
    open.filter_map(|it| it.descriptor.map(|descriptor| descriptor.fd.0)).collect()
}

fn holders(checkpoint: &Checkpoint, id: u32) -> Vec<(u32, u32)> {
    let files = checkpoint.files();
    files.holders(files.get(FileId(id)).unwrap()).map(|(pid, fd)| (pid.0, fd.0)).collect()
}

/// The files that every process has: its directories and executable are number 0.
fn dump() -> Dump {
    Dump::new().with_file(0, "REG", |it| it.set("name", "/"))
}

fn pipe(dump: Dump, id: u32) -> Dump {
    dump.with_file(id, "PIPE", |it| it.set("pipe_id", id))
}

#[test]
fn directories_and_executable_come_before_descriptors() {
    let process = Process::new(1, 0)
        .fd(5, "PIPE", 9)
        .fd(0, "PIPE", 9)
        .directories(|fs| fs.set("cwd_id", 2).set("root_id", 3))
        .memory(|mm| mm.set("exe_file_id", 4));
    let dump = [2, 3, 4].iter().fold(pipe(Dump::new(), 9), |dump, &id| dump.with_file(id, "REG", |it| it));
    let checkpoint = open(&dump.process(process));
    let expected = [("cwd", 2), ("root", 3), ("exe", 4), ("0", 9), ("5", 9)];
    assert_eq!(slots(&checkpoint, 1), expected.map(|(slot, id)| (slot.to_owned(), id, true)));
    assert_silent(&checkpoint);
}

#[test]
fn processes_that_share_a_table_have_the_same_descriptors() {
    let dump = pipe(dump(), 9)
        .process(Process::new(1, 0).fd(3, "PIPE", 9))
        .process(Process::new(2, 1).id("files_id", 1));
    let checkpoint = open(&dump);
    let files = checkpoint.files();
    assert_eq!((fds(&checkpoint, 1), fds(&checkpoint, 2)), (vec![3], vec![3]));
    assert_eq!((files.tables.len(), &files.tables[0].processes), (1, &vec![Pid(1), Pid(2)]));
    assert_eq!(holders(&checkpoint, 9), [(1, 3), (2, 3)]);
    assert_eq!(files.sharers(files.get(FileId(9)).unwrap()), 2);
    let first: Vec<_> = files.first_holders(files.get(FileId(9)).unwrap()).collect();
    assert_eq!(first, [(Pid(1), Fd(3))]);
}

#[test]
fn a_description_is_shared_by_descriptors_of_several_tables() {
    let dump = pipe(pipe(dump(), 9), 10)
        .process(Process::new(1, 0).fd(3, "PIPE", 9).fd(4, "PIPE", 9).fd(5, "PIPE", 10))
        .process(Process::new(2, 1).fd(7, "PIPE", 9));
    let checkpoint = open(&dump);
    assert_eq!(holders(&checkpoint, 9), [(1, 3), (1, 4), (2, 7)]);
    assert_eq!(holders(&checkpoint, 10), [(1, 5)]);
    let files = checkpoint.files();
    assert_eq!(files.sharers(files.get(FileId(9)).unwrap()), 3);
    assert_eq!(files.at(Pid(2), 7).unwrap().id, FileId(9));
    assert!(files.at(Pid(2), 3).is_none() && files.at(Pid(3), 7).is_none());
}

#[test]
fn nobody_holds_a_file_that_is_merely_mapped() {
    let checkpoint = open(&pipe(dump(), 9).process(Process::new(1, 0)));
    assert!(holders(&checkpoint, 9).is_empty());
    assert!(holders(&checkpoint, 0).is_empty(), "directories are not descriptors");
}

#[test]
fn close_on_exec_is_of_the_descriptor() {
    let entry = |fd: u32, flags: u32| {
        let entry = Record::new("fdinfo_entry").set("id", 9).set("flags", flags);
        entry.set("type", 2).set("fd", fd)
    };
    let dump = pipe(dump(), 9).process(Process::new(1, 0));
    let checkpoint = open(&dump.record("fdinfo-1.img", &entry(3, 0)).record("fdinfo-1.img", &entry(4, 1)));
    let open: Vec<_> = checkpoint.files().open_of(Pid(1)).filter(|it| it.descriptor.is_some()).collect();
    assert_eq!(open.iter().map(Open::cloexec).collect::<Vec<_>>(), [Some(false), Some(true)]);
    let flags: Vec<_> = open.iter().map(|it| it.flags().unwrap().to_string()).collect();
    assert_eq!(flags, ["00", "02000000"]);
}

#[test]
fn a_descriptor_of_a_file_that_is_none_is_listed_and_told() {
    let process = Process::new(1, 0).fd(3, "PIPE", 404).fd(4, "PIPE", 405).fd(5, "PIPE", 406);
    let checkpoint = open(&dump().process(process));
    let found = slots(&checkpoint, 1);
    assert_eq!(
        found[3..].iter().map(|it| (it.1, it.2)).collect::<Vec<_>>(),
        [(404, false), (405, false), (406, false)]
    );
    assert_told(
        &checkpoint,
        "file-dangling",
        "descriptor 3 is file 404, which no image describes, and so for 2 more",
    );
}

#[test]
fn a_descriptor_of_another_type_finds_what_has_the_id() {
    let process = Process::new(1, 0).fd(3, "EVENTFD", 9);
    let checkpoint = open(&pipe(dump(), 9).process(process));
    assert_eq!(checkpoint.files().at(Pid(1), 3).unwrap().type_name(), "pipe");
}

#[test]
fn directories_that_are_none_are_told_for_each_place() {
    let process =
        Process::new(1, 0).directories(|fs| fs.set("cwd_id", 404)).memory(|mm| mm.set("exe_file_id", 405));
    let checkpoint = open(&dump().process(process));
    let _ = checkpoint.files();
    assert_told(&checkpoint, "file-dangling", "fs-1.img: cwd is file 404, which no image describes");
    assert_told(&checkpoint, "file-dangling", "mm-1.img: exe is file 405, which no image describes");
}

#[test]
fn of_descriptors_with_one_number_the_first_counts() {
    let process = Process::new(1, 0).fd(3, "PIPE", 9).fd(3, "PIPE", 10).fd(2, "PIPE", 10);
    let checkpoint = open(&pipe(pipe(dump(), 9), 10).process(process));
    assert_eq!(fds(&checkpoint, 1), [2, 3]);
    assert_eq!(checkpoint.files().at(Pid(1), 3).unwrap().id, FileId(9));
    assert_told(&checkpoint, "file-dangling", "1 of 3 records repeat a descriptor number");
}

#[test]
fn of_files_with_one_id_the_first_counts() {
    let dump = Dump::new()
        .with_file(9, "EVENTFD", |it| it.set("counter", 1))
        .with_file(9, "EVENTFD", |it| it.set("counter", 2));
    let checkpoint = open(&dump);
    assert_eq!(ids(&checkpoint), [9]);
    assert!(matches!(checkpoint.files().get(FileId(9)).unwrap().kind, FileKind::Eventfd(1)));
    assert_told(&checkpoint, "file-dangling", "1 of 2 records repeat an id");
}

#[test]
fn a_process_without_its_table_is_told() {
    let checkpoint = open(&dump().process(Process::new(1, 0)));
    assert!(fds(&checkpoint, 1).is_empty());
    assert_told(&checkpoint, "member-missing", "the descriptors of process 1 are not known");
    let without = dump().process(Process::new(1, 0)).without("ids-1.img");
    let checkpoint = open(&without);
    let _ = checkpoint.files();
    assert_told(&checkpoint, "member-missing", "nothing says which descriptors process 1 has");
}

#[test]
fn an_empty_table_is_a_table() {
    let checkpoint = open(&dump().process(Process::new(1, 0)).begun("fdinfo-1.img"));
    assert_eq!((fds(&checkpoint, 1).len(), checkpoint.files().tables.len()), (0, 1));
    assert_silent(&checkpoint);
}

#[test]
fn the_oldest_dumps_number_tables_by_process() {
    let process = Process::new(7, 0).fd(3, "PIPE", 9);
    let dump = Dump::old().with_record("pipes.img", "pipe_entry", |it| it.set("id", 9));
    let dump =
        dump.with_record("reg-files.img", "reg_file_entry", |it| it).process(process).without("ids-7.img");
    let checkpoint = open(&dump);
    assert_eq!(fds(&checkpoint, 7), [3]);
    assert_silent(&checkpoint);
}

#[test]
fn the_dead_have_nothing_open() {
    let zombie = Process::new(2, 1).task(|task| task.set("task_state", 6)).bare();
    let dump = pipe(dump(), 9).process(Process::new(1, 0).fd(3, "PIPE", 9)).process(zombie);
    let checkpoint = open(&dump);
    assert_eq!(checkpoint.files().processes.len(), 1);
    assert!(slots(&checkpoint, 2).is_empty());
    assert_silent(&checkpoint);
}

#[test]
fn all_descriptors_come_by_process() {
    let dump = pipe(dump(), 9)
        .process(Process::new(9, 1).fd(1, "PIPE", 9))
        .process(Process::new(1, 0).fd(2, "PIPE", 9));
    let checkpoint = open(&dump);
    let all: Vec<_> =
        checkpoint.files().open().filter(|it| it.descriptor.is_some()).map(|it| it.pid.0).collect();
    assert_eq!(all, [1, 9]);
}

#[test]
fn a_file_with_very_many_holders_is_counted_without_a_walk() {
    let table = (0..1000).fold(Process::new(1, 0), |process, fd| process.fd(fd, "PIPE", 9));
    let sharers = (2..=300).map(|pid| Process::new(pid, 1).id("files_id", 1));
    let checkpoint = open(&sharers.fold(pipe(dump(), 9).process(table), Dump::process));
    let files = checkpoint.files();
    assert_eq!(files.sharers(files.get(FileId(9)).unwrap()), 300_000);
    assert_eq!(files.tables.len(), 1);
}
