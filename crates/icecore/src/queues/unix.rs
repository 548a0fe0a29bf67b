//! Unix sockets: `sk-queues.img`.
//!
//! A record is a message that the socket of file `id_for` would have received. Of stream sockets it is a piece of the stream.
//! Descriptors that were sent along are files of `files.img` that nobody may have open.

use std::collections::BTreeMap;

use icecore_images::messages::SkPacketEntry;

use super::ends::Ends;
use super::records::each;
use super::{Message, Queue, QueueKind};
use crate::diagnostic::QUEUE_ODD;
use crate::files::{File, Files, PipeEnd};
use crate::images::Images;
use crate::sockets::Socket;
use crate::{Diagnostic, FileId};

const IMAGE: &str = "sk-queues.img";
/// `SOCK_STREAM`.
const STREAM: u32 = 1;
/// `SCM_RIGHTS`: descriptors.
const RIGHTS: u32 = 1;

pub(super) fn read(
    images: &Images,
    files: &Files,
    ends: &Ends<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Queue> {
    let mut queues: BTreeMap<FileId, Queue> = BTreeMap::new();
    each::<SkPacketEntry>(images, IMAGE, diagnostics, |found| {
        let entry = &found.record.message;
        let new = || Queue::new(QueueKind::Unix, entry.id_for.into(), found.member.clone());
        let queue = queues.entry(FileId(entry.id_for)).or_insert_with(new);
        let payload = found.record.entry.payload;
        let scm = entry.scm.iter().filter(|scm| scm.r#type == RIGHTS);
        queue.is_cut |= found.is_cut;
        queue.messages.push(Message {
            offset: found.image().offset_of(payload),
            length: payload.len() as u64,
            message_type: None,
            rights: scm.flat_map(|scm| scm.rights.iter().copied().map(FileId)).collect(),
        });
    });
    for (id, queue) in &mut queues {
        describe(queue, *id, files, ends);
        tell_dangling(queue, *id, files, diagnostics);
    }
    queues.into_values().collect()
}

/// Adds what the record of the socket knows.
fn describe(queue: &mut Queue, id: FileId, files: &Files, ends: &Ends<'_>) {
    let receiver = files.get(id).and_then(|file| Some((file, file.socket()?)));
    queue.keeps_borders = receiver.and_then(|(_, socket)| socket.socket_type) != Some(STREAM);
    let Some((file, socket)) = receiver else { return };
    queue.file = Some(id);
    queue.id = socket.ino.map_or(id.0, |ino: u32| ino).into();
    queue.namespace = socket.netns;
    let reads = [(file, PipeEnd::Read)];
    let writes = ends.senders(id).iter().filter(|sender| is_open_to(sender)).map(|it| (*it, PipeEnd::Write));
    queue.holders = ends.holders(reads.into_iter().chain(writes));
}

/// Whether a socket can still send.
fn is_open_to(file: &File) -> bool {
    /// `SHUT_WR`, as the bit that CRIU stores for it.
    const NO_MORE: u32 = 2;
    file.socket().is_some_and(|socket: &Socket| socket.shutdown & NO_MORE == 0)
}

/// Tells of a receiver or of descriptors in flight that no record describes.
fn tell_dangling(queue: &Queue, id: FileId, files: &Files, diagnostics: &mut Vec<Diagnostic>) {
    let mut tell = |text| diagnostics.push(Diagnostic::new(QUEUE_ODD, text).of(queue.member.clone()));
    if queue.file.is_none() {
        tell(format!("messages for file {id:#x}, which is no socket of `files.img`", id = id.0));
    }
    let rights = queue.messages.iter().flat_map(|message| &message.rights);
    let missing = rights.filter(|right| files.get(**right).is_none());
    let mut missing: Vec<u32> = missing.map(|right| right.0).collect();
    missing.dedup();
    if let Some(first) = missing.first() {
        let others = missing.len().saturating_sub(1);
        tell(format!(
            "file {first:#x} is in flight to socket {}, and no record describes it ({others} more)",
            queue.id
        ));
    }
}
