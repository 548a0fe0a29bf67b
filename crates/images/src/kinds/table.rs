//! The table of image kinds. A new kind is one row.

use super::{FileName, Framing, Row};
use crate::message::Message;
use crate::messages::*;
use crate::raw::{bpf_map, ghost_file, pipe_data, sk_queue, sysv, tcp_stream};

/// Declares the kinds. One row
///
/// ```text
/// /// Pending signals.
/// Signal = "SIGNAL" 0x5925_5647 One many (SiginfoEntry) ["signal-s-{u}.img" by "pid" since "0.5" until "1.2"];
/// ```
///
/// becomes a variant with this doc and a [`Row`]. Behind the messages a row may say `payload FUNCTION`.
macro_rules! image_kinds {
    ($($(#[doc = $about:literal])+ $kind:ident = $name:literal $($magic:literal)? $framing:ident $count:ident
        $(($($message:ident),*))? $(payload $payload:path)?
        [$($pattern:literal $(by $by:literal)? since $since:literal $(until $until:literal)?),* $(,)?];)*) => {
        /// A kind of image.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[doc = $about])+ $kind,)*
        }

        impl Kind {
            /// All kinds, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// What is known about the kind.
            #[must_use]
            pub fn row(self) -> &'static Row {
                match self {
                    $(Self::$kind => &Row {
                        kind: Self::$kind,
                        name: $name,
                        about: concat!($($about),+),
                        magic: optional!($($magic)?),
                        framing: Framing::$framing,
                        single: count!($count),
                        files: &[$(FileName {
                            pattern: $pattern,
                            by: text!($($by)?),
                            since: $since,
                            until: text!($($until)?),
                        }),*],
                        messages: &[$($(<$message as Message>::descriptor),*)?],
                        payload: optional!($($payload)?),
                    },)*
                }
            }
        }
    };
}

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

macro_rules! text {
    () => {
        ""
    };
    ($text:literal) => {
        $text
    };
}

macro_rules! count {
    (single) => {
        true
    };
    (many) => {
        false
    };
}

