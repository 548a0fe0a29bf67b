//! Queues as bytes that are searched: a stream as one, and each message of the others by itself.

use std::collections::HashMap;
use std::sync::Arc;

use bstr::BString;
use icecore::Checkpoint;
use icecore::archive::{Member, Piece, Pieces, SharedSource};
use icecore::images_format::Kind;
use icecore::queues::{Message, Queue};

use super::content::{Content, Lies};
use super::hit::InQueue;
use super::place::Beside;
use crate::filter::Filter;

/// Messages of a queue that are searched as one.
pub(super) struct Queued {
    queue: InQueue,
    /// Where each begins in the content, and where in the image; by rising place.
    starts: Vec<(u64, u64)>,
}

impl Queued {
    /// Where the byte at a place in the content is in the image, and in the queue.
    pub(super) fn place(&self, at: u64) -> (u64, InQueue) {
        let behind = self.starts.partition_point(|(start, _)| *start <= at);
        let before = behind.saturating_sub(1);
        let (start, offset) = self.starts.get(before).copied().unwrap_or((0, 0));
        let mut queue = self.queue.clone();
        queue.message = queue.message.saturating_add(before);
        (offset.saturating_add(at.saturating_sub(start)), queue)
    }
}

/// All queues of a checkpoint, or those of the processes that are searched; if it is all, then what their images have
/// beside the messages, too: names, and what damage hides.
pub(super) fn all<'a>(checkpoint: &'a Checkpoint, filter: &'a Filter) -> impl Iterator<Item = Content<'a>> {
    let is_wanted =
        |queue: &&Queue| filter.pids.is_empty() || queue.holders.iter().any(|it| filter.wants_pid(it.pid));
    let queues = checkpoint.queues().iter().filter(is_wanted);
    let mut known = if filter.pids.is_empty() { known(checkpoint) } else { Known::new() };
    let images = images(checkpoint).filter(|_| filter.pids.is_empty());
    let queues = queues.flat_map(|queue| of_queue(checkpoint, queue));
    queues.chain(images.filter_map(move |member| beside(member, &mut known)))
}

/// Offset and length of the messages of each image, which may be one of thousands: each TCP socket has its own.
type Known<'a> = HashMap<&'a [u8], Vec<(u64, u64)>>;

fn known(checkpoint: &Checkpoint) -> Known<'_> {
    let mut known = Known::new();
    for queue in checkpoint.queues() {
        let messages = queue.messages.iter().map(|message| (message.offset, message.length));
        known.entry(queue.member.as_slice()).or_default().extend(messages);
    }
    known
}

fn of_queue<'a>(checkpoint: &'a Checkpoint, queue: &'a Queue) -> Box<dyn Iterator<Item = Content<'a>> + 'a> {
    let Some(image) = image(checkpoint, queue) else { return Box::new(std::iter::empty()) };
    if queue.keeps_borders {
        let each = queue.messages.chunks(1).enumerate();
        return Box::new(each.map(move |(number, message)| content(queue, number, message, &image)));
    }
    Box::new(std::iter::once(content(queue, 0, &queue.messages, &image)))
}

/// Messages that follow each other, as one.
fn content<'a>(queue: &Queue, first: usize, messages: &[Message], image: &SharedSource) -> Content<'a> {
    let (mut pieces, mut starts, mut length) = (Vec::new(), Vec::new(), 0_u64);
    for message in messages {
        starts.push((length, message.offset));
        pieces.push(Piece { start: length, length: message.length, base: 0, offset: message.offset });
        length = length.saturating_add(message.length);
    }
    let holders = queue.holders.clone();
    let queued =
        Queued { queue: InQueue { kind: queue.kind, id: queue.id, message: first, holders }, starts };
    Content {
        beside: Beside::Queue,
        path: None,
        member: queue.member.clone(),
        bytes: Arc::new(Pieces::new(vec![image.clone()], pieces, length)),
        lies: Lies::InQueue(Arc::new(queued)),
    }
}

fn image(checkpoint: &Checkpoint, queue: &Queue) -> Option<SharedSource> {
    checkpoint.root().members.file(&queue.member)?.source().ok()
}

/// Kinds of images that hold what waited in queues.
const KINDS: [Kind; 6] =
    [Kind::PipesData, Kind::FifoData, Kind::SkQueues, Kind::TcpStream, Kind::TtyData, Kind::IpcnsMsg];

fn images(checkpoint: &Checkpoint) -> impl Iterator<Item = &Member> {
    let known = checkpoint.images().known();
    known.filter(|(_, kind, member)| member.is_file() && KINDS.contains(kind)).map(|(_, _, member)| member)
}

/// What an image has beside the messages that are known, at its place; the messages are holes.
fn beside<'a>(member: &Member, known: &mut Known<'_>) -> Option<Content<'a>> {
    let image = member.source().ok()?;
    let name = BString::from(member.name.as_bytes());
    let mut messages = known.remove(name.as_slice()).unwrap_or_default();
    messages.sort_unstable();
    let (mut pieces, mut at) = (Vec::new(), 0);
    for (offset, length) in messages.into_iter().chain([(image.len(), 0)]) {
        if offset > at {
            pieces.push(Piece { start: at, length: offset.saturating_sub(at), base: 0, offset: at });
        }
        at = offset.saturating_add(length).max(at);
    }
    let bytes = Arc::new(Pieces::new(vec![image.clone()], pieces, image.len()));
    Some(Content { beside: Beside::Queue, path: None, member: name, bytes, lies: Lies::Alike })
}
