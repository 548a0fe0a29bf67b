//! Edges of the graph against what follows from the descriptors that the kernel listed.

use std::collections::{BTreeMap, BTreeSet};

use icecore::graph::EdgeKind;
use icecore::{Fd, Pid};
use serde_json::Value;

use crate::testimony::{self, Book, Testified, number};

/// A descriptor of a process.
type Place = (u32, u32);

/// From whom to whom; nobody is outside.
type Ends = (Option<Place>, Option<Place>);

#[test]
fn pipes_lead_from_their_writers_to_their_readers() {
    let mut book = Book::new("");
    testimony::each(|testified| {
        let mut ends: BTreeMap<u64, (BTreeSet<Place>, BTreeSet<Place>)> = BTreeMap::new();
        for (pid, process) in testified.processes() {
            for entry in process["fds"].as_array().unwrap() {
                let Some(ino) = pipe(entry) else { continue };
                let flags = u32::from_str_radix(entry["info"]["flags"].as_str().unwrap(), 8).unwrap();
                let (writers, readers) = ends.entry(ino).or_default();
                let place = (first_of_table(testified, pid), number(&entry["fd"]));
                if flags & 3 == 1 {
                    writers.insert(place)
                } else {
                    readers.insert(place)
                };
            }
        }
        let ours = testified.checkpoint.graph().iter().filter(|edge| edge.kind == EdgeKind::Pipe);
        let mut edges: BTreeMap<u64, BTreeSet<Ends>> = BTreeMap::new();
        for edge in ours {
            let place =
                |end: Option<icecore::graph::End>| end.map(|end| (end.pid.0, end.fd.unwrap_or(Fd(0)).0));
            edges.entry(edge.id).or_default().insert((place(edge.from), place(edge.to)));
        }
        for (ino, (writers, readers)) in
            ends.into_iter().filter(|(_, (from, to))| from.len() * to.len() <= 1024)
        {
            let mut kernel = BTreeSet::new();
            let some = |places: &BTreeSet<Place>| match places.is_empty() {
                true => vec![None],
                false => places.iter().copied().map(Some).collect(),
            };
            for &from in &some(&writers) {
                kernel.extend(some(&readers).into_iter().map(|to| (from, to)));
            }
            let ours = edges.remove(&ino).unwrap_or_default();
            book.compare((&testified.case, 0, &format!("pipe {ino}")), "edges", &kernel, &ours);
        }
    });
    book.close(400);
}

/// The inode of a pipe.
fn pipe(entry: &Value) -> Option<u64> {
    entry["link"].as_str()?.strip_prefix("pipe:[")?.strip_suffix(']')?.parse().ok()
}

/// Of processes that share a table, the graph names the first.
fn first_of_table(testified: &Testified, pid: u32) -> u32 {
    let tables = &testified.checkpoint.files().tables;
    tables.iter().find(|table| table.processes.contains(&Pid(pid))).map_or(pid, |table| table.processes[0].0)
}

/// What kitchen-sink planted: connections of each kind, and memory of two processes.
#[test]
fn what_was_planted_is_connected() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let checkpoint = icecore::Checkpoint::open(&case.archives()[0].path).unwrap();
    let edges = checkpoint.graph();
    let has = |kind, from: Place, to: Place| {
        let is = |end: Option<icecore::graph::End>, place: Place| {
            end.is_some_and(|end| (end.pid, end.fd) == (Pid(place.0), Some(Fd(place.1))))
        };
        edges.iter().any(|edge| {
            edge.kind == kind
                && (is(edge.from, from) && is(edge.to, to) || is(edge.from, to) && is(edge.to, from))
        })
    };
    let client = |it: &&Value| it["note"].as_str().is_some_and(|note| note.starts_with("client"));
    let sockets = case.expected["sockets"].as_array().unwrap();
    let mut found = 0;
    for planted in sockets.iter().filter(client).filter(|it| it["type"] == "tcp") {
        let server = sockets.iter().find(|it| {
            let text =
                |it: &Value, key: &str| it[key].as_str().unwrap().replace("[::ffff:127.0.0.1]", "127.0.0.1");
            text(it, "local") == text(planted, "remote") && text(it, "remote") == text(planted, "local")
        });
        let place = |it: &Value| (number(&it["pid"]), number(&it["fd"]));
        assert!(has(EdgeKind::Tcp, place(planted), place(server.unwrap())), "{planted}");
        found += 1;
    }
    assert!(found > 2);
    // Pairs of the roles pipes and unix.
    assert!(has(EdgeKind::Fifo, (138, 12), (138, 10)));
    assert!(has(EdgeKind::Unix, (140, 3), (140, 4)));
    assert!(has(EdgeKind::Unix, (140, 22), (140, 21)));
    let shared = edges.iter().filter(|edge| edge.kind == EdgeKind::Shm);
    assert!(shared.clone().any(|edge| edge.from.is_some_and(|end| end.pid == Pid(116))));
}
