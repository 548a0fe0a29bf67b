//! Decoded records: one, and those of an image.

use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::edit::edit;
use crate::error::{Error, Located, offset};
use crate::image::{Entries, Entry};
use crate::message::Message;
use crate::remarks::{self, Remarks};
use crate::wire;

/// A decoded record and where it is from.
#[derive(Clone, Debug)]
pub struct Record<'a, M> {
    /// The record. Required fields that are absent have their default value: see [`remarks`](Self::remarks).
    pub message: M,
    /// Its bytes, number, offset and payload.
    pub entry: Entry<'a>,
    pub(crate) remarkable: bool,
}

impl<M: Message> Record<'_, M> {
    /// What is odd about the record though it can be read: absent required fields, unknown fields, wrong wire
    /// types, single fields that occur twice. Sound records cost nothing.
    #[must_use]
    pub fn remarks(&self) -> Remarks {
        if !self.remarkable {
            return Remarks::default();
        }
        let start = offset(self.entry.image().bytes(), self.entry.bytes);
        remarks::remarks(self.entry.bytes, M::descriptor(), start)
    }
}

impl<'a, M: Message> Record<'a, M> {
    /// The bytes of each message of a repeated field, by its name in the schema, in the order in which they are decoded.
    /// Nothing for fields that the message does not have or that are no messages, text or bytes.
    ///
    /// With [`Image::offset_of`](crate::Image::offset_of) this tells where in the image a part of a record stands.
    pub fn parts(&self, field: &str) -> impl Iterator<Item = &'a [u8]> + use<'a, M> {
        let number =
            M::descriptor().fields.iter().find(|known| known.name == field).map(|known| known.number);
        let fields = wire::fields(self.entry.bytes).map_while(Result::ok);
        fields.filter_map(move |field| match field.value {
            wire::Value::Delimited(bytes) if Some(field.number) == number => Some(bytes),
            _ => None,
        })
    }
}

impl<M: Message> Record<'_, M> {
    /// The record as bytes, with the changes that were made to [`message`](Self::message) and nothing else
    /// changed: a record that was not edited gives the bytes that it was read from.
    ///
    /// # Errors
    ///
    /// If the edited message nests deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let image = self.entry.image();
        let old = match M::decode(self.entry.bytes) {
            Ok(message) => message.encode(),
            Err(located) => return Err(image.malformed(self.entry.index, &located)),
        };
        edit(self.entry.bytes, &old, &self.message.encode(), M::descriptor())
            .map_err(|fault| image.malformed(self.entry.index, &Located { at: self.entry.bytes, fault }))
    }
}

/// Iterator over the decoded records of an image. A record that cannot be decoded is an error and does not
/// end it; a frame that cannot be followed does.
#[derive(Clone, Debug)]
pub struct Records<'a, M> {
    pub(crate) entries: Entries<'a>,
    /// Whether the first record is an `M`.
    pub(crate) first: bool,
    /// Whether the others are.
    pub(crate) others: bool,
    pub(crate) refusal: Option<Error>,
    pub(crate) message: PhantomData<M>,
}

impl<M> Records<'_, M> {
    fn is_wanted(&self, index: usize) -> bool {
        if index == 0 { self.first } else { self.others }
    }
}

impl<'a, M: Message> Iterator for Records<'a, M> {
    type Item = Result<Record<'a, M>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(refusal) = self.refusal.take() {
            self.entries.rest = &[];
            return Some(Err(refusal));
        }
        loop {
            match self.entries.next()? {
                Ok(entry) if self.is_wanted(entry.index) => return Some(entry.decode()),
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests;
