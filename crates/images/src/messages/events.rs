//! Files that report events: eventfd, epoll, signalfd, timerfd, inotify, fanotify.

use alloc::vec::Vec;

use bstr::BString;

use super::FownEntry;
use crate::declare::{enums, messages};

messages! {
    /// An event counter. That it counts as a semaphore is not stored.
    EventfdFileEntry("eventfd_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32,
        /// Owner for SIGIO.
        3 fown: FownEntry,
        /// The count.
        4 counter: u64,
    }

    /// An epoll file.
    EventpollFileEntry("eventpoll_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32,
        /// Owner for SIGIO.
        3 fown: FownEntry,
        /// What it watches. Before CRIU 1.4 in an image of its own.
        4 tfd: Vec<EventpollTfdEntry>,
    }

    /// One descriptor that an epoll file watches.
    EventpollTfdEntry("eventpoll_tfd_entry") {
        /// The epoll file; 0 inside its record.
        1 id: u32,
        /// Number of the descriptor in the process that has the epoll file.
        2 tfd: u32,
        /// `EPOLL*` bits.
        3 events: u32,
        /// What the program gets back with an event.
        4 data: u64,
        /// Device of the watched file; since CRIU 3.11.
        5 dev: Option<u32>,
        /// Inode of the watched file; since CRIU 3.11.
        6 inode: Option<u64>,
        /// Offset of the watched file; since CRIU 3.11.
        7 pos: Option<u64>,
    }

    /// A signal file.
    SignalfdEntry("signalfd_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32 as hex,
        /// Owner for SIGIO.
        3 fown: FownEntry,
        /// Signals that it takes; bit n-1 is signal n.
        4 sigmask: u64 as hex,
    }

    /// A timer file.
    TimerfdEntry("timerfd_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32 as hex,
        /// Owner for SIGIO.
        3 fown: FownEntry,
        /// Clock: 0 REALTIME, 1 MONOTONIC, 7 BOOTTIME, 8 and 9 with alarm.
        4 clockid: u32,
        /// Expirations that were not read yet.
        5 ticks: u64,
        /// 1 absolute time, 2 cancelled when the clock is set.
        6 settime_flags: u32 as hex,
        /// Time left, seconds.
        7 vsec: u64,
        /// Time left, nanoseconds above the seconds.
        8 vnsec: u64,
        /// Interval, seconds.
        9 isec: u64,
        /// Interval, nanoseconds above the seconds.
        10 insec: u64,
    }

    /// An inotify file. Pending events are not stored.
    InotifyFileEntry("inotify_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32 as hex,
        /// Owner for SIGIO.
        4 fown: FownEntry,
        /// Its watches. Before CRIU 1.4 in an image of their own.
        5 wd: Vec<InotifyWdEntry>,
    }

    /// One inotify watch.
    InotifyWdEntry("inotify_wd_entry") {
        /// The inotify file; 0 inside its record.
        1 id: u32,
        /// Inode that is watched.
        2 i_ino: u64,
        /// `IN_*` bits.
        3 mask: u32 as hex,
        /// 0.
        4 ignored_mask: u32 as hex,
        /// Device of the watched inode.
        5 s_dev: u32 as dev,
        /// Number of the watch.
        6 wd: u32,
        /// File handle of the watched inode.
        7 f_handle: FhEntry,
    }

    /// A fanotify file.
    FanotifyFileEntry("fanotify_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32 as hex,
        /// Owner for SIGIO.
        3 fown: FownEntry,
        /// Flags of fanotify_init(2).
        4 faflags: u32 as hex,
        /// Open flags of the descriptors in its events.
        5 evflags: u32 as hex,
        /// Its marks. Before CRIU 1.4 in an image of their own.
        6 mark: Vec<FanotifyMarkEntry>,
    }

    /// One fanotify mark.
    FanotifyMarkEntry("fanotify_mark_entry") {
        /// The fanotify file; 0 inside its record.
        1 id: u32,
        /// Whether `ie` or `me` is set.
        2 r#type: MarkType,
        /// Flags of the mark.
        3 mflags: u32 as hex,
        /// Events that are reported.
        4 mask: u32 as hex,
        /// Events that are not.
        5 ignored_mask: u32 as hex,
        /// Device that is watched.
        6 s_dev: u32 as dev,
        /// Mark on an inode.
        7 ie: Option<FanotifyInodeMarkEntry>,
        /// Mark on a mount.
        8 me: Option<FanotifyMountMarkEntry>,
    }

    /// A mark on an inode.
    FanotifyInodeMarkEntry("fanotify_inode_mark_entry") {
        /// The inode.
        1 i_ino: u64,
        /// Its file handle.
        2 f_handle: FhEntry,
    }

    /// A mark on a mount.
    FanotifyMountMarkEntry("fanotify_mount_mark_entry") {
        /// The mount.
        1 mnt_id: u32,
        /// Its path; only without mount namespaces. Since CRIU 3.1.
        2 path: Option<BString>,
    }

    /// A file handle as the kernel gives it.
    FhEntry("fh_entry") {
        /// Bytes of `handle` that count.
        1 bytes: u32,
        /// Type of handle; 1 is a 32-bit inode with its generation.
        2 r#type: u32,
        /// The handle: 16 words in memory order of the machine.
        3 handle: Vec<u64>,
        /// Path of the file: absolute, or relative to the root of the mount. Since CRIU 1.2.
        4 path: Option<BString>,
        /// The mount; since CRIU 1.7.1.
        5 mnt_id: Option<u32>,
    }

    /// The path of a watched inode, found by a pre-dump: `irmap-cache`.
    IrmapCacheEntry("irmap_cache_entry") {
        /// Device.
        1 dev: u32 as odev,
        /// Inode.
        2 inode: u64,
        /// Path.
        3 path: BString,
    }
}

enums! {
    /// What a fanotify mark is on.
    MarkType("mark_type") {
        /// An inode.
        INODE = 1,
        /// A mount.
        MOUNT = 2,
    }

    /// Sizes of file handles.
    FhEntrySizes("fh_entry_sizes") {
        /// Words that every handle has.
        min_entries = 16,
    }
}
