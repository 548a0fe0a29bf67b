//! How values are serialised that are told in a word or as text.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::changes::Use;
use crate::hashes::Sha256;
use crate::search::{Beside, Part, Place, Source};
use crate::strings::Encoding;
use crate::timeline::EventKind;

/// Implements `Serialize` as what `name()` gives.
macro_rules! words {
    ($($named:ty),+) => {$(
        impl Serialize for $named {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    )+};
}

words! { Beside, Encoding, EventKind, Part, Place, Source }

/// In hexadecimal, as it is shown.
impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The word, and the descriptor if there is one.
impl Serialize for Use {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Use", 2)?;
        fields.serialize_field("how", self.name())?;
        fields.serialize_field("fd", &self.fd())?;
        fields.end()
    }
}
