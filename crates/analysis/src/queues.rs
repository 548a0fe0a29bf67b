//! What is in queues: the hashes of their bytes, and how they begin.

use icecore::queues::Queue;
use icecore::{Checkpoint, Error};
use serde::Serialize;
use sha2::Digest as _;

use crate::hashes::Sha256;

/// What a queue holds, in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The hash of all its bytes in order.
    pub sha256: Sha256,
    /// The hash of each message.
    pub messages: Vec<Sha256>,
    /// Its first bytes, at most [`BEGINNING`].
    pub beginning: Vec<u8>,
}

/// How many bytes [`Summary::beginning`] has at most.
pub const BEGINNING: usize = 64;

/// Reads a queue once, in constant memory but for the list of its messages.
///
/// # Errors
/// If its image cannot be read any more.
pub fn summary(checkpoint: &Checkpoint, queue: &Queue) -> Result<Summary, Error> {
    let content = queue.open(checkpoint)?;
    let mut whole = sha2::Sha256::new();
    let mut beginning = Vec::new();
    let mut messages = Vec::with_capacity(queue.messages.len());
    for message in &queue.messages {
        let hash = Sha256::of_reader_and(&mut content.reader(message), |chunk| {
            whole.update(chunk);
            let wanted = BEGINNING.saturating_sub(beginning.len()).min(chunk.len());
            beginning.extend_from_slice(chunk.get(..wanted).unwrap_or_default());
        });
        messages.push(
            hash.map_err(|source| icecore::archive::Error::Io { what: queue.member.to_string(), source })?,
        );
    }
    Ok(Summary { sha256: Sha256(whole.finalize().into()), messages, beginning })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use icecore::archive::Options;
    use icecore_synth::{Message, Tar, image};

    use super::*;

    /// A checkpoint whose socket of file 7 has these messages.
    fn checkpoint(messages: &[&[u8]]) -> Checkpoint {
        let queues = messages.iter().fold(image::Image::of(0x5626_4026), |image, message| {
            image.record(&Message::new().varint(1, 7).varint(2, message.len() as u64)).raw(message)
        });
        let tar = Tar::new().file("inventory.img", image::inventory()).file("sk-queues.img", queues.bytes());
        Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap()
    }

    #[test]
    fn messages_and_the_whole_are_hashed() {
        let checkpoint = checkpoint(&[b"one", b"", b"two"]);
        let found = summary(&checkpoint, &checkpoint.queues()[0]).unwrap();
        assert_eq!(found.sha256, Sha256::of(b"onetwo"));
        assert_eq!(found.messages, [b"one".as_slice(), b"", b"two"].map(Sha256::of));
        assert_eq!(found.beginning, b"onetwo");
    }

    #[test]
    fn the_beginning_is_short_however_long_a_message_is() {
        let long = vec![b'x'; 200_000];
        let checkpoint = checkpoint(&[b"y", &long]);
        let found = summary(&checkpoint, &checkpoint.queues()[0]).unwrap();
        assert_eq!(found.beginning, [b"y".as_slice(), &long[..BEGINNING - 1]].concat());
        assert_eq!(found.messages[1], Sha256::of(&long));
    }
}