image_kinds! {
    /// The head of a checkpoint: version of the images, namespaces of CRIU itself. The only image whose magic
    /// stands alone since 1.6.
    Inventory = "INVENTORY" 0x5831_3116 One single (InventoryEntry) ["inventory.img" since "0.1"];
    /// The process tree: a record for each process, parents before children, zombies too.
    Pstree = "PSTREE" 0x5027_3030 Common many (PstreeEntry) ["pstree.img" since "0.1"];
    /// Registers and attributes of one thread; the leader also has those of its process.
    Core = "CORE" 0x5505_3847 Common single (CoreEntry) ["core-{u}.img" by "thread id" since "0.1"];
    /// Which resources and namespaces a process shares with others. Zombies have none.
    Ids = "IDS" 0x5443_2030 Common single (TaskKobjIdsEntry) ["ids-{u}.img" by "pid" since "0.4"];
    /// The memory areas of a process. Zombies have none.
    Mm = "MM" 0x5749_2820 Common single (MmEntry) ["mm-{u}.img" by "pid" since "0.1"];
    /// Current directory, root and umask of a process.
    Fs = "FS" 0x5140_3912 Common single (FsEntry) ["fs-{u}.img" by "pid" since "0.1"];
    /// A descriptor table. The number is a `files_id`, not a pid.
    Fdinfo = "FDINFO" 0x5621_3732 Common many (FdinfoEntry) ["fdinfo-{u}.img" by "files_id" since "0.1"];
    /// Which pages of a process are stored and where.
    Pagemap = "PAGEMAP" 0x5608_4025 Common many (PagemapHead, PagemapEntry)
        ["pagemap-{lu}.img" by "pid" since "0.5"];
    /// Which pages of a shared object are stored and where; addresses are offsets in the object.
    ShmemPagemap = "PAGEMAP" 0x5608_4025 Common many (PagemapHead, PagemapEntry)
        ["pagemap-shmem-{lu}.img" by "shmid" since "0.5"];
    /// Page contents, one behind the other. Pages that came through a page server count from 65537.
    Pages = "PAGES" Raw single ["pages-{u}.img" by "pages_id" since "0.5"];
    /// All open file descriptions of the checkpoint, and files that are referred to otherwise.
    Files = "FILES" 0x5630_3138 Common many (FileEntry) ["files.img" since "3.4"];
    /// Files that no longer have the name they were opened by.
    RemapFpath = "REMAP_FPATH" 0x5913_3954 Common many (RemapFilePathEntry) ["remap-fpath.img" since "0.1"];
    /// An unlinked file with its content: plain behind the record, or chunks with a record each. The number
    /// is hexadecimal.
    GhostFile = "GHOST_FILE" 0x5258_3605 Common single (GhostFileEntry, GhostChunkEntry) payload ghost_file::length
        ["ghost-file-{x}.img" by "ghost id" since "0.1"];
    /// Control groups: the sets that tasks are in, and the properties of each group.
    Cgroup = "CGROUP" 0x5938_3330 Common single (CgroupEntry) ["cgroup.img" since "1.3"];
    /// All seccomp filters. Often one record of length 0.
    Seccomp = "SECCOMP" 0x6441_3049 Common single (SeccompEntry) ["seccomp.img" since "1.8"];
    /// Stacked AppArmor namespaces and policies.
    Apparmor = "APPARMOR" 0x5942_3047 Common single (ApparmorEntry) ["apparmor.img" since "3.16"];
    /// File locks; stored if the dump was asked for them.
    FileLocks = "FILE_LOCKS" 0x5432_3616 Common many (FileLockEntry) [
        "filelocks.img" since "1.3",
        "filelocks-{u}.img" by "pid" since "0.4" until "1.2",
    ];
    /// Clock readings in a time namespace; number 0 is that of the host.
    Timens = "TIMENS" 0x4311_4433 Common single (TimensEntry) ["timens-{u}.img" by "time_ns_id" since "3.14"];
    /// The key of an external pid namespace.
    Pidns = "PIDNS" 0x6115_7326 Common single (PidnsEntry) ["pidns-{u}.img" by "pid_ns_id" since "3.15"];
    /// Id maps of a user namespace.
    Userns = "USERNS" 0x5547_4906 Common single (UsernsEntry) ["userns-{u}.img" by "user_ns_id" since "1.4"];
    /// Host and domain name.
    Utsns = "UTSNS" 0x5447_3203 Common single (UtsnsEntry) ["utsns-{u}.img" by "uts_ns_id" since "0.1"];
    /// The mounts of a mount namespace, last one first.
    Mnts = "MNTS" 0x5556_3928 Common many (MntEntry) ["mountpoints-{u}.img" by "mnt_ns_id" since "0.1"];
    /// The limits of an IPC namespace.
    IpcnsVar = "IPC_VAR" 0x5311_5007 Common single (IpcVarEntry)
        ["ipcns-var-{u}.img" by "ipc_ns_id" since "0.1"];
    /// SysV shared memory segments. Their content is in `pagemap-shmem` images since 3.0, behind the records
    /// before.
    IpcnsShm = "IPCNS_SHM" 0x4628_3044 Common many (IpcShmEntry) payload sysv::memory_length
        ["ipcns-shm-{u}.img" by "ipc_ns_id" since "0.1"];
    /// SysV message queues, with their messages behind each record.
    IpcnsMsg = "IPCNS_MSG" 0x5545_3737 Common many (IpcMsgEntry) payload sysv::messages_length
        ["ipcns-msg-{u}.img" by "ipc_ns_id" since "0.1"];
    /// SysV semaphore sets, with their values behind each record.
    IpcnsSem = "IPCNS_SEM" 0x5957_3019 Common many (IpcSemEntry) payload sysv::semaphores_length
        ["ipcns-sem-{u}.img" by "ipc_ns_id" since "0.1"];
    /// Network devices.
    Netdev = "NETDEV" 0x5737_3951 Common many (NetDeviceEntry) ["netdev-{u}.img" by "net_ns_id" since "0.2"];
    /// Sysctls and ids of a network namespace, or its key if it is external.
    Netns = "NETNS" 0x5593_3752 Common single (NetnsEntry) ["netns-{u}.img" by "net_ns_id" since "1.6"];
    /// Addresses of the network devices, as `ip addr save` wrote them.
    Ifaddr = "IFADDR" Raw single ["ifaddr-{u}.img" by "net_ns_id" since "0.2"];
    /// IPv4 routes, as `ip route save` wrote them.
    Route = "ROUTE" Raw single ["route-{u}.img" by "net_ns_id" since "0.2"];
    /// IPv6 routes, as `ip route save` wrote them.
    Route6 = "ROUTE6" Raw single ["route6-{u}.img" by "net_ns_id" since "1.8"];
    /// Routing rules, as `ip rule save` wrote them.
    Rule = "RULE" Raw single ["rule-{u}.img" by "net_ns_id" since "1.8"];
    /// Text of `iptables-save`; may be empty.
    Iptables = "IPTABLES" Raw single ["iptables-{u}.img" by "net_ns_id" since "0.8"];
    /// Text of `ip6tables-save`; may be empty.
    Ip6tables = "IP6TABLES" Raw single ["ip6tables-{u}.img" by "net_ns_id" since "1.8"];
    /// Text of `nft list ruleset`; may hold the network lock of CRIU itself.
    Nftables = "NFTABLES" Raw single ["nftables-{u}.img" by "net_ns_id" since "3.14"];
    /// Tracked connections: netlink messages without any magic.
    NetnfCt = "NETNF_CT" Raw single ["netns-ct-{u}.img" by "net_ns_id" since "2.0"];
    /// Expected connections: netlink messages without any magic.
    NetnfExp = "NETNF_EXP" Raw single ["netns-exp-{u}.img" by "net_ns_id" since "2.0"];
    /// Content of a tmpfs, as a compressed tar. The number is the device of the file system.
    TmpfsDev = "TMPFS_DEV" Raw single ["tmpfs-dev-{u}.tar.gz.img" by "device" since "1.3"];
    /// Content of a tmpfs, as a compressed tar.
    TmpfsImg = "TMPFS_IMG" Raw single ["tmpfs-{u}.tar.gz.img" by "mnt_id" since "0.2" until "1.2"];
    /// An automount point.
    Autofs = "AUTOFS" 0x4935_3943 Common single (AutofsEntry) ["autofs-{u}.img" by "device" since "2.4"];
    /// Interpreters registered for binary formats.
    BinfmtMisc = "BINFMT_MISC" 0x6734_3323 Common many (BinfmtMiscEntry) [
        "binfmt-misc.img" since "2.7",
        "binfmt-misc-{u}.img" by "device" since "2.0" until "2.6",
    ];
    /// Terminals.
    TtyInfo = "TTY_INFO" 0x5945_3036 Common many (TtyInfoEntry) ["tty-info.img" since "0.2"];
    /// Unread input of terminals.
    TtyData = "TTY_DATA" 0x5941_3026 Common many (TtyDataEntry) ["tty-data.img" since "2.3"];
    /// Bytes in pipes, behind each record.
    PipesData = "PIPES_DATA" 0x5645_3709 Common many (PipeDataEntry) payload pipe_data::length
        ["pipes-data.img" since "0.1"];
    /// Bytes in FIFOs, behind each record.
    FifoData = "FIFO_DATA" 0x5933_3054 Common many (PipeDataEntry) payload pipe_data::length
        ["fifo-data.img" since "0.1"];
    /// Packets in the receive queues of sockets, behind each record.
    SkQueues = "SK_QUEUES" 0x5626_4026 Common many (SkPacketEntry) payload sk_queue::length
        ["sk-queues.img" since "0.1"];
    /// State and queues of one TCP connection. The number is hexadecimal.
    TcpStream = "TCP_STREAM" 0x5146_5506 Common single (TcpStreamEntry) payload tcp_stream::length
        ["tcp-stream-{x}.img" by "inode" since "0.1"];
    /// Memory files, among them shared anonymous memory.
    MemfdInode = "MEMFD_INODE" 0x4845_3499 Common many (MemfdInodeEntry) ["memfd.img" since "3.14"];
    /// Keys and values of BPF maps, behind each record.
    BpfmapData = "BPFMAP_DATA" 0x6432_4033 Common many (BpfmapDataEntry) payload bpf_map::length
        ["bpfmap-data.img" since "3.15"];
    /// Features of the machine's processor; stored if the dump was asked for them.
    Cpuinfo = "CPUINFO" 0x6140_4013 Common single (CpuinfoEntry) ["cpuinfo.img" since "1.4"];
    /// Times and counts of the dump or the restore. No `.img` suffix; beside the image directory.
    Stats = "STATS" 0x5709_3306 Service single (StatsEntry) [
        "stats-dump" since "0.6",
        "stats-restore" since "0.7",
    ];
    /// Paths of watched inodes, from a pre-dump. No `.img` suffix; beside the image directory.
    IrmapCache = "IRMAP_CACHE" 0x5700_4059 Service many (IrmapCacheEntry) ["irmap-cache" since "1.2"];
    /// Credentials of a process; in the core image since 2.0.
    Creds = "CREDS" 0x5402_3547 Common many (CredsEntry) ["creds-{u}.img" by "pid" since "0.1" until "1.8"];
    /// Memory areas of a process; in the mm image since 1.2.
    Vmas = "VMAS" 0x5412_3737 One many (VmaEntry) ["vmas-{u}.img" by "pid" since "0.1" until "1.1"];
    /// Signal actions of a process; in the core image since 3.1.
    Sigact = "SIGACT" 0x5534_4201 Common many (SaEntry) ["sigacts-{u}.img" by "pid" since "0.1" until "3.0"];
    /// Interval timers (real, virtual, prof); in the core image since 1.3.
    Itimers = "ITIMERS" 0x5746_4056 One many (ItimerEntry)
        ["itimers-{u}.img" by "pid" since "0.1" until "1.2"];
    /// POSIX timers; in the core image since 1.3.
    PosixTimers = "POSIX_TIMERS" 0x5260_3957 One many (PosixTimerEntry)
        ["posix-timers-{u}.img" by "pid" since "0.6" until "1.2"];
    /// Resource limits; in the core image since 1.3.
    Rlimit = "RLIMIT" 0x5711_3925 One many (RlimitEntry) ["rlimit-{u}.img" by "pid" since "0.4" until "1.2"];
    /// Pending signals of a process (`s`) or a thread (`p`); in the core image since 1.3.
    Signal = "SIGNAL" 0x5925_5647 One many (SiginfoEntry) [
        "signal-s-{u}.img" by "pid" since "0.5" until "1.2",
        "signal-p-{u}.img" by "thread id" since "0.5" until "1.2",
    ];
    /// Targets of epoll files; inside their records since 1.4.
    EventpollTfd = "EVENTPOLL_TFD" 0x4443_3746 One many (EventpollTfdEntry)
        ["eventpoll-tfd.img" since "0.1" until "1.3"];
    /// Watches of inotify files; inside their records since 1.4.
    InotifyWd = "INOTIFY_WD" 0x5456_2009 One many (InotifyWdEntry) ["inotify-wd.img" since "0.1" until "1.3"];
    /// Marks of fanotify files; inside their records since 1.4.
    FanotifyMark = "FANOTIFY_MARK" 0x5650_6035 One many (FanotifyMarkEntry)
        ["fanotify-mark.img" since "0.4" until "1.3"];
    /// Regular files; in `files.img` since 3.4.
    RegFiles = "REG_FILES" 0x5036_3636 Common many (RegFileEntry) ["reg-files.img" since "0.1" until "3.3"];
    /// Pipes; in `files.img` since 3.4.
    Pipes = "PIPES" 0x5651_3555 Common many (PipeEntry) ["pipes.img" since "0.1" until "3.3"];
    /// FIFOs; in `files.img` since 3.4.
    Fifo = "FIFO" 0x5836_4939 Common many (FifoEntry) ["fifo.img" since "0.1" until "3.3"];
    /// Unix sockets; in `files.img` since 3.4.
    Unixsk = "UNIXSK" 0x5437_3943 Common many (UnixSkEntry) ["unixsk.img" since "0.1" until "3.3"];
    /// Internet sockets; in `files.img` since 3.4.
    Inetsk = "INETSK" 0x5644_3851 Common many (InetSkEntry) ["inetsk.img" since "0.1" until "3.3"];
    /// Packet sockets; in `files.img` since 3.4.
    Packetsk = "PACKETSK" 0x6045_4618 Common many (PacketSockEntry) ["packetsk.img" since "0.2" until "3.3"];
    /// Netlink sockets; in `files.img` since 3.4.
    NetlinkSk = "NETLINK_SK" 0x5800_5614 Common many (NetlinkSkEntry)
        ["netlinksk.img" since "0.5" until "3.3"];
    /// Event counters; in `files.img` since 3.4.
    EventfdFile = "EVENTFD_FILE" 0x4452_3722 Common many (EventfdFileEntry)
        ["eventfd.img" since "0.1" until "3.3"];
    /// Epoll files; in `files.img` since 3.4.
    EventpollFile = "EVENTPOLL_FILE" 0x4502_3858 Common many (EventpollFileEntry)
        ["eventpoll.img" since "0.1" until "3.3"];
    /// Signal files; in `files.img` since 3.4.
    Signalfd = "SIGNALFD" 0x5732_3820 Common many (SignalfdEntry) ["signalfd.img" since "0.2" until "3.3"];
    /// Inotify files; in `files.img` since 3.4.
    InotifyFile = "INOTIFY_FILE" 0x4842_4431 Common many (InotifyFileEntry)
        ["inotify.img" since "0.1" until "3.3"];
    /// Fanotify files; in `files.img` since 3.4.
    FanotifyFile = "FANOTIFY_FILE" 0x5509_6122 Common many (FanotifyFileEntry)
        ["fanotify.img" since "0.4" until "3.3"];
    /// Terminal files; in `files.img` since 3.4.
    TtyFiles = "TTY_FILES" 0x5943_3025 Common many (TtyFileEntry) ["tty.img" since "0.2" until "3.3"];
    /// Namespace files; in `files.img` since 3.4.
    NsFiles = "NS_FILES" 0x6139_4011 Common many (NsFileEntry) ["ns-files.img" since "0.6" until "3.3"];
    /// Tun files; in `files.img` since 3.4.
    Tunfile = "TUNFILE" 0x5714_3751 Common many (TunfileEntry) ["tunfile.img" since "0.7" until "3.3"];
    /// Files of plugins; in `files.img` since 3.4.
    ExtFiles = "EXT_FILES" 0x5925_5641 Common many (ExtFileEntry) ["ext-files.img" since "1.1" until "3.3"];
    /// Timer files; in `files.img` since 3.4.
    Timerfd = "TIMERFD" 0x5049_3712 Common many (TimerfdEntry) ["timerfd.img" since "1.3" until "3.3"];
    /// Pages with their addresses, before 0.5. The name is that of [`Pages`](Self::Pages), so no image is
    /// taken for one by itself.
    PagesOld = "PAGES_OLD" 0x5608_4025 One single ["pages-{u}.img" by "pid" since "0.1" until "0.4"];
    /// Pages of shared memory with their addresses, before 0.5.
    ShmemPagesOld = "SHM_PAGES_OLD" 0x5608_4025 One single
        ["pages-shmem-{lu}.img" by "shmid" since "0.1" until "0.4"];
    /// A name that is reserved: BPF maps are in `files.img`.
    BpfmapFile = "BPFMAP_FILE" 0x5750_6142 Common many (BpfmapFileEntry)
        ["bpfmap-file.img" since "3.15" until "never written"];
    /// A name that is reserved: pidfds are in `files.img`.
    Pidfd = "PIDFD" 0x5443_5556 Common many (PidfdEntry) ["pidfd.img" since "4.1" until "never written"];
    /// State of AMD GPUs, written by the plugin: a 64-bit length, then the message.
    AmdgpuKfd = "amdgpu-kfd" Plugin single (CriuKfd) ["amdgpu-kfd-{u}.img" by "file id" since "3.17"];
    /// State of an AMD render node, written by the plugin: a 64-bit length, then the message.
    AmdgpuRender = "amdgpu-renderD" Plugin single (CriuRenderNode)
        ["amdgpu-renderD-{u}.img" by "file id" since "3.17"];
    /// State of a shared GPU buffer, written by the plugin: a 64-bit length, then the message.
    AmdgpuDmabuf = "amdgpu-dmabuf" Plugin single (CriuDmabufNode)
        ["amdgpu-dmabuf_{u}.img" by "file id" since "criu-dev after 4.2"];
    /// Video memory, written by the plugin: a 64-bit length, then the bytes.
    AmdgpuPages = "amdgpu-pages" Plugin single
        ["amdgpu-pages-{u}-{04x}.img" by "file id, gpu id" since "3.17"];
    /// Video memory of a render node, written by the plugin: a 64-bit length, then the bytes.
    AmdgpuDrmPages = "amdgpu-drm-pages" Plugin single [
        "amdgpu-drm-pages-{u}-{04x}.img" by "file id, node" since "4.2",
        "amdgpu-drm-pages-{u}-{u}-{04x}.img" by "file id, node" since "4.2",
    ];
    /// A symbolic link to the directory of the dump before; in a listing, its target is the content.
    Parent = "parent" Raw single ["parent" since "0.5"];
    /// What the first three descriptors were linked to; written by the container runtime.
    DescriptorsJson = "descriptors.json" Raw single ["descriptors.json" since "runtime"];
    /// The log of CRIU, under the name that its caller chose.
    Log = "log" Raw single ["dump.log" since "0.1", "restore.log" since "0.1", "criu.log" since "0.1"];
}
