//! Descriptors and what they refer to, but for sockets and event files.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bstr::BString;

use super::{EventfdFileEntry, EventpollFileEntry, FanotifyFileEntry, InetSkEntry, InotifyFileEntry, NetlinkSkEntry, PacketSockEntry, SignalfdEntry, TimerfdEntry, TtyFileEntry, TunfileEntry, UnixSkEntry};
use crate::declare::{enums, messages};
use crate::names::{RFILE_FLAGS, SEALS};

messages! {
    /// One descriptor: `fdinfo-FILES_ID.img`.
    FdinfoEntry("fdinfo_entry") {
        /// The open file description, an id of `files.img`.
        1 id: u32,
        /// 1 is close-on-exec.
        2 flags: u32,
        /// What it is; as in its record of `files.img`.
        3 r#type: FdTypes,
        /// Number of the descriptor.
        4 fd: u32,
        /// SELinux label of a socket; since CRIU 3.13.
        5 xattr_security_selinux: Option<BString>,
    }

    /// One open file description, or a file that is referred to otherwise: `files.img`. One of the messages
    /// is set.
    FileEntry("file_entry") {
        /// Which of the messages is set.
        1 r#type: FdTypes,
        /// Number that descriptors, areas and others refer to; never 0.
        2 id: u32,
        /// A file with a path: also directories, devices, and the paths of FIFOs and terminals.
        3 reg: Option<Box<RegFileEntry>>,
        /// An internet socket.
        4 isk: Option<Box<InetSkEntry>>,
        /// A namespace.
        5 nsf: Option<Box<NsFileEntry>>,
        /// A packet socket.
        6 psk: Option<Box<PacketSockEntry>>,
        /// A netlink socket.
        7 nlsk: Option<Box<NetlinkSkEntry>>,
        /// An event counter.
        8 efd: Option<Box<EventfdFileEntry>>,
        /// An epoll file.
        9 epfd: Option<Box<EventpollFileEntry>>,
        /// A signal file.
        10 sgfd: Option<Box<SignalfdEntry>>,
        /// A tun device.
        11 tunf: Option<Box<TunfileEntry>>,
        /// A timer file.
        12 tfd: Option<Box<TimerfdEntry>>,
        /// An inotify file.
        13 ify: Option<Box<InotifyFileEntry>>,
        /// A fanotify file.
        14 ffy: Option<Box<FanotifyFileEntry>>,
        /// A file of a plugin.
        15 ext: Option<Box<ExtFileEntry>>,
        /// A unix socket.
        16 usk: Option<Box<UnixSkEntry>>,
        /// A FIFO.
        17 fifo: Option<Box<FifoEntry>>,
        /// An end of a pipe.
        18 pipe: Option<Box<PipeEntry>>,
        /// A terminal.
        19 tty: Option<Box<TtyFileEntry>>,
        /// A memory file; since CRIU 3.14.
        20 memfd: Option<Box<MemfdFileEntry>>,
        /// A BPF map; since CRIU 3.15.
        21 bpf: Option<Box<BpfmapFileEntry>>,
        /// A process; since CRIU 4.1.
        22 pidfd: Option<Box<PidfdEntry>>,
    }

    /// Who gets SIGIO for a file. Pid 0 is nobody.
    FownEntry("fown_entry") {
        /// Real user id of who set it.
        1 uid: u32,
        /// Effective user id of who set it.
        2 euid: u32,
        /// The signal; 0 is SIGIO.
        3 signum: u32,
        /// 0 thread, 1 process, 2 process group.
        4 pid_type: u32,
        /// Virtual id of the owner.
        5 pid: u32,
    }

    /// A file with a path.
    RegFileEntry("reg_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags of the dumped architecture, without close-on-exec. 0 if nobody has it open (cwd,
        /// executable …).
        2 flags: u32 as flags(RFILE_FLAGS),
        /// File offset in bytes.
        3 pos: u64,
        /// Owner for SIGIO.
        5 fown: FownEntry,
        /// Path from the root of the mount namespace, or the key `file[…]` of an external file. " (deleted)"
        /// is cut off.
        6 name: BString,
        /// The mount; absent if mount namespaces were not dumped. Since CRIU 1.3.
        7 mnt_id: Option<i32> as zigzag,
        /// Size in bytes; regular files only. Since CRIU 1.3.
        8 size: Option<u64>,
        /// Whether the file is external and `name` its key; since CRIU 2.0.
        9 ext: Option<bool>,
        /// Type and permissions, as `st_mode`; since CRIU 2.4.
        10 mode: Option<u32>,
        /// GNU build id of an ELF file, packed into words in memory order, zero padded; since CRIU 3.15.
        11 build_id: Vec<u32>,
        /// Reserved; not written. Since CRIU 3.15.
        12 checksum: Option<u32>,
        /// Reserved; not written. Since CRIU 3.15.
        13 checksum_config: Option<u32>,
        /// Reserved; not written. Since CRIU 3.15.
        14 checksum_parameter: Option<u32>,
    }

    /// One end of a pipe.
    PipeEntry("pipe_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// The pipe: its inode. Both ends have the same.
        2 pipe_id: u32,
        /// Open flags; the lower two bits: 0 read end, 1 write end.
        3 flags: u32 as hex,
        /// Owner for SIGIO.
        4 fown: FownEntry,
        /// Owner of the inode; development branch of 2026.
        5 uid: Option<u32>,
        /// Group of the inode; development branch of 2026.
        6 gid: Option<u32>,
    }

    /// Bytes that were in a pipe or FIFO: `pipes-data.img`, `fifo-data.img`. They follow the record.
    PipeDataEntry("pipe_data_entry") {
        /// The pipe: its inode.
        1 pipe_id: u32,
        /// Number of bytes that follow.
        2 bytes: u32,
        /// Capacity of the pipe in bytes; since CRIU 0.4.
        3 size: Option<u32>,
    }

    /// An open FIFO.
    FifoEntry("fifo_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// The pipe behind it: its inode.
        2 pipe_id: u32,
        /// The file with its path, an id of `files.img`; before CRIU 3.6 the same id.
        3 regf_id: Option<u32>,
    }

    /// An open namespace.
    NsFileEntry("ns_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// The namespace, as in `ids` images.
        2 ns_id: u32,
        /// Its kind, as the flag of clone(2).
        3 ns_cflag: u32,
        /// Open flags.
        4 flags: u32,
    }

    /// A file that a plugin dumped.
    ExtFileEntry("ext_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Owner for SIGIO.
        5 fown: FownEntry,
    }

    /// An open memory file.
    MemfdFileEntry("memfd_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32 as flags(RFILE_FLAGS),
        /// File offset in bytes.
        3 pos: u64,
        /// Owner for SIGIO.
        4 fown: FownEntry,
        /// The memory file, an `inode_id` of `memfd.img`.
        5 inode_id: u32,
    }

    /// A memory file: `memfd.img`. Shared anonymous memory is one of name `/dev/zero`, or of huge pages `/anon_hugepage`.
    MemfdInodeEntry("memfd_inode_entry") {
        /// Its name, without "memfd:".
        1 name: BString,
        /// Owner.
        2 uid: u32,
        /// Group.
        3 gid: u32,
        /// Size in bytes.
        4 size: u64,
        /// Number of the `pagemap-shmem` image with its content.
        5 shmid: u32,
        /// `F_SEAL_*` bits.
        6 seals: u32 as flags(SEALS),
        /// Its number, that open files refer to.
        7 inode_id: u64,
        /// Size of its huge pages, as in flags of memfd_create(2); since CRIU 3.17.
        8 hugetlb_flag: Option<u32>,
        /// Type and permissions, as `st_mode`; since CRIU 3.19.
        9 mode: Option<u32>,
    }

    /// An open BPF map.
    BpfmapFileEntry("bpfmap_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Open flags.
        2 flags: u32 as flags(RFILE_FLAGS),
        /// File offset in bytes.
        3 pos: u64,
        /// Owner for SIGIO.
        4 fown: FownEntry,
        /// 1 hash, 2 array.
        5 map_type: u32,
        /// Bytes of a key.
        6 key_size: u32,
        /// Bytes of a value.
        7 value_size: u32,
        /// Id of the map; its content is in `bpfmap-data.img`.
        8 map_id: u32,
        /// Entries that it can hold.
        9 max_entries: u32,
        /// `BPF_F_*` flags.
        10 map_flags: u32,
        /// Bytes of locked memory.
        11 memlock: u64,
        /// Whether it can no longer be written from user space.
        12 frozen: bool,
        /// Its name.
        13 map_name: BString,
        /// Network device that it is bound to; 0 is none.
        14 ifindex: u32,
        /// The mount; absent or -1 if not known.
        15 mnt_id: Option<i32> as zigzag,
        /// Extra number of some map types; since CRIU 3.17.
        16 map_extra: Option<u64>,
    }

    /// Content of a BPF map: `bpfmap-data.img`. All keys, then all values follow the record.
    BpfmapDataEntry("bpfmap_data_entry") {
        /// The map.
        1 map_id: u32,
        /// Bytes of all keys.
        2 keys_bytes: u32,
        /// Bytes of all values.
        3 values_bytes: u32,
        /// Number of keys, and of values.
        4 count: u32,
    }

    /// A file that stands for a process.
    PidfdEntry("pidfd_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Inode, one for each process.
        2 ino: u32,
        /// Open flags, without the access mode.
        3 flags: u32,
        /// Virtual pid; -1 if the process is gone.
        4 nspid: i32,
        /// Owner for SIGIO.
        5 fown: FownEntry,
    }

    /// What a pidfd tells about a process that is gone; development branch of 2026.
    PidfsAttrEntry("pidfs_attr_entry") {
        /// Wait status.
        1 exit_code: Option<i32> as zigzag,
        /// Inode of the pidfd.
        2 ino: Option<u64>,
        /// Pid at the dump.
        3 dump_pid: Option<u32>,
    }

    /// A file lock: `filelocks.img`.
    FileLockEntry("file_lock_entry") {
        /// Kind: 1 POSIX, 2 flock, 4 open file description, 8 lease.
        1 flag: u32,
        /// POSIX and leases: 0 read, 1 write, 2 none; flock: 0 shared, 1 exclusive, 32 with 64 and 128
        /// mandatory.
        2 r#type: u32,
        /// Virtual pid of the holder.
        3 pid: i32,
        /// Descriptor through which it is held.
        4 fd: i32,
        /// First byte.
        5 start: i64,
        /// Number of bytes; 0 is to the end.
        6 len: i64,
    }
}

