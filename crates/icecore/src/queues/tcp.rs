//! TCP connections: `tcp-stream-INO.img`, two queues each.

use icecore_images::messages::TcpStreamEntry;
use icecore_images::raw::tcp_stream;
use icecore_images::{Image, Kind};

use super::ends::Ends;
use super::records::{Found, each};
use super::{Message, Queue, QueueKind, Sequence};
use crate::Diagnostic;
use crate::diagnostic::QUEUE_ODD;
use crate::files::PipeEnd;
use crate::images::Images;

pub(super) fn read(images: &Images, ends: &Ends<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Queue> {
    let streams = images.known().filter(|(_, kind, member)| *kind == Kind::TcpStream && member.is_file());
    let streams = streams.filter_map(|(name, ..)| Some((name.to_string(), Kind::of_name(name)?.number()?)));
    let mut queues = Vec::new();
    for (name, ino) in streams.collect::<Vec<_>>() {
        let mut pair = None;
        each::<TcpStreamEntry>(images, &name, diagnostics, |found| {
            pair.get_or_insert_with(|| both(found, ino));
        });
        let Some(mut pair) = pair else { continue };
        describe(&mut pair, ino, ends);
        if pair.iter().any(|queue| queue.file.is_none()) {
            let text = format!("no socket of `files.img` has the inode {ino}");
            diagnostics.extend(pair.first().map(|it| Diagnostic::new(QUEUE_ODD, text).of(it.member.clone())));
        }
        queues.extend(pair);
    }
    queues
}

/// The receive queue and the send queue of a record.
fn both(found: &Found<'_, '_, TcpStreamEntry>, ino: u64) -> [Queue; 2] {
    let (record, entry) = (found.record, &found.record.message);
    let bytes = tcp_stream::queues(record);
    let receive = Sequence {
        first: entry.inq_seq.wrapping_sub(entry.inq_len),
        acknowledged: entry.outq_seq.wrapping_sub(entry.outq_len),
        unsent: None,
    };
    let send = Sequence {
        first: entry.outq_seq.wrapping_sub(entry.outq_len),
        acknowledged: entry.inq_seq,
        unsent: entry.unsq_len,
    };
    let queue = |kind, part: &[u8], claimed: u32, sequence| Queue {
        messages: message(&found.image(), part).into_iter().collect(),
        is_cut: (part.len() as u64) < u64::from(claimed),
        sequence: Some(sequence),
        ..Queue::new(kind, ino, found.member.clone())
    };
    [
        queue(QueueKind::TcpReceive, bytes.received, entry.inq_len, receive),
        queue(QueueKind::TcpSend, bytes.written, entry.outq_len, send),
    ]
}

fn message(image: &Image<'_>, part: &[u8]) -> Option<Message> {
    let offset = image.offset_of(part);
    (!part.is_empty()).then(|| Message { offset, length: part.len() as u64, ..Message::default() })
}

/// Adds what the record of the socket knows.
fn describe(pair: &mut [Queue; 2], ino: u64, ends: &Ends<'_>) {
    let files = ends.of_inet(ino);
    for queue in pair {
        let end = if queue.kind == QueueKind::TcpSend { PipeEnd::Write } else { PipeEnd::Read };
        queue.file = files.first().map(|file| file.id);
        queue.namespace = files.first().and_then(|file| file.socket()?.netns);
        queue.holders = ends.holders(files.iter().map(|file| (*file, end)));
    }
}
