//! Every command over archives made to measure: what was planted is found, and the exit code is the promised one.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Cursor, Write};

use icecore_synth::address_space::{AddressSpace, Vma};
use icecore_synth::queues::Queues;
use icecore_synth::{Dump, Header, Process, Tar, image};
use serde_json::{Value, json};

use crate::{Io, Terminal, run};

/// Runs a command line over an archive on standard input, which `-` names: code, output, errors.
fn icecore(archive: &[u8], line: &[&str]) -> (u8, Vec<u8>, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["icecore"].iter().chain(line).map(OsString::from);
    let input = Some(Box::new(Cursor::new(archive.to_vec())) as Box<_>);
    let code = run(words, &mut Io { out: &mut out, err: &mut err, input, terminal: Terminal::default() });
    (code, out, String::from_utf8(err).unwrap())
}

/// The document of a command that ends well.
fn document(archive: &[u8], line: &[&str]) -> Value {
    let (code, out, err) = icecore(archive, &[line, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{line:?}: {err}");
    serde_json::from_slice(&out).unwrap()
}

/// The values of a key in a list of a document.
fn column(document: &Value, list: &str, key: &str) -> Vec<Value> {
    let rows = document[list].as_array().unwrap_or_else(|| panic!("no {list} in {document}"));
    rows.iter().map(|row| row[key].clone()).collect()
}

/// Two areas of process 7: two pages of which the second is stored, with a text in it, and a shared page that is not.
fn memory() -> Vec<u8> {
    let mut page = vec![0; 4096];
    page[0x10..0x22].copy_from_slice(b"planted in a page\n");
    AddressSpace::new(7, 4096).area(Vma::anon(0x1000, 0x3000)).stored(0, 0x2000, &page).tar()
}

/// A container of Podman: changed files, a log, members with times.
fn container() -> Vec<u8> {
    let diff = Tar::new()
        .member(Header::file("etc/passwd").mode(0o644).owner(0, 0).mtime(1_000), "root:x:0:0\n")
        .member(Header::file("opt/run").mode(0o4755).owner(3, 4).mtime(2_000), "#!/bin/sh\n")
        .symlink("opt/link", "run");
    let log = "2026-11-25T20:00:00Z stdout F out\n2026-11-25T20:00:01Z stderr F err \x1b[2J\n";
    Tar::new()
        .file("config.dump", r#"{"id":"0123456789abcdef","name":"web","createdTime":"2026-11-25T19:00:00Z"}"#)
        .file("deleted.files", r#"["/etc/motd"]"#)
        .file("ctr.log", log)
        .file("rootfs-diff.tar", diff.finish())
        .file("checkpoint/inventory.img", image::inventory())
        .finish()
}

#[test]
fn maps_and_usage_count_the_pages() {
    let maps = document(&memory(), &["maps", "-"]);
    assert_eq!(column(&maps, "maps", "start"), ["0x1000"]);
    assert_eq!(column(&maps, "maps", "end"), ["0x3000"]);
    let pages = &column(&maps, "maps", "pages")[0];
    assert_eq!((&pages["stored"], &pages["zero"]), (&json!(1), &json!(1)), "{pages}");
    let usage = document(&memory(), &["mem", "usage", "-"]);
    assert_eq!(column(&usage, "processes", "vsz"), [json!(0x2000)]);
    assert_eq!(column(&usage, "processes", "stored"), [json!(0x1000)]);
}

#[test]
fn bytes_of_memory_are_read_or_refused_as_a_whole() {
    let (code, out, _) = icecore(&memory(), &["mem", "read", "-", "-p", "7", "0x2010+7"]);
    assert_eq!((code, out.as_slice()), (0, &b"planted"[..]));
    let (code, out, err) = icecore(&memory(), &["mem", "read", "-", "-p", "7", "0x2ff0..0x3010"]);
    assert_eq!((code, out.len()), (1, 0), "{err}");
    assert!(err.contains("0x3000"), "{err}");
    let (code, out, _) =
        icecore(&memory(), &["mem", "read", "-", "-p", "7", "0x2ffe..0x3002", "--fill", "0xaa"]);
    assert_eq!((code, out.as_slice()), (0, &[0, 0, 0xaa, 0xaa][..]));
    let (code, out, _) = icecore(&memory(), &["mem", "hexdump", "-", "-p", "7", "0x2010+16"]);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(code, 0);
    assert!(text.contains("70 6c 61 6e") && text.contains("planted in a pag"), "{text}");
}

#[test]
fn searches_answer_with_places_or_with_no() {
    let hits = document(&memory(), &["search", "-", "-e", "planted"]);
    let owner = &hits["hits"][0]["owners"][0];
    assert_eq!((&owner["pid"], &owner["addr"]), (&json!(7), &json!("0x2010")), "{hits}");
    let (code, out, _) = icecore(&memory(), &["search", "-", "-e", "not there", "--format", "csv"]);
    assert_eq!(code, 1, "{out:?}");
    let (code, _, err) = icecore(&memory(), &["search", "-"]);
    assert_eq!(code, 2);
    assert!(err.contains("nothing to search for: give -e, -x, -r or -f"), "{err}");
    let strings = document(&memory(), &["strings", "-"]);
    assert_eq!(column(&strings, "strings", "text"), ["planted in a page"]);
    assert_eq!(column(&strings, "strings", "addr"), ["0x2010"]);
}

#[test]
fn files_are_listed_with_what_became_of_them() {
    let diff = document(&container(), &["fs", "diff", "-"]);
    let rows: Vec<(String, String)> = column(&diff, "changes", "path")
        .iter()
        .zip(column(&diff, "changes", "change"))
        .map(|(path, change)| (path.as_str().unwrap().to_owned(), change.as_str().unwrap().to_owned()))
        .collect();
    assert!(rows.contains(&("/etc/motd".to_owned(), "deleted".to_owned())), "{rows:?}");
    assert_eq!(rows.iter().filter(|(_, change)| change != "deleted").count(), 3, "{rows:?}");
    let run = diff["changes"].as_array().unwrap().iter().find(|row| row["path"] == "/opt/run").unwrap();
    assert_eq!((&run["mode"], &run["uid"], &run["gid"]), (&json!("4755"), &json!(3), &json!(4)), "{run}");
    assert!(run["flags"].as_array().unwrap().contains(&json!("set-uid")), "{run}");
    let (code, out, _) = icecore(&container(), &["fs", "cat", "-", "/etc/passwd"]);
    assert_eq!((code, out.as_slice()), (0, &b"root:x:0:0\n"[..]));
    let found = document(&container(), &["fs", "find", "-", "/opt"]);
    let paths = column(&found, "files", "path");
    assert!(paths.contains(&json!("/opt/run")) && !paths.contains(&json!("/etc/passwd")), "{paths:?}");
}

#[test]
fn time_stamps_are_in_order_and_picked_by_kind_and_time() {
    let events = document(&container(), &["timeline", "-", "-k", "file-modified,log,container-created"]);
    let kinds = column(&events, "events", "kind");
    let wanted = ["file-modified", "file-modified", "file-modified", "container-created", "log", "log"];
    assert_eq!(kinds, wanted, "{events}");
    let details = column(&events, "events", "detail");
    assert_eq!(details[4..], [json!("out"), json!("err \u{1b}[2J")]);
    let some = document(
        &container(),
        &["timeline", "-", "--since", "1970-01-01T00:33:20Z", "--until", "2026-01-01"],
    );
    assert_eq!(column(&some, "events", "path"), ["/opt/run"]);
    let (_, text, _) = icecore(&container(), &["timeline", "-"]);
    assert!(!text.contains(&0x1b), "a log may not reach the terminal as it is");
}

#[test]
fn logs_are_what_was_written_and_escaped_for_a_terminal() {
    let (code, out, _) = icecore(&container(), &["logs", "-"]);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(code, 0);
    assert!(text.contains("out\n") && text.contains("err "), "{text:?}");
    let (code, out, _) = icecore(&container(), &["cat", "-", "ctr.log"]);
    assert_eq!(code, 0);
    assert!(out.starts_with(b"2026-11-25T20:00:00Z stdout F out\n"));
}

#[test]
fn members_are_those_of_the_archive() {
    let members = document(&container(), &["ls", "-"]);
    let names = ["config.dump", "deleted.files", "ctr.log", "rootfs-diff.tar", "checkpoint/inventory.img"];
    assert_eq!(column(&members, "members", "name"), names);
    let (code, _, err) = icecore(&container(), &["cat", "-", "no-such-member"]);
    assert_eq!(code, 2);
    assert!(err.contains("no-such-member"), "{err}");
}

#[test]
fn what_waits_in_a_pipe_is_listed_with_its_sum() {
    let queues = document(&Queues::new().pipe(77, b"abc").tar(), &["queues", "-"]);
    assert_eq!(column(&queues, "queues", "kind"), ["pipe"]);
    assert_eq!(column(&queues, "queues", "length"), [json!(3)]);
    // SHA-256 of `abc`, from FIPS 180-2.
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(column(&queues, "queues", "sha256"), [sum]);
}

#[test]
fn the_summary_names_the_container_and_counts() {
    let tar = Dump::new().process(Process::new(1, 0)).process(Process::new(2, 1));
    let tar = tar.image("config.dump", r#"{"id":"0123456789abcdef","name":"web"}"#).tar();
    let shown = document(&tar, &["show", "-"]);
    assert_eq!(shown["container"]["name"], "web");
    assert_eq!((&shown["counts"]["processes"], &shown["arch"]), (&json!(2), &json!("x86_64")), "{shown}");
    let all = document(&tar, &["inspect", "-", "--section", "processes,members"]);
    assert_eq!(column(&all, "processes", "pid"), [json!(1), json!(2)]);
    assert!(all["members"].is_array() && all.get("files").is_none(), "{all}");
}

#[test]
fn images_are_decoded_and_encoded_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let dump = Dump::new().process(Process::new(7, 0));
    let bytes = dump.get("pstree.img").unwrap();
    fs::write(place("pstree.img"), bytes).unwrap();
    let (code, json, err) = icecore(&[], &["decode", &place("pstree.img")]);
    assert_eq!(code, 0, "{err}");
    let decoded: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&decoded["magic"], &decoded["entries"][0]["pid"]), (&json!("PSTREE"), &json!(7)));
    fs::write(place("pstree.json"), json).unwrap();
    let (code, again, err) = icecore(&[], &["encode", &place("pstree.json")]);
    assert_eq!((code, again.as_slice()), (0, bytes), "{err}");
    let info = document(&[], &["info", &place("pstree.img")]);
    assert_eq!(column(&info, "images", "entries"), [json!(1)]);
}

/// A row for each of two archives, and the one that cannot be read is said without keeping the other back.
#[test]
fn several_archives_are_several_documents() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.tar");
    fs::write(&good, Dump::new().process(Process::new(5, 0)).tar()).unwrap();
    let good = good.to_str().unwrap();
    let stdin = Dump::new().process(Process::new(1, 0)).tar();
    let both = document(&stdin, &["ps", good, "-"]);
    let pids: Vec<_> = both.as_array().unwrap().iter().map(|it| column(it, "processes", "pid")).collect();
    assert_eq!(pids, [[json!(5)], [json!(1)]]);
    let (code, out, err) = icecore(&stdin, &["ps", "no-such.tar", "-", "--format", "jsonl"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("no-such.tar"), "{err}");
    let row: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&row["pid"], &row["archive"]), (&json!(1), &json!("-")));
    let (code, _, err) = icecore(&stdin, &["ps", "-", "-"]);
    assert_eq!(code, 2);
    assert!(err.contains("standard input can be read only once"), "{err}");
}

