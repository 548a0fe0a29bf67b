//! Mounts and what is mounted.

use bstr::BString;

use crate::declare::{enums, messages};

messages! {
    /// One mount: `mountpoints-NS.img`. Ids are those of the kernel that was dumped.
    MntEntry("mnt_entry") {
        /// File system, a [`Fstype`].
        1 fstype: u32,
        /// Id of the mount.
        2 mnt_id: u32,
        /// Device of the file system; equal devices are one file system.
        3 root_dev: u32 as dev,
        /// Mount that it is on. That of the root is not in the image.
        4 parent_mnt_id: u32,
        /// `MS_*` bits of the mount.
        5 flags: u32 as hex,
        /// Directory of the file system that is mounted.
        6 root: BString,
        /// Path in the mount namespace.
        7 mountpoint: BString,
        /// Device or name.
        8 source: BString,
        /// Options of the file system, without rw and ro.
        9 options: BString,
        /// Peer group, 0 none; since CRIU 0.7.
        10 shared_id: Option<u32>,
        /// Group that it receives from, 0 none; since CRIU 0.7.
        11 master_id: Option<u32>,
        /// Whether a plugin handles it; since CRIU 1.1.
        12 with_plugin: Option<bool>,
        /// Before CRIU 3.0: whether it is external and `root` its key. Since CRIU 1.3.
        13 ext_mount: Option<bool>,
        /// Name of the file system; only if `fstype` is AUTO. Since CRIU 1.6.
        14 fsname: Option<BString>,
        /// Whether its peer group has no member outside of the dump; since CRIU 1.6.
        15 internal_sharing: Option<bool>,
        /// Whether what it was mounted from is removed; since CRIU 1.7.
        16 deleted: Option<bool>,
        /// `MS_*` bits of the file system; since CRIU 1.8.
        17 sb_flags: Option<u32> as hex,
        /// Key of an external mount, whose content is not in the dump; since CRIU 3.0.
        18 ext_key: Option<BString>,
    }

    /// An automount point: `autofs-DEV.img`.
    AutofsEntry("autofs_entry") {
        /// Write end of its pipe, a descriptor number; -1 is none.
        1 fd: i32,
        /// Process group that serves it, virtual.
        2 pgrp: i32,
        /// Seconds until it is unmounted.
        3 timeout: i32,
        /// Lowest protocol version.
        4 minproto: i32,
        /// Highest protocol version.
        5 maxproto: i32,
        /// 0 direct, 1 indirect, 2 offset.
        6 mode: i32,
        /// User who mounted it.
        7 uid: Option<i32>,
        /// Group of who mounted it.
        8 gid: Option<i32>,
        /// Read end of its pipe, a descriptor number; -1 is none.
        9 read_fd: Option<i32>,
    }

    /// An interpreter for a binary format: `binfmt-misc.img`.
    BinfmtMiscEntry("binfmt_misc_entry") {
        /// Name of the entry.
        1 name: BString,
        /// Whether it is in use.
        2 enabled: bool,
        /// Path of the interpreter.
        3 interpreter: BString,
        /// Flags, as letters.
        4 flags: Option<BString>,
        /// File name extension that it takes.
        5 extension: Option<BString>,
        /// Bytes that it takes, as hexadecimal digits.
        6 magic: Option<BString>,
        /// Bits of `magic` that count, as hexadecimal digits.
        7 mask: Option<BString>,
        /// Where in the file `magic` is.
        8 offset: Option<i32>,
    }
}

enums! {
    /// A file system.
    Fstype("fstype") {
        /// Not one of these; its name is not stored.
        UNSUPPORTED = 0,
        /// proc.
        PROC = 1,
        /// sysfs.
        SYSFS = 2,
        /// devtmpfs.
        DEVTMPFS = 3,
        /// binfmt_misc.
        BINFMT_MISC = 4,
        /// tmpfs.
        TMPFS = 5,
        /// devpts.
        DEVPTS = 6,
        /// simfs.
        SIMFS = 7,
        /// pstore.
        PSTORE = 8,
        /// securityfs.
        SECURITYFS = 9,
        /// fusectl.
        FUSECTL = 10,
        /// debugfs.
        DEBUGFS = 11,
        /// cgroup, version 1.
        CGROUP = 12,
        /// aufs.
        AUFS = 13,
        /// mqueue.
        MQUEUE = 14,
        /// fuse.
        FUSE = 15,
        /// The one that `fsname` names.
        AUTO = 16,
        /// overlay.
        OVERLAYFS = 17,
        /// autofs.
        AUTOFS = 18,
        /// tracefs.
        TRACEFS = 19,
        /// cgroup2.
        CGROUP2 = 23,
    }
}
