//! Numbers that must not be taken for each other.

use std::fmt;

use serde::{Serialize, Serializer};

/// Declares ids: a newtype over a number each, shown as that number.
macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident($number:ty);)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub $number);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl From<$number> for $name {
            fn from(number: $number) -> Self {
                Self(number)
            }
        }
    )+};
}

ids! {
    /// A process, as the pid namespace of the root process numbers it. Source: `pstree_entry.pid`, names of images.
    Pid(u32);
    /// A thread, in the same namespace. The first thread of a process has the number of the process.
    Tid(u32);
    /// A file descriptor of one process. Source: `fdinfo_entry.fd`.
    Fd(u32);
    /// An open file description, shared by all descriptors with this number. Source: `file_entry.id`.
    FileId(u32);
    /// A mount. Source: `mnt_entry.mnt_id`.
    MountId(u32);
    /// A namespace of any kind; one counter numbers them all. Source: `task_kobj_ids_entry`.
    NamespaceId(u32);
}

/// An address in the address space of a process; shown and serialised in lower-case hexadecimal with `0x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Vaddr(pub u64);

impl Vaddr {
    /// The address `bytes` further on, if there is one.
    pub fn checked_add(self, bytes: u64) -> Option<Self> {
        self.0.checked_add(bytes).map(Self)
    }
}

impl fmt::Display for Vaddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

impl From<u64> for Vaddr {
    fn from(address: u64) -> Self {
        Self(address)
    }
}

impl Serialize for Vaddr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_they_are_and_addresses_in_hexadecimal() {
        assert_eq!(
            [Pid(7).to_string(), format!("{:>4}", Fd(3)), format!("{:03}", Tid(5))],
            ["7", "   3", "005"]
        );
        assert_eq!([Vaddr(0).to_string(), Vaddr(u64::MAX).to_string()], ["0x0", "0xffffffffffffffff"]);
    }

    #[test]
    fn an_address_behind_the_last_is_none() {
        assert_eq!(Vaddr(1).checked_add(2), Some(Vaddr(3)));
        assert_eq!(Vaddr(u64::MAX).checked_add(0), Some(Vaddr(u64::MAX)));
        assert_eq!(Vaddr(u64::MAX).checked_add(1), None);
    }
}
