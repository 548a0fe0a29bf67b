//! A message as a whole: from bytes to a struct and back.

use alloc::vec::Vec;

use crate::descriptor::Descriptor;
use crate::error::Located;
use crate::wire;

/// Deepest nesting of messages that is followed; one that is deeper is taken for empty. CRIU's own go 5 deep, but
/// for the two that nest themselves: control groups and AppArmor namespaces.
pub const MAX_DEPTH: u32 = 100;

/// A message of CRIU's schema.
///
/// Implemented by the structs of [`messages`](crate::messages); what they hold is listed by
/// [`descriptor`](Self::descriptor).
pub trait Message: Sized + Default {
    /// Bit n is set if field n is required.
    #[doc(hidden)]
    const REQUIRED: u64;
    /// Bit n is set if field n is not repeated.
    #[doc(hidden)]
    const SINGLE: u64;

    /// Name and fields, as data.
    fn descriptor() -> &'static Descriptor;

    /// Takes one field; `false` if the message does not have it or has it with another wire type.
    #[doc(hidden)]
    fn merge_field<'a>(
        &mut self,
        number: u32,
        value: wire::Value<'a>,
        decoder: &mut Decoder,
    ) -> Result<bool, Located<'a>>;

    /// Appends the message in its canonical form: fields by rising number, varints minimal, nothing packed
    /// that the schema does not pack.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads a message from its bytes, leniently: an absent required field has its default value, the last of
    /// several values of a single field wins, messages that occur twice are merged, what is unknown is skipped.
    ///
    /// # Errors
    ///
    /// Where the bytes are no protobuf.
    fn decode(bytes: &[u8]) -> Result<Self, Located<'_>> {
        let mut message = Self::default();
        message.merge(bytes, &mut Decoder::new())?;
        Ok(message)
    }

    /// The message in its canonical form, see [`write`](Self::write).
    #[must_use]
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Takes all fields of some bytes.
    #[doc(hidden)]
    #[inline]
    fn merge<'a>(&mut self, bytes: &'a [u8], decoder: &mut Decoder) -> Result<(), Located<'a>> {
        let mut seen = 0u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let number;
            let value;
            (rest, (number, value)) = wire::numbered(rest).map_err(wire::located)?;
            let bit = bit(number);
            let known = self.merge_field(number, value, decoder)?;
            decoder.remarkable |= !known || seen & bit & Self::SINGLE != 0;
            seen |= bit;
        }
        decoder.remarkable |= seen & Self::REQUIRED != Self::REQUIRED;
        Ok(())
    }
}

/// The bit of a field number, 0 for numbers that no message has.
#[must_use]
pub(crate) const fn bit(number: u32) -> u64 {
    match 1u64.checked_shl(number) {
        Some(bit) => bit,
        None => 0,
    }
}

/// State of one decoding.
#[doc(hidden)]
#[derive(Debug)]
pub struct Decoder {
    /// Levels of nesting that are still allowed.
    pub(crate) depth: u32,
    /// Whether something was seen that [`remarks`](crate::remarks) would list.
    pub(crate) remarkable: bool,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self { depth: MAX_DEPTH, remarkable: false }
    }
}
