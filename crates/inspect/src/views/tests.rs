//! Rows of every view, of checkpoints made to measure: the names and forms that scripts rely on.

use std::ffi::OsString;
use std::io::Cursor;

use icecore_synth::{Dump, Process, Record};
use serde_json::{Value, json};

use crate::{Io, Terminal, run};

/// Runs a command over a dump that comes on standard input: code, output, diagnostics.
fn icecore(dump: &Dump, words: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["icecore"].iter().chain(words).chain(&["-"]).map(OsString::from);
    let input = Some(Box::new(Cursor::new(dump.tar())) as Box<_>);
    let code = run(words, &mut Io { out: &mut out, err: &mut err, input, terminal: Terminal::default() });
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// The rows that a command gives programs.
fn rows(dump: &Dump, command: &str, list: &str) -> Vec<Value> {
    let (code, out, err) = icecore(dump, &[command, "--format", "json"]);
    assert_eq!(code, 0, "{command}: {err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&document["schema"], &document["archive"]), (&json!("icecore/1"), &json!("-")), "{command}");
    document[list].as_array().unwrap_or_else(|| panic!("{command} has no {list}: {document}")).clone()
}

/// That a row has these values among others.
#[track_caller]
fn has(row: &Value, expected: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(row.get(key), Some(value), "`{key}` of {row}");
    }
}

fn one(process: Process) -> Dump {
    Dump::new().process(process)
}

#[test]
fn processes() {
    let process =
        Process::new(7, 0).session(5, 4).set("tc.comm", &b"we\xffb\n"[..]).set("thread_core.creds.uid", 3u32);
    let process = process.set("thread_core.creds.fsuid", 9u32).set("tc.oom_score_adj", -500);
    let dump = one(process).process(Process::zombie(8, 7, 0x0300));
    let all = rows(&dump, "ps", "processes");
    has(&all[0], &json!({"pid": 7, "ppid": 0, "pgid": 5, "sid": 4, "state": "alive", "threads": 1}));
    has(
        &all[0],
        &json!({"comm": "we\u{fffd}b\n", "comm_b64": "d2X/Ygo=", "uids": [3, 0, 0, 9], "oom_score_adj": -500}),
    );
    has(&all[1], &json!({"pid": 8, "ppid": 7, "state": "zombie", "exit_code": 768}));
    assert_eq!(all.len(), 2);
}

/// The words of `/proc/locks`, in lower case.
#[test]
fn locks_stand_at_their_descriptors() {
    let lock = |dump: Dump, flag: u32, kind: u32, start: i64, len: i64| {
        dump.with_record("filelocks.img", "file_lock_entry", |it| {
            let it = it.set("flag", flag).set("type", kind).set("pid", 7).set("fd", 3);
            it.set("start", start).set("len", len)
        })
    };
    let process = Process::new(7, 0).fd(3, "REG", 9).fd(4, "PIPE", 10);
    let dump = one(process).with_file(9, "REG", |it| it.set("name", "/db")).with_file(10, "PIPE", |it| it);
    let dump = lock(lock(lock(dump, 1, 0, 5, 10), 2, 1, 0, 0), 8, 5, 0, 0);
    let all = rows(&dump, "files", "files");
    let row = |fd: u32| all.iter().find(|row| row["fd"] == fd).unwrap();
    let expected = json!([
        {"kind": "posix", "type": "read", "start": 5, "end": 14},
        {"kind": "flock", "type": "write", "start": 0, "end": "EOF"},
        {"kind": "lease", "type": "write", "start": 0, "end": "EOF", "breaking": true},
    ]);
    has(row(3), &json!({"path": "/db", "locks": expected}));
    has(row(4), &json!({"locks": []}));
    let (_, text, _) = icecore(&dump, &["files"]);
    assert!(text.contains("/db; posix read 5-14, flock write, lease write breaking\n"), "{text}");
    let many = (0..9).fold(dump, |dump, start| lock(dump, 4, 32 | 64, start, 0));
    let (_, text, _) = icecore(&many, &["files"]);
    assert!(text.contains(", ofd other, 8 more locks\n"), "{text}");
}

/// What came from inside of the container reaches no terminal as it is.
#[test]
fn names_are_escaped_for_people() {
    let dump = one(Process::new(1, 0).set("tc.comm", &b"a\x1b[31m\xe2\x80\xae"[..]));
    let (code, out, _) = icecore(&dump, &["ps", "--columns", "pid,comm"]);
    assert_eq!(code, 0);
    assert!(out.contains(r"a\x1b[31m\u{202e}"), "{out}");
    assert!(!out.contains('\x1b') && !out.contains('\u{202e}'), "{out:?}");
}

#[test]
fn credentials() {
    let creds = |process: Process| {
        let process =
            process.set("thread_core.creds.gid", 10u32).list("thread_core.creds.groups", [10u32, 999]);
        let process = process.list("thread_core.creds.cap_eff", [0xa804_25fbu32, 0x1]);
        process.set("thread_core.creds.secbits", 0x2fu32).set("thread_core.creds.no_new_privs", 1u32)
    };
    let all = rows(&one(creds(Process::new(1, 0))), "creds", "threads");
    let expected = json!({"pid": 1, "tid": 1, "gids": [10, 0, 0, 0], "groups": [10, 999], "cap_eff": "00000001a80425fb"});
    has(&all[0], &expected);
    assert_eq!(all.len(), 1);
}

#[test]
fn limits() {
    let limit = |cur: u64, max: u64| Record::required("rlimit_entry").set("cur", cur).set("max", max);
    let limits = Record::new("task_rlimits_entry").with("rlimits", limit(5, u64::MAX));
    let all = rows(&one(Process::new(1, 0).set("tc.rlimits", limits)), "limits", "processes");
    has(&all[0], &json!({"pid": 1}));
    // RLIMIT_CPU is the first, in seconds.
    has(&all[0]["limits"][0], &json!({"name": "Max cpu time", "soft": 5, "hard": "unlimited"}));
}

fn mount(id: u32, parent: u32, mountpoint: &str) -> Record {
    let mount = Record::required("mnt_entry").set("mnt_id", id).set("parent_mnt_id", parent);
    mount.set("mountpoint", mountpoint).set("root", "/").set("source", "none")
}

#[test]
fn mounts() {
    let proc = mount(3, 2, "/proc").set("fstype", 1u32).set("flags", 0xfu32).set("sb_flags", 0u32);
    let dump = one(Process::new(1, 0).id("mnt_ns_id", 9))
        .record("mountpoints-9.img", &proc.set("shared_id", 4u32).set("root_dev", 0x80_0011u32))
        .record("mountpoints-9.img", &mount(2, 1, "/").set("deleted", true));
    let all = rows(&dump, "mounts", "mounts");
    has(&all[0], &json!({"mnt_ns": 9, "mnt_id": 2, "parent_id": 1, "mountpoint": "/", "fstype": null}));
    has(&all[0], &json!({"root": "///deleted", "propagation": "private"}));
    has(
        &all[1],
        &json!({"mnt_id": 3, "mountpoint": "/proc", "fstype": "proc", "dev": "8:17", "source": "none"}),
    );
    has(
        &all[1],
        &json!({"options": "ro,nosuid,nodev,noexec", "super_options": "rw", "propagation": "shared"}),
    );
}

#[test]
fn mounts_are_drawn_as_a_tree_that_is_not_deeper_than_a_screen() {
    let chain = (1..=200).map(|id| mount(id, id.saturating_sub(1), "/m"));
    let dump = chain
        .fold(one(Process::new(1, 0).id("mnt_ns_id", 9)), |dump, it| dump.record("mountpoints-9.img", &it));
    let (_, out, _) = icecore(&dump, &["mounts"]);
    assert_eq!(out.lines().count(), 201);
    assert!(out.lines().all(|line| line.chars().count() < 200), "{out}");
    assert!(out.contains("\n└─ /m") && out.contains("\n   └─ /m"), "{out}");
}

#[test]
fn network() {
    let eth0 =
        Record::required("net_device_entry").set("ifindex", 2u32).set("name", "eth0").set("type", "VETH");
    let eth0 = eth0.set("mtu", 1450u32).set("flags", 0x1043u32).set("address", &[2, 0, 0, 0, 0, 1]);
    let dump = one(Process::new(1, 0).id("net_ns_id", 8))
        .record("netdev-8.img", &eth0)
        .image("iptables-8.img", "*filter\n:CRIU - [0:0]\n:INPUT DROP [0:0]\n-A CRIU -j DROP\nCOMMIT\n");
    let all = rows(&dump, "net", "interfaces");
    has(&all[0], &json!({"name": "eth0", "index": 2, "mtu": 1450, "address": "02:00:00:00:00:01"}));
    let firewall = rows(&dump, "net", "firewall");
    let own: Vec<&Value> = firewall.iter().map(|row| &row["own"]).collect();
    assert_eq!(own, [&json!(true), &json!(false)]);
}

#[test]
fn sysv_objects() {
    let segment = Record::required("ipc_shm_entry").set("desc.id", 7u32).set("desc.key", 0xcafeu32);
    let segment = segment.set("desc.mode", 0o600u32).set("size", 4096u64).set("in_pagemaps", true);
    let dump = one(Process::new(1, 0).id("ipc_ns_id", 5)).record("ipcns-shm-5.img", &segment);
    let all = rows(&dump, "ipc", "segments");
    has(&all[0], &json!({"id": 7, "key": 0xcafe, "mode": "0600", "size": 4096, "attached": []}));
    assert_eq!(rows(&dump, "ipc", "semaphores"), <[Value; 0]>::default());
    assert_eq!(rows(&dump, "ipc", "queues"), <[Value; 0]>::default());
}

#[test]
fn edges() {
    let pipe = |id: u32, flags: u32| {
        Record::required("pipe_entry").set("id", id).set("pipe_id", 77u32).set("flags", flags)
    };
    let dump = one(Process::new(1, 0).fd(3, "PIPE", 10))
        .process(Process::new(2, 1).fd(0, "PIPE", 11))
        .file("PIPE", pipe(10, 1))
        .file("PIPE", pipe(11, 0));
    let all = rows(&dump, "graph", "edges");
    has(&all[0], &json!({"kind": "pipe", "id": 77}));
    has(&all[0]["from"], &json!({"pid": 1, "fd": 3}));
    has(&all[0]["to"], &json!({"pid": 2, "fd": 0}));
    let files = rows(&dump, "files", "files");
    let fds: Vec<&Value> = files.iter().filter(|row| row["fd"].is_number()).map(|row| &row["link"]).collect();
    assert_eq!(fds, [&json!("pipe:[77]"), &json!("pipe:[77]")]);
}

#[test]
fn threads() {
    let dump = one(Process::new(1, 0)
        .thread(2, |core| core.set("thread_core.comm", "io").set("thread_core.sched_nice", -5)));
    let all = rows(&dump, "threads", "threads");
    let tids: Vec<&Value> = all.iter().map(|row| &row["tid"]).collect();
    assert_eq!(tids, [&json!(1), &json!(2)]);
    has(&all[1], &json!({"pid": 1, "comm": "io", "arch": "x86_64", "nice": -5}));
}

#[test]
fn processes_can_be_picked_and_columns_too() {
    let dump = one(Process::new(1, 0)).process(Process::new(2, 1)).process(Process::new(3, 1));
    let (code, out, _) = icecore(&dump, &["ps", "-p", "2", "--columns", "comm,pid", "--format", "csv"]);
    assert_eq!((code, out.replace("\r\n", "\n")), (0, "comm,pid\ntask-2,2\n".to_owned()));
}

#[test]
fn jsonl_has_a_row_a_line() {
    let dump = one(Process::new(1, 0)).process(Process::new(2, 1));
    let (code, out, _) = icecore(&dump, &["ps", "--format", "jsonl"]);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (0, 2));
    has(&lines[1], &json!({"archive": "-", "pid": 2}));
}

#[test]
fn strict_makes_a_remark_trouble() {
    let broken = one(Process::new(1, 0)).process(Process::new(2, 99));
    assert_eq!(icecore(&broken, &["ps"]).0, 0);
    let (code, _, err) = icecore(&broken, &["ps", "--strict"]);
    assert_eq!(code, 2);
    assert!(err.contains("processes whose parents are not on the list: 2"), "{err}");
}

#[test]
fn what_is_no_archive_is_refused() {
    let (code, out, err) = icecore(&Dump::empty().image("readme", *b"hello"), &["ps"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("no checkpoint in this tar of 1 members"), "{err}");
    let (code, _, err) = icecore(&one(Process::new(1, 0)), &["ps", "-c", "other"]);
    assert_eq!(code, 2);
    assert!(err.contains("no container `other`"), "{err}");
}
