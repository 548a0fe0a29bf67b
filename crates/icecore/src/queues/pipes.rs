//! Pipes and FIFOs: `pipes-data.img`, `fifo-data.img`.
//!
//! CRIU writes a record where an end that reads is in the dump. Of a pipe whose only ends in it write, as the standard output of a
//! container, nothing is known.

use std::collections::BTreeMap;

use icecore_images::messages::PipeDataEntry;

use super::ends::Ends;
use super::records::each;
use super::{Message, Queue, QueueKind};
use crate::Diagnostic;
use crate::diagnostic::QUEUE_ODD;
use crate::files::{FileKind, PipeEnd};
use crate::images::Images;

pub(super) fn read(images: &Images, ends: &Ends<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Queue> {
    let mut queues = of_image(images, "pipes-data.img", QueueKind::Pipe, diagnostics);
    queues.extend(of_image(images, "fifo-data.img", QueueKind::Fifo, diagnostics));
    for queue in &mut queues {
        let files = match queue.kind {
            QueueKind::Fifo => ends.of_fifo(queue.id),
            _ => ends.of_pipe(queue.id),
        };
        queue.file = files.first().map(|file| file.id);
        queue.holders = ends.holders(files.iter().map(|file| match file.kind {
            FileKind::Pipe(end) | FileKind::Fifo(end) => (*file, end),
            _ => (*file, PipeEnd::Unknown),
        }));
        if files.is_empty() {
            let text = format!("{} {}: no file of `files.img` is an end of it", queue.kind, queue.id);
            diagnostics.push(Diagnostic::new(QUEUE_ODD, text).of(queue.member.clone()));
        }
    }
    queues
}

/// The pipes of an image; two records of one pipe, which CRIU does not write, are one queue.
fn of_image(images: &Images, name: &str, kind: QueueKind, diagnostics: &mut Vec<Diagnostic>) -> Vec<Queue> {
    let mut queues: BTreeMap<u32, Queue> = BTreeMap::new();
    each::<PipeDataEntry>(images, name, diagnostics, |found| {
        let (entry, payload) = (&found.record.message, found.record.entry.payload);
        let queue = queues
            .entry(entry.pipe_id)
            .or_insert_with(|| Queue::new(kind, entry.pipe_id.into(), found.member.clone()));
        queue.capacity = entry.size.map(u64::from);
        queue.is_cut |= found.is_cut;
        if !payload.is_empty() {
            let offset = found.image().offset_of(payload);
            queue.messages.push(Message { offset, length: payload.len() as u64, ..Message::default() });
        }
    });
    queues.into_values().collect()
}
