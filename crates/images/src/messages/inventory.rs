//! The head of a checkpoint, its statistics, its processor.

use alloc::vec::Vec;

use bstr::BString;

use super::TaskKobjIdsEntry;
use crate::declare::{enums, messages};

messages! {
    /// What a checkpoint is: `inventory.img`.
    ///
    /// The CRIU version, the date and the host's name are not in it.
    InventoryEntry("inventory_entry") {
        /// Version of the image format: 1 without head magics (before 1.6), 2 with them, 3 with compressed
        /// pages.
        1 img_version: u32,
        /// Whether `fdinfo` images are numbered by `files_id`; true in all but the oldest. Since CRIU 0.4.
        2 fdinfo_per_id: Option<bool>,
        /// Ids of the CRIU process itself: a task with the same namespace id lived in the host's namespace,
        /// and no image exists for that. Since CRIU 0.4.
        3 root_ids: Option<TaskKobjIdsEntry>,
        /// Whether namespace images are numbered by namespace id; since CRIU 0.8.
        4 ns_per_id: Option<bool>,
        /// Id of the cgroup set that CRIU itself was in; it is not listed in `cgroup.img`. Since CRIU 1.3.
        5 root_cg_set: Option<u32>,
        /// The security module of the host; since CRIU 1.6.
        6 lsmtype: Option<Lsmtype>,
        /// Microseconds since boot at the dump; only with memory tracking. Since CRIU 3.10.
        8 dump_uptime: Option<u64>,
        /// How a pre-dump read memory: 1 splice, 2 read; only in pre-dumps. Since CRIU 3.14.
        9 pre_dump_mode: Option<u32>,
        /// Whether established TCP connections were closed instead of stored; since CRIU 3.15.
        10 tcp_close: Option<bool>,
        /// How the network was locked: 0 iptables, 1 nftables, 2 not at all. One less than in requests to
        /// CRIU. Since CRIU 3.16.
        11 network_lock_method: Option<u32>,
        /// The plugins that took part; absent: not known, empty: none. Since CRIU 4.1.
        12 plugins_entry: Option<PluginsEntry>,
        /// UUID of the CRIU run that made the dump; since CRIU 4.1.
        13 dump_criu_run_id: Option<BString>,
        /// Whether tasks with uprobes were allowed; since CRIU 4.2.
        14 allow_uprobes: Option<bool>,
        /// Whether pages are compressed: 0 not, 1 in blocks; development branch of 2026.
        15 compress: Option<u32>,
    }

    /// The plugins that took part in a dump.
    PluginsEntry("plugins_entry") {
        /// Their names.
        12 plugins: Vec<BString>,
    }

    /// Figures about a dump or a restore: `stats-dump`, `stats-restore`.
    StatsEntry("stats_entry") {
        /// Figures of a dump.
        1 dump: Option<DumpStatsEntry>,
        /// Figures of a restore; since CRIU 0.7.
        2 restore: Option<RestoreStatsEntry>,
    }

    /// Figures of a dump. Times are microseconds and wrap after 71 minutes; pages are of the dumped machine.
    DumpStatsEntry("dump_stats_entry") {
        /// Microseconds from the first to the last freeze.
        1 freezing_time: u32,
        /// Microseconds that the tasks stood still.
        2 frozen_time: u32,
        /// Microseconds in which memory was collected.
        3 memdump_time: u32,
        /// Microseconds in which memory was written.
        4 memwrite_time: u32,
        /// Pages looked at.
        5 pages_scanned: u64,
        /// Pages left to the parent dump.
        6 pages_skipped_parent: u64,
        /// Pages written, of private memory.
        7 pages_written: u64,
        /// Microseconds in which watched inodes were looked up; since CRIU 1.2.
        8 irmap_resolve: Option<u32>,
        /// Pages left out, to be served lazily; since CRIU 3.5.
        9 pages_lazy: u64,
        /// Pipes used to collect pages; internal. Since CRIU 3.7.
        10 page_pipes: Option<u64>,
        /// Buffers in these pipes; internal. Since CRIU 3.7.
        11 page_pipe_bufs: Option<u64>,
        /// Pages of shared memory looked at; since CRIU 3.13.
        12 shpages_scanned: Option<u64>,
        /// Pages of shared memory left to the parent dump; since CRIU 3.13.
        13 shpages_skipped_parent: Option<u64>,
        /// Pages of shared memory written; since CRIU 3.13.
        14 shpages_written: Option<u64>,
    }

    /// Figures of a restore.
    RestoreStatsEntry("restore_stats_entry") {
        /// Pages compared with those of the parent process.
        1 pages_compared: u64,
        /// Pages that stayed shared copy-on-write.
        2 pages_skipped_cow: u64,
        /// Microseconds of forking.
        3 forking_time: u32,
        /// Microseconds of the whole restore.
        4 restore_time: u32,
        /// Pages written to memory; since CRIU 1.2.
        5 pages_restored: Option<u64>,
    }

    /// Processor features: `cpuinfo.img`; one list has an element.
    CpuinfoEntry("cpuinfo_entry") {
        /// Of x86.
        1 x86_entry: Vec<CpuinfoX86Entry>,
        /// Of POWER; since CRIU 2.0.
        2 ppc64_entry: Vec<CpuinfoPpc64Entry>,
        /// Of s390x; since CRIU 3.4.
        3 s390_entry: Vec<CpuinfoS390Entry>,
    }

    /// Features of an x86 processor.
    CpuinfoX86Entry("cpuinfo_x86_entry") {
        /// Its maker.
        1 vendor_id: CpuinfoX86EntryVendor,
        /// Family of CPUID.
        2 cpu_family: u32,
        /// Model of CPUID.
        3 model: u32,
        /// Stepping of CPUID.
        4 stepping: u32,
        /// Version of the list of feature words; 2.
        5 capability_ver: u32,
        /// CPUID feature words.
        6 capability: Vec<u32>,
        /// Name of the model.
        7 model_id: Option<BString>,
        /// The XSAVE components that the kernel uses, one bit each; since CRIU 3.11.
        8 xfeatures_mask: Option<u64>,
        /// Bytes of the XSAVE area for these components; since CRIU 3.11.
        9 xsave_size: Option<u32>,
        /// Bytes of the XSAVE area for all components of the processor; since CRIU 3.11.
        10 xsave_size_max: Option<u32>,
    }

    /// Features of a POWER processor.
    CpuinfoPpc64Entry("cpuinfo_ppc64_entry") {
        /// Its byte order.
        1 endian: CpuinfoPpc64EntryEndianness,
        /// `AT_HWCAP` and `AT_HWCAP2`.
        2 hwcap: Vec<u64>,
    }

    /// Features of an s390x processor.
    CpuinfoS390Entry("cpuinfo_s390_entry") {
        /// `AT_HWCAP` and `AT_HWCAP2`.
        2 hwcap: Vec<u64>,
    }
}

enums! {
    /// A security module.
    Lsmtype("lsmtype") {
        /// None.
        NO_LSM = 0,
        /// SELinux.
        SELINUX = 1,
        /// AppArmor.
        APPARMOR = 2,
    }

    /// A maker of x86 processors.
    CpuinfoX86EntryVendor("cpuinfo_x86_entry.vendor") {
        /// Another one.
        UNKNOWN = 0,
        /// Intel.
        INTEL = 1,
        /// AMD.
        AMD = 2,
    }

    /// A byte order of POWER.
    CpuinfoPpc64EntryEndianness("cpuinfo_ppc64_entry.endianness") {
        /// Most significant byte first.
        BIGENDIAN = 0,
        /// Least significant byte first.
        LITTLEENDIAN = 1,
    }
}