/// A pod holds several containers: all are shown, and one is picked by its name.
#[test]
fn a_container_of_a_pod_is_picked_by_its_name() {
    let part = |pid: u32, name: &str| {
        let config = format!(r#"{{"id":"{pid:064x}","name":"{name}"}}"#);
        Dump::new().process(Process::new(pid, 0)).image("config.dump", config).tar()
    };
    let pod = Tar::new().file("pod.options", "{}").file("a.tar", part(3, "front"));
    let pod = pod.file("b.tar", part(4, "back")).finish();
    let all = document(&pod, &["ps", "-"]);
    assert_eq!(all.as_array().unwrap().len(), 2, "{all}");
    for (name, pid) in [("front", 3), ("back", 4)] {
        let one = document(&pod, &["ps", "-", "-c", name]);
        assert_eq!(column(&one, "processes", "pid"), [json!(pid)], "{name}");
    }
    let (code, _, err) = icecore(&pod, &["ps", "-", "-c", "middle"]);
    assert_eq!(code, 2);
    assert!(err.contains("no container `middle`"), "{err}");
}

/// grep's codes: a process that is not there is a "no", a column that no table has is wrong usage.
#[test]
fn exit_codes_are_those_of_grep() {
    let archive = Dump::new().process(Process::new(1, 0)).tar();
    for (line, code, said) in [
        (&["ps", "-"][..], 0, ""),
        (&["ps", "-", "-p", "9"], 1, ""),
        (&["ps", "-", "--columns", "nothing"], 2, "nothing"),
        (&["ps", "-", "--format", "xml"], 2, "xml"),
        (&["ps"], 2, "ARCHIVE"),
        (&["timeline", "-", "--since", "yesterday"], 2, "expected a time such as"),
        (&["mem", "read", "-", "-p", "1", "9..8"], 2, "the range ends in front of its start"),
        (&["ls", "-", "--max-output", "1.5G"], 2, "expected a number of bytes such as"),
        (&["ps", "-", "--page-size", "5000"], 2, "pages are of 4K, 8K, 16K, 32K or 64K"),
    ] {
        let (found, _, err) = icecore(&archive, line);
        assert_eq!(found, code, "{line:?}: {err}");
        assert!(err.contains(said), "{line:?}: {err}");
    }
}

/// A pipe whose reader leaves after so many bytes.
struct Leaving(usize);

impl Write for Leaving {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(self.0);
        self.0 = self.0.saturating_sub(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_who_leaves_ends_every_format_without_a_word() {
    let archive = (2..200)
        .fold(Dump::new().process(Process::new(1, 0)), |dump, pid| dump.process(Process::new(pid, 1)));
    let archive = archive.tar();
    for format in ["text", "json", "jsonl", "csv"] {
        for length in [0, 1, 100] {
            let (mut out, mut err) = (Leaving(length), Vec::new());
            let input = Some(Box::new(Cursor::new(archive.clone())) as Box<_>);
            let words = ["icecore", "ps", "-", "--format", format].map(OsString::from);
            let code =
                run(words, &mut Io { out: &mut out, err: &mut err, input, terminal: Terminal::default() });
            assert_eq!((code, err.len()), (0, 0), "{format} behind {length} bytes");
        }
    }
}

/// Whatever a process calls itself, text shows it on one line with nothing that acts, and CSV in one cell.
#[test]
fn hostile_names_stay_in_their_cell() {
    for name in
        [&b"\x1b]0;x\x07"[..], b"\xc2\x9b31m", b"a\nb", "\u{202e}gpj".as_bytes(), b"\xff\xfe", b"a,\"b"]
    {
        let archive = Dump::new().process(Process::new(1, 0).set("tc.comm", name)).tar();
        let (code, out, _) = icecore(&archive, &["ps", "-", "--columns", "comm"]);
        let text = String::from_utf8(out).unwrap();
        assert_eq!((code, text.lines().count()), (0, 2), "{text:?}");
        let acts = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!text.contains(acts), "{text:?}");
        let rows = document(&archive, &["ps", "-"]);
        let row = &rows["processes"][0];
        assert_eq!(row["comm"].as_str().unwrap(), String::from_utf8_lossy(name));
        assert_eq!(row.get("comm_b64").is_some(), std::str::from_utf8(name).is_err(), "{row}");
    }
    let archive = Dump::new().process(Process::new(1, 0).set("tc.comm", &b"a,\"b"[..])).tar();
    let (_, out, _) = icecore(&archive, &["ps", "-", "--columns", "pid,comm", "--format", "csv"]);
    assert_eq!(out, b"pid,comm\r\n1,\"a,\"\"b\"\r\n");
    let archive = Dump::new().process(Process::new(1, 0).set("tc.comm", "=1+1")).tar();
    let (_, out, _) = icecore(&archive, &["ps", "-", "--columns", "comm", "--format", "csv"]);
    assert_eq!(out, b"comm\r\n'=1+1\r\n");
    let (_, out, _) = icecore(&archive, &["ps", "-", "--columns", "comm", "--format", "csv", "--csv-raw"]);
    assert_eq!(out, b"comm\r\n=1+1\r\n");
}

#[test]
fn an_answer_in_a_file_leaves_standard_output_empty() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out.csv");
    let archive = Dump::new().process(Process::new(1, 0)).tar();
    let line = ["ps", "-", "--columns", "pid", "--format", "csv", "-o", target.to_str().unwrap()];
    let (code, out, _) = icecore(&archive, &line);
    assert_eq!((code, out.len()), (0, 0));
    assert_eq!(fs::read(&target).unwrap(), b"pid\r\n1\r\n");
}
