//! `queues`: the list, the bytes as numbers, and as files.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use icecore_analysis::hashes::Sha256;
use icecore_synth::queues::{Queues, Stream};
use icecore_tests::case;

use crate::command::{Answer, icecore, json};

fn s390x() -> PathBuf {
    case("s390x").dir.join("checkpoint.tar.gz")
}

/// A checkpoint in a folder of its own.
fn written(queues: Queues) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.tar");
    fs::write(&path, queues.tar()).unwrap();
    (folder, path)
}

fn queues(archive: &Path, more: &[&str]) -> Answer {
    let words = [OsStr::new("queues"), archive.as_os_str()];
    icecore(&words.into_iter().chain(more.iter().map(OsStr::new)).collect::<Vec<_>>())
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.code, 0, "{}", answer.err);
    String::from_utf8(answer.out.clone()).unwrap()
}

#[test]
fn a_list_has_a_row_a_queue_and_filters() {
    let all = text(&queues(&s390x(), &[]));
    assert!(all.lines().next().unwrap().starts_with("KIND"), "{all}");
    let tty = text(&queues(&s390x(), &["--kind", "tty"]));
    assert_eq!(tty.lines().count(), 3, "{tty}");
    assert!(tty.contains(r"typed by cedar\r\nshown by cedar"), "{tty}");
    // Every process can use the SysV queue of its namespace.
    for (pid, kinds) in [("1", 7), ("2", 3)] {
        let own = text(&queues(&s390x(), &["-p", pid, "--columns", "kind"]));
        let mut own: Vec<&str> = own.lines().skip(1).collect();
        own.dedup();
        assert_eq!(own.len(), kinds, "pid {pid}: {own:?}");
    }
    assert_eq!(queues(&s390x(), &["--kind", "mail"]).code, 2);
}

#[test]
fn empty_queues_are_listed_when_asked_for() {
    let (_folder, archive) = written(Queues::new().pipe(5, b"").pipe(6, b"x"));
    assert_eq!(text(&queues(&archive, &[])).lines().count(), 2);
    assert_eq!(text(&queues(&archive, &["--all"])).lines().count(), 3);
}

#[test]
fn json_has_the_names_of_the_contract() {
    let (_folder, archive) = written(
        Queues::new()
            .unix(100, 101, 5, b"\0a\xff")
            .unix(101, 100, 5, b"")
            .fifo(9, b"/run/odd\n\x1b[2J\xfe", b"")
            .packet(1, b"with a descriptor", &[4])
            .packet(1, b"", &[]),
    );
    let document = json(&["queues".as_ref(), archive.as_os_str()]);
    let row = &document["queues"][0];
    assert_eq!((&row["kind"], &row["id"]), (&"unix".into(), &100.into()));
    assert_eq!((&row["path"], &row["path_b64"]), (&"@a\u{fffd}".into(), &"QGH/".into()));
    assert_eq!(row["holders"][0], serde_json::json!({"pid": 1, "fd": 1, "end": "read"}));
    assert_eq!(row["holders"][1]["end"], "write");
    assert_eq!(row["sha256"], Sha256::of(b"with a descriptor").to_string());
    let messages = row["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &messages[0]["length"], &messages[1]["length"]), (2, &17.into(), &0.into()));
    let fd = &messages[0]["fds"][0];
    assert_eq!((&fd["description"], &fd["type"]), (&4.into(), &"fifo".into()));
    assert_eq!(fd["link_b64"], "L3J1bi9vZGQKG1sySv4=");
    assert!(messages[1]["fds"].is_null());
    assert!(row["cut"].is_null() && row["stream"] == false);
}

#[test]
fn numbers_show_every_byte_of_every_message() {
    let shown = text(&queues(&s390x(), &["--hexdump", "--kind", "unix,msg"]));
    for line in [
        "unix 9964 /run/specimen.sock: 38 bytes; pid 1 fd 20 read",
        "message 2: 19 bytes",
        "0000000000000000  64 61 74 61 67 72 61 6d  20 31 20 6f 66 20 63 65  |datagram 1 of ce|",
        "msg 0: 36 bytes",
        "message 1: 18 bytes, type 40",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
}

/// Nothing from the archive reaches the terminal raw.
#[test]
fn odd_names_are_escaped() {
    let odd = b"/run/odd\n\x1b[2J\xfe\xe2\x80\xae";
    let (_folder, archive) = written(
        Queues::new().fifo(9, odd, b"\x1b]0;x\x07").unix(1, 0, 2, b"\0\x1b[H").packet(3, b"\x9b", &[1]),
    );
    for more in [&[][..], &["--hexdump"], &["--format", "csv"]] {
        let answer = queues(&archive, more);
        let out = String::from_utf8_lossy(&answer.out).into_owned() + &answer.err;
        let is_csv = more.contains(&"csv");
        assert!(is_csv || !out.contains(['\x1b', '\x07', '\u{202e}']), "{out:?}");
        assert!(!is_csv || out.contains("odd"), "{out:?}");
    }
}

#[test]
fn files_have_the_bytes() {
    let stream = Stream { received: b"request", written: b"answer", ..Stream::default() };
    let (from, to) = ("10.0.0.2:80".parse().unwrap(), "10.0.0.9:40000".parse().unwrap());
    let all = Queues::new()
        .pipe(7, b"in the pipe")
        .tcp(8, from, to, stream)
        .sysv(3, &[(0, &[(1, b"a"), (2, b"")])]);
    let (folder, archive) = written(all);
    let target = folder.path().join("out/deep");
    assert_eq!(text(&queues(&archive, &["--extract", target.to_str().unwrap()])), "");
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(&target)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .collect();
    found.sort();
    let expected: [(&str, &[u8]); 5] = [
        ("msg-ns3-0-1.bin", b"a"),
        ("msg-ns3-0-2.bin", b""),
        ("pipe-7.bin", b"in the pipe"),
        ("tcp-recv-8.bin", b"request"),
        ("tcp-send-8.bin", b"answer"),
    ];
    assert!(found.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).eq(expected), "{found:?}");
}

#[test]
fn files_are_not_written_into_the_evidence() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in Queues::new().pipe(7, b"x").images() {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let answer = queues(folder.path(), &["--extract", folder.path().join("out").to_str().unwrap()]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("into the archive"), "{}", answer.err);
    let written: Vec<_> =
        walk(folder.path()).into_iter().filter(|path| path.ends_with("pipe-7.bin")).collect();
    assert!(written.is_empty(), "{written:?}");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// One section a container; `-` is standard output. What is in it is checked among the tests of truth.
#[test]
fn a_capture_has_a_section_for_each_container() {
    const SECTION: &[u8] = b"\x0a\x0d\x0d\x0a";
    let (folder, archive) = written(Queues::new().pipe(7, b"x"));
    let target = folder.path().join("out.pcapng");
    assert_eq!(text(&queues(&archive, &["--pcap", target.to_str().unwrap()])), "");
    let one = fs::read(&target).unwrap();
    assert!(one.starts_with(SECTION));
    let both =
        [OsStr::new("queues"), archive.as_os_str(), archive.as_os_str(), "--pcap".as_ref(), "-".as_ref()];
    assert_eq!(icecore(&both).out, [one.as_slice(), &one].concat());
    // Filters hold for it, too.
    let none = queues(&archive, &["--kind", "tty", "--pcap", "-"]).out;
    assert!(none.starts_with(SECTION) && none.len() < one.len());
}
