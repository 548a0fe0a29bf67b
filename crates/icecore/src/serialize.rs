//! How values are serialised that are told in a word, as text or as a list: what a derived form could not say.

use bstr::BStr;
use icecore_archive::Member;
use serde::ser::{SerializeMap as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

use crate::files::{LockKind, LockMode, OpenFlags, PathKind, PipeEnd, Slot, TerminalKind};
use crate::filesystem::ChangeKind;
use crate::graph::EdgeKind;
use crate::memory::{AreaKind, Reason};
use crate::mounts::Role;
use crate::namespaces::NamespaceKind;
use crate::network::Link;
use crate::process::Strings;
use crate::process::registers::Registers;
use crate::queues::QueueKind;
use crate::sockets::Family;

/// Implements `Serialize`: as what `name()` gives, or as what `Display` shows.
macro_rules! words {
    (by name: $($named:ty),+; as shown: $($shown:ty),+;) => {
        $(impl Serialize for $named {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        })+
        $(impl Serialize for $shown {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        })+
    };
}

words! {
    by name: AreaKind, ChangeKind, Link, LockKind, LockMode, PathKind, PipeEnd, QueueKind, Role, TerminalKind;
    as shown: EdgeKind, Family, NamespaceKind, OpenFlags, Reason, Slot;
}

/// The name of each register with what it holds.
impl Serialize for Registers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.list().iter().map(|register| (&register.name, &register.value)))
    }
}

/// The list, and what is remarkable about it.
impl Serialize for Strings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut strings = serializer.serialize_struct("Strings", 3)?;
        strings.serialize_field("strings", &self.iter().collect::<Vec<&BStr>>())?;
        strings.serialize_field("rewritten", &self.rewritten)?;
        strings.serialize_field("cut", &self.cut)?;
        strings.end()
    }
}

/// The extended attributes that a header has.
pub(crate) fn xattrs<S: Serializer>(header: &Option<&Member>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (name, value) in header.iter().flat_map(|header| header.xattrs()) {
        map.serialize_entry(&name.to_string(), value)?;
    }
    map.end()
}
