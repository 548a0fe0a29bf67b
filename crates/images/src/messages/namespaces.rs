//! UTS, user, pid and time namespaces.

use alloc::vec::Vec;

use bstr::BString;

use crate::declare::messages;

messages! {
    /// A UTS namespace: `utsns-NS.img`.
    UtsnsEntry("utsns_entry") {
        /// Host name.
        1 nodename: BString,
        /// NIS domain name; "(none)" is the kernel's default.
        2 domainname: BString,
    }

    /// A user namespace: `userns-NS.img`. Ids in other images are inside values.
    UsernsEntry("userns_entry") {
        /// Map of user ids.
        1 uid_map: Vec<UidGidExtent>,
        /// Map of group ids.
        2 gid_map: Vec<UidGidExtent>,
    }

    /// A range of an id map.
    UidGidExtent("uid_gid_extent") {
        /// First id inside.
        1 first: u32,
        /// First id outside.
        2 lower_first: u32,
        /// Number of ids.
        3 count: u32,
    }

    /// A pid namespace: `pidns-NS.img`.
    PidnsEntry("pidns_entry") {
        /// Key of an external namespace.
        1 ext_key: Option<BString>,
    }

    /// A time namespace: `timens-NS.img`. Readings at the dump, not offsets; number 0 is the host's.
    TimensEntry("timens_entry") {
        /// `CLOCK_MONOTONIC`.
        1 monotonic: Timespec,
        /// `CLOCK_BOOTTIME`.
        2 boottime: Timespec,
    }

    /// A clock reading.
    Timespec("timespec") {
        /// Seconds.
        1 tv_sec: u64,
        /// Nanoseconds above the seconds.
        2 tv_nsec: u64,
    }
}
