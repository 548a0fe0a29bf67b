//! Files that no longer have the name they were opened by, and the content of those that have none.

use bstr::BString;

use crate::declare::{enums, messages};

messages! {
    /// A file that no longer has its name: `remap-fpath.img`.
    RemapFilePathEntry("remap_file_path_entry") {
        /// The file, an id of `files.img`.
        1 orig_id: u32,
        /// Where it is now: an id of `files.img`, a ghost id or a pid, by `remap_type`.
        2 remap_id: u32,
        /// What `remap_id` is. Absent before CRIU 1.4: then bit 31 of `remap_id` says that the rest is a
        /// ghost id.
        3 remap_type: Option<RemapType>,
    }

    /// An unlinked file: `ghost-file-ID.img`, with its content behind the record.
    GhostFileEntry("ghost_file_entry") {
        /// Owner.
        1 uid: u32,
        /// Group.
        2 gid: u32,
        /// Type and permissions, as `st_mode`.
        3 mode: u32,
        /// Device of its file system; since CRIU 0.3.
        4 dev: Option<u32> as dev,
        /// Inode; since CRIU 0.3.
        5 ino: Option<u64>,
        /// Device that it is, if it is one; since CRIU 1.3.
        6 rdev: Option<u32> as odev,
        /// Time of last access; since CRIU 2.0.
        7 atim: Option<Timeval>,
        /// Time of last modification; since CRIU 2.0.
        8 mtim: Option<Timeval>,
        /// Whether the content comes in chunks, each a record of its own; since CRIU 3.3.
        9 chunks: Option<bool>,
        /// Size in bytes; set if the content comes in chunks. Since CRIU 3.3.
        10 size: Option<u64>,
        /// Target, if it is a symbolic link; since CRIU 3.14.
        11 symlnk_target: Option<BString>,
    }

    /// A piece of an unlinked file; its bytes follow the record. Between chunks are zeros.
    GhostChunkEntry("ghost_chunk_entry") {
        /// Bytes that follow.
        1 len: u64,
        /// Where they belong, in bytes.
        2 off: u64,
    }

    /// A point in time since 1970.
    Timeval("timeval") {
        /// Seconds.
        1 tv_sec: u64,
        /// Microseconds above the seconds.
        2 tv_usec: u64,
    }
}

enums! {
    /// Where a file without its name is.
    RemapType("remap_type") {
        /// Under another name, in a regular file of `files.img`.
        LINKED = 0,
        /// In a ghost image.
        GHOST = 1,
        /// In /proc of a process that is dead.
        PROCFS = 2,
    }
}
