//! SysV message queues: `ipcns-msg-NS.img`.

use icecore_images::messages::IpcMsgEntry;
use icecore_images::raw::sysv;
use icecore_images::{Image, Kind};

use super::records::{Found, each};
use super::{Message, Queue, QueueKind};
use crate::images::Images;
use crate::{Diagnostic, NamespaceId};

pub(super) fn read(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Vec<Queue> {
    let namespaces = images.known().filter(|(_, kind, member)| *kind == Kind::IpcnsMsg && member.is_file());
    let namespaces = namespaces.filter_map(|(name, ..)| {
        let number = Kind::of_name(name)?.number()?;
        Some((name.to_string(), NamespaceId(u32::try_from(number).ok()?)))
    });
    let mut queues = Vec::new();
    for (name, namespace) in namespaces.collect::<Vec<_>>() {
        each::<IpcMsgEntry>(images, &name, diagnostics, |found| queues.push(queue(found, namespace)));
    }
    queues
}

/// The queue of a record: its messages up to the first that is damaged.
fn queue(found: &Found<'_, '_, IpcMsgEntry>, namespace: NamespaceId) -> Queue {
    let entry = &found.record.message;
    let messages = sysv::messages(found.record).map_while(Result::ok);
    Queue {
        namespace: Some(namespace),
        capacity: Some(entry.qbytes.into()),
        keeps_borders: true,
        sysv: Some((&entry.desc).into()),
        is_cut: found.is_cut,
        messages: messages.map(|message| of_text(&found.image(), &message)).collect(),
        ..Queue::new(QueueKind::Message, entry.desc.id.into(), found.member.clone())
    }
}

fn of_text(image: &Image<'_>, message: &sysv::QueuedMessage<'_>) -> Message {
    Message {
        offset: image.offset_of(message.text),
        length: message.text.len() as u64,
        message_type: Some(message.message.mtype),
        rights: Vec::new(),
    }
}
