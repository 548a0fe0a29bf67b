//! Terminals: `tty-data.img`.
//!
//! Of a pseudo-terminal each side has its own: what the slave would read was typed, what the master would read was shown.

use std::collections::BTreeMap;

use icecore_images::messages::TtyDataEntry;
use icecore_images::raw::tty_data;

use super::ends::Ends;
use super::records::each;
use super::{Message, Queue, QueueKind};
use crate::Diagnostic;
use crate::diagnostic::QUEUE_ODD;
use crate::files::{File, FileKind, PipeEnd, TerminalKind};
use crate::images::Images;

pub(super) fn read(images: &Images, ends: &Ends<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Queue> {
    let mut queues: BTreeMap<u32, Queue> = BTreeMap::new();
    each::<TtyDataEntry>(images, "tty-data.img", diagnostics, |found| {
        let id = found.record.message.tty_id;
        let new = || Queue::new(QueueKind::Tty, id.into(), found.member.clone());
        let queue = queues.entry(id).or_insert_with(new);
        let data = tty_data::data(found.record);
        if !data.is_empty() {
            let offset = found.image().offset_of(data);
            queue.messages.push(Message { offset, length: data.len() as u64, ..Message::default() });
        }
    });
    for (id, queue) in &mut queues {
        describe(queue, *id, ends);
        if queue.file.is_none() {
            let text = format!("bytes of terminal {id}, which no file of `files.img` is");
            diagnostics.push(Diagnostic::new(QUEUE_ODD, text).of(queue.member.clone()));
        }
    }
    queues.into_values().collect()
}

/// Adds who reads it, and who has the other side.
fn describe(queue: &mut Queue, id: u32, ends: &Ends<'_>) {
    let readers = ends.of_terminal(id);
    queue.file = readers.first().map(|file| file.id);
    // The two sides of a pseudo-terminal have numbers that differ in the last bit.
    let is_pseudo = readers.iter().any(|file| is_pseudo(file));
    let writers = if is_pseudo { ends.of_terminal(id ^ 1) } else { &[] };
    let reads = readers.iter().map(|file| (*file, PipeEnd::Read));
    queue.holders = ends.holders(reads.chain(writers.iter().map(|file| (*file, PipeEnd::Write))));
}

fn is_pseudo(file: &File) -> bool {
    matches!(&file.kind, FileKind::Terminal(Some(terminal)) if terminal.kind == TerminalKind::Pseudo)
}