enums! {
    /// What a descriptor is.
    FdTypes("fd_types") {
        /// Nothing that is known.
        UND = 0,
        /// A file with a path.
        REG = 1,
        /// A pipe.
        PIPE = 2,
        /// A FIFO.
        FIFO = 3,
        /// An internet socket.
        INETSK = 4,
        /// A unix socket.
        UNIXSK = 5,
        /// An event counter.
        EVENTFD = 6,
        /// An epoll file.
        EVENTPOLL = 7,
        /// An inotify file.
        INOTIFY = 8,
        /// A signal file.
        SIGNALFD = 9,
        /// A packet socket.
        PACKETSK = 10,
        /// A terminal.
        TTY = 11,
        /// A fanotify file.
        FANOTIFY = 12,
        /// A netlink socket.
        NETLINKSK = 13,
        /// A namespace.
        NS = 14,
        /// A tun device.
        TUNF = 15,
        /// A file of a plugin.
        EXT = 16,
        /// A timer file.
        TIMERFD = 17,
        /// A memory file.
        MEMFD = 18,
        /// A BPF map.
        BPFMAP = 19,
        /// A process.
        PIDFD = 20,
        /// The controlling terminal; used while restoring, never stored.
        CTL_TTY = 65534,
        /// The pipe of an automount; used while restoring, never stored.
        AUTOFS_PIPE = 65535,
    }
}
