//! Bytes in flight against what cases planted, and against the kernel's own counts.

use icecore::files::Files;
use icecore::queues::{Message, Queue, QueueKind};
use icecore::{Checkpoint, Fd, Pid};
use icecore_analysis::hashes::Sha256;
use icecore_analysis::queues;
use serde_json::Value;

use crate::testimony::{self, Testified, bytes, number};

/// Every planted byte is found, at the descriptor where it was planted, with all that is said of it.
#[test]
fn planted_bytes_are_found_where_they_were_planted() {
    let mut found = 0;
    let mut kinds = std::collections::BTreeSet::new();
    testimony::each(|testified| {
        for planted in testified.planted("queues") {
            let place = format!("{}: {planted}", testified.case);
            let candidates: Vec<&Queue> =
                testified.checkpoint.queues().iter().filter(|queue| is_there(queue, &planted)).collect();
            assert!(!candidates.is_empty(), "{place}: no such queue");
            let is_it = |queue: &&Queue| has(testified, queue, &planted);
            assert!(candidates.iter().any(is_it), "{place}: {candidates:?}");
            kinds.insert(planted["kind"].to_string());
            found += 1;
        }
    });
    let all = icecore_tests::places().len() > 1;
    assert!(found > if all { 250 } else { 10 }, "only {found}");
    assert!(!all || kinds.len() == QueueKind::ALL.len(), "{kinds:?}");
    eprintln!("{found} queues and messages of {kinds:?}");
}

/// Whether a queue is of the kind that was planted, and at its descriptor or with its id.
fn is_there(queue: &Queue, planted: &Value) -> bool {
    let end = if queue.kind == QueueKind::TcpSend { "write" } else { "read" };
    let holder = planted["pid"].as_u64().zip(planted["fd"].as_u64());
    let held = |(pid, fd): (u64, u64)| {
        queue.holders.iter().any(|holder| {
            let is_end = holder.end.name() == end || holder.end.name() == "both";
            (u64::from(holder.pid.0), u64::from(holder.fd.0)) == (pid, fd) && is_end
        })
    };
    let same_id = queue.kind != QueueKind::Message || planted["id"] == queue.id;
    queue.kind.name() == planted["kind"] && same_id && holder.is_none_or(held)
}

/// Whether the bytes, and what else is said of them, are those of the queue or of one message.
fn has(testified: &Testified, queue: &Queue, planted: &Value) -> bool {
    let checkpoint = &testified.checkpoint;
    let summary = queues::summary(checkpoint, queue).unwrap();
    let wanted = match (planted["sha256"].as_str(), bytes(&planted["text"])) {
        (Some(hash), _) => hash.to_owned(),
        (None, Some(text)) => Sha256::of(&text).to_string(),
        (None, None) => return says(checkpoint, queue, planted),
    };
    let is_whole = summary.sha256.to_string() == wanted;
    let messages = summary.messages.iter().zip(&queue.messages).enumerate();
    let is_message =
        messages.filter(|(_, (hash, _))| hash.to_string() == wanted).any(|(index, (_, message))| {
            let position = planted["message"].as_u64();
            position.is_none_or(|position| position == index as u64)
                && fits(checkpoint.files(), message, planted)
        });
    let length = planted["length"].as_u64();
    let unsent = planted["unsent"].as_u64();
    let capacity = planted["capacity"].as_u64();
    let ours = queue.sequence.and_then(|sequence| sequence.unsent).map(u64::from);
    (is_message || is_whole && length.is_none_or(|length| length == queue.length()))
        && (unsent.is_none() || unsent == ours)
        && (capacity.is_none() || capacity == queue.capacity)
}

/// What is said of queues whose bytes are not given: that they are empty, or have something among them.
fn says(checkpoint: &Checkpoint, queue: &Queue, planted: &Value) -> bool {
    let content = queue.open(checkpoint).unwrap();
    let all: Vec<u8> =
        queue.messages.iter().flat_map(|message| content.bytes(message, u64::MAX).unwrap()).collect();
    let part = bytes(&planted["contains"]).unwrap_or_default();
    let contains = part.is_empty() || all.windows(part.len()).any(|window| window == part);
    planted["length"] == all.len() as u64 && contains
}

/// Type and descriptors of a message.
fn fits(files: &Files, message: &Message, planted: &Value) -> bool {
    // Some cases call the type of a SysV message by the name that msgsnd(2) has for it.
    let kind = planted["mtype"].as_u64().or(planted["type"].as_u64());
    let links = message.rights.iter().filter_map(|right| files.link(files.get(*right)?));
    let links: Vec<String> = links.map(|link| link.to_string()).collect();
    let rights = planted["rights"].as_array().is_none_or(|rights| rights.iter().eq(&links));
    (kind.is_none() || kind == message.message_type) && rights
}

/// The receive and send queues that `/proc/net/tcp` counted.
#[test]
fn tcp_queues_are_as_long_as_the_kernel_said() {
    let mut compared = 0;
    testimony::each(|testified| {
        let namespaces = testified.truth["namespaces"].as_array().unwrap().iter();
        for kernel in namespaces.filter(|it| it["kind"] == "net") {
            let seen_from = Pid(number(&kernel["seen_from_pid"]));
            for line in ["proc_tcp", "proc_tcp6"].iter().flat_map(|key| lines(&kernel[*key])) {
                // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
                let ino: u64 = line[9].parse().unwrap();
                let (tx, rx) = line[4].split_once(':').unwrap();
                for (kind, text) in [(QueueKind::TcpReceive, rx), (QueueKind::TcpSend, tx)] {
                    let is_it = |queue: &&Queue| (queue.kind, queue.id) == (kind, ino);
                    let Some(queue) = testified.checkpoint.queues().iter().find(is_it) else { continue };
                    let length = u64::from_str_radix(text, 16).unwrap();
                    // A FIN that waits counts as a byte in the kernel's number.
                    let fin = u64::from(line[3] != "01");
                    let ours = queue.length();
                    let place = format!("{} {kind} {ino} seen from {seen_from}", testified.case);
                    assert!(ours <= length && ours + fin >= length, "{place}: kernel {length}, ours {ours}");
                    compared += 1;
                }
            }
        }
    });
    assert!(compared > if icecore_tests::places().len() > 1 { 100 } else { 3 }, "only {compared}");
}

fn lines(text: &Value) -> Vec<Vec<String>> {
    let text = String::from_utf8(bytes(text).unwrap_or_default()).unwrap();
    text.lines().skip(1).map(|line| line.split_whitespace().map(String::from).collect()).collect()
}

/// No real checkpoint has a queue of nobody, or a damaged one; and every descriptor at an end is one of the process.
#[test]
fn every_queue_has_its_files() {
    testimony::each(|testified| {
        let checkpoint = &testified.checkpoint;
        for queue in checkpoint.queues() {
            assert!(!queue.is_cut, "{}: {queue:?}", testified.case);
            assert!(queue.file.is_some() || queue.kind == QueueKind::Message, "{}", testified.case);
            for holder in &queue.holders {
                let Fd(fd) = holder.fd;
                assert!(checkpoint.files().at(holder.pid, fd).is_some(), "{}: {holder:?}", testified.case);
            }
        }
        let odd: Vec<_> = checkpoint.diagnostics().into_iter().filter(|it| it.code == "queue-odd").collect();
        assert!(odd.is_empty(), "{}: {odd:?}", testified.case);
    });
}
