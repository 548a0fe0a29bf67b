//! The bytes of a queue, read where they lie.

use std::io;
use std::sync::Arc;

use icecore_archive::{Error as Absent, MemberName, Range, Reader, SharedSource};

use super::{Message, Queue};
use crate::{Checkpoint, Error};

/// The bytes of one queue: its image, opened once.
#[derive(Debug, Clone)]
pub struct Content {
    image: SharedSource,
}

impl Queue {
    /// Opens the image that holds the bytes.
    ///
    /// # Errors
    /// If the archive of the checkpoint does not hold the image any more, as when a file of a directory was removed.
    pub fn open(&self, checkpoint: &Checkpoint) -> Result<Content, Error> {
        let member = checkpoint.root().members.file(&self.member);
        let member = member.ok_or_else(|| Absent::NoMember(MemberName::new(&self.member)))?;
        Ok(Content { image: member.source()? })
    }
}

impl Content {
    /// The bytes of a message, from front to back.
    pub fn reader(&self, message: &Message) -> Reader {
        Reader::new(Arc::new(Range::new(self.image.clone(), message.offset, message.length)))
    }

    /// The bytes of a message, at most `limit` of them.
    ///
    /// # Errors
    /// What the medium says.
    pub fn bytes(&self, message: &Message, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(self.reader(message), limit), &mut bytes)?;
        Ok(bytes)
    }
}
