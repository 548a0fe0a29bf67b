//! `spec.dump`: the OCI runtime specification, what the engine asked of the runtime.
//!
//! The same document is the `config.json` of a runc bundle and, wrapped, the configuration blob of a `ctr`
//! export. Names and meaning: OCI runtime-spec `config.md` and `config-linux.md`. Open sets (capabilities,
//! namespace types, signals, rlimits) are texts, so that one from the future never fails a document.

use std::collections::BTreeMap;

use crate::document::documents;
use crate::json::Node;

documents! {
    /// The whole document.
    Spec {
        /// Version of the specification that the engine's library writes, as `1.3.0`.
        oci_version: String = "ociVersion",
        /// The first process of the container.
        process: Process = "process",
        /// The root file system.
        root: Root = "root",
        /// Host name in the uts namespace: the pod's name in Kubernetes, twelve digits of the id in Podman.
        hostname: String = "hostname",
        /// NIS domain name.
        domainname: String = "domainname",
        /// Mounts in the order in which they are made.
        mounts: Vec<Mount> = "mounts",
        /// Programs of the host that the runtime starts around the container's life.
        hooks: Hooks = "hooks",
        /// Free texts; engines and Kubernetes keep most of their own facts here.
        annotations: BTreeMap<String, String> = "annotations",
        /// What only Linux has.
        linux: Linux = "linux",
    }

    /// The first process.
    Process {
        /// True if it has a terminal.
        terminal: bool = "terminal",
        /// Size of the terminal in characters.
        console_size: Node = "consoleSize",
        /// As whom it runs.
        user: User = "user",
        /// Its arguments, program first.
        args: Vec<String> = "args",
        /// Its environment in order; a key may occur twice.
        env: Vec<String> = "env",
        /// Its working directory, a path in the container.
        cwd: String = "cwd",
        /// Its capabilities.
        capabilities: Capabilities = "capabilities",
        /// Its resource limits.
        rlimits: Vec<Rlimit> = "rlimits",
        /// True if it cannot gain privileges by executing a set-uid program.
        no_new_privileges: bool = "noNewPrivileges",
        /// Name of its AppArmor profile.
        apparmor_profile: String = "apparmorProfile",
        /// Adjustment of its score with the out-of-memory killer, -1000 to 1000.
        oom_score_adj: i64 = "oomScoreAdj",
        /// Its SELinux label.
        selinux_label: String = "selinuxLabel",
        /// Scheduling policy.
        scheduler: Node = "scheduler",
        /// Input/output priority.
        io_priority: Node = "ioPriority",
    }

    /// As whom a process runs, in numbers of its user namespace.
    User {
        /// User id.
        uid: u32 = "uid",
        /// Group id.
        gid: u32 = "gid",
        /// File mode creation mask, a plain number.
        umask: u32 = "umask",
        /// Supplementary groups.
        additional_gids: Vec<u32> = "additionalGids",
        /// User name (Windows only).
        username: String = "username",
    }

    /// Names of capabilities, as `CAP_KILL`, by set.
    Capabilities {
        /// What can ever be gained.
        bounding: Vec<String> = "bounding",
        /// What is in force.
        effective: Vec<String> = "effective",
        /// What is kept through execve(2).
        inheritable: Vec<String> = "inheritable",
        /// What may be put in force.
        permitted: Vec<String> = "permitted",
        /// What an unprivileged program gets.
        ambient: Vec<String> = "ambient",
    }

    /// A resource limit.
    Rlimit {
        /// Its name, as `RLIMIT_NOFILE`.
        name: String = "type",
        /// The limit in force.
        soft: u64 = "soft",
        /// The most that it may be raised to.
        hard: u64 = "hard",
    }

    /// The root file system.
    Root {
        /// Where it lies on the host, or `rootfs` below the bundle.
        path: String = "path",
        /// True if it is mounted read-only.
        readonly: bool = "readonly",
    }

    /// A mount.
    Mount {
        /// Where it appears in the container.
        destination: String = "destination",
        /// Type of file system; `bind` for a part of the host's tree.
        kind: String = "type",
        /// Path on the host for bind mounts, else a name.
        source: String = "source",
        /// Mount options.
        options: Vec<String> = "options",
        /// User ids of an idmapped mount.
        uid_mappings: Vec<IdMapping> = "uidMappings",
        /// Group ids of an idmapped mount.
        gid_mappings: Vec<IdMapping> = "gidMappings",
    }

    /// A range of ids of a user namespace.
    IdMapping {
        /// First id in the container.
        container_id: u32 = "containerID",
        /// First id on the host.
        host_id: u32 = "hostID",
        /// Number of ids.
        size: u32 = "size",
    }

    /// Programs of the host, by the moment at which the runtime starts them.
    Hooks {
        /// Before the process starts (obsolete).
        prestart: Vec<Hook> = "prestart",
        /// When the environment has been made.
        create_runtime: Vec<Hook> = "createRuntime",
        /// Before pivot_root(2), in the container's namespaces.
        create_container: Vec<Hook> = "createContainer",
        /// Right before the process starts.
        start_container: Vec<Hook> = "startContainer",
        /// After the process started.
        poststart: Vec<Hook> = "poststart",
        /// After the container was deleted.
        poststop: Vec<Hook> = "poststop",
    }

    /// A program that the runtime starts.
    Hook {
        /// Its path.
        path: String = "path",
        /// Its arguments, program first.
        args: Vec<String> = "args",
        /// Its environment.
        env: Vec<String> = "env",
        /// Seconds after which it is given up.
        timeout: i64 = "timeout",
    }

    /// What only Linux has.
    Linux {
        /// User ids of the user namespace.
        uid_mappings: Vec<IdMapping> = "uidMappings",
        /// Group ids of the user namespace.
        gid_mappings: Vec<IdMapping> = "gidMappings",
        /// Kernel parameters by name.
        sysctl: BTreeMap<String, String> = "sysctl",
        /// Limits of the cgroup.
        resources: Resources = "resources",
        /// The cgroup: a path, or `slice:prefix:id` for systemd. Its last element holds the container's id.
        cgroups_path: String = "cgroupsPath",
        /// Namespaces that are not the host's.
        namespaces: Vec<Namespace> = "namespaces",
        /// Device nodes to make.
        devices: Vec<Device> = "devices",
        /// The system call filter.
        seccomp: Seccomp = "seccomp",
        /// How mounts propagate, as `private`.
        rootfs_propagation: String = "rootfsPropagation",
        /// Paths hidden from the container.
        masked_paths: Vec<String> = "maskedPaths",
        /// Paths that cannot be written.
        readonly_paths: Vec<String> = "readonlyPaths",
        /// SELinux label of the mounts.
        mount_label: String = "mountLabel",
        /// Cache and memory bandwidth allocation.
        intel_rdt: Node = "intelRdt",
        /// Execution domain.
        personality: Node = "personality",
        /// Offsets of the time namespace.
        time_offsets: Node = "timeOffsets",
    }

    /// A namespace.
    Namespace {
        /// `pid`, `network`, `mount`, `ipc`, `uts`, `user`, `cgroup` or `time`.
        kind: String = "type",
        /// A namespace to join, by its path on the host; absent for a new one.
        path: String = "path",
    }

    /// A device node.
    Device {
        /// Its path in the container.
        path: String = "path",
        /// `c`, `b`, `u` or `p`.
        kind: String = "type",
        /// Major number.
        major: i64 = "major",
        /// Minor number.
        minor: i64 = "minor",
        /// Permission bits, a plain number.
        file_mode: u32 = "fileMode",
        /// Owner.
        uid: u32 = "uid",
        /// Group.
        gid: u32 = "gid",
    }

    /// A system call filter.
    Seccomp {
        /// What happens to calls that no rule names, as `SCMP_ACT_ERRNO`.
        default_action: String = "defaultAction",
        /// The error number that it returns.
        default_errno: u32 = "defaultErrnoRet",
        /// Architectures, as `SCMP_ARCH_X86_64`.
        architectures: Vec<String> = "architectures",
        /// Flags of seccomp(2).
        flags: Vec<String> = "flags",
        /// Socket of a supervisor on the host.
        listener_path: String = "listenerPath",
        /// Text given to the supervisor.
        listener_metadata: String = "listenerMetadata",
        /// The rules.
        syscalls: Vec<SeccompRule> = "syscalls",
    }

    /// A rule of a system call filter.
    SeccompRule {
        /// Names of system calls.
        names: Vec<String> = "names",
        /// What happens to them.
        action: String = "action",
        /// The error number that it returns.
        errno: u32 = "errnoRet",
        /// Conditions on their arguments.
        args: Vec<Node> = "args",
    }

    /// Limits of a cgroup.
    Resources {
        /// Which devices may be used, in order.
        devices: Vec<DeviceRule> = "devices",
        /// Memory.
        memory: MemoryLimits = "memory",
        /// Processor time.
        cpu: CpuLimits = "cpu",
        /// Number of tasks.
        pids: PidsLimit = "pids",
        /// Block devices.
        block_io: Node = "blockIO",
        /// Huge pages.
        hugepage_limits: Vec<Node> = "hugepageLimits",
        /// Network classes.
        network: Node = "network",
        /// RDMA.
        rdma: Node = "rdma",
        /// Files of a version 2 cgroup and what is written to them.
        unified: BTreeMap<String, String> = "unified",
    }

    /// Whether a group of devices may be used.
    DeviceRule {
        /// True if it may.
        allow: bool = "allow",
        /// `a`, `c` or `b`.
        kind: String = "type",
        /// Major number; absent means all.
        major: i64 = "major",
        /// Minor number; absent means all.
        minor: i64 = "minor",
        /// Letters of `rwm`.
        access: String = "access",
    }

    /// Limits of memory, in bytes; -1 means none.
    MemoryLimits {
        /// Memory.
        limit: i64 = "limit",
        /// Memory that is reclaimed last.
        reservation: i64 = "reservation",
        /// Memory and swap together.
        swap: i64 = "swap",
        /// Memory of the kernel.
        kernel: i64 = "kernel",
        /// Buffers of TCP.
        kernel_tcp: i64 = "kernelTCP",
        /// Willingness to swap, 0 to 100.
        swappiness: u64 = "swappiness",
        /// True if the out-of-memory killer is off.
        disable_oom_killer: bool = "disableOOMKiller",
    }

    /// Limits of processor time.
    CpuLimits {
        /// Relative weight.
        shares: u64 = "shares",
        /// Microseconds that may be used in a period; 0 or less means no limit.
        quota: i64 = "quota",
        /// Length of a period in microseconds.
        period: u64 = "period",
        /// Processors, as `0-3`.
        cpus: String = "cpus",
        /// Memory nodes, as `0`.
        mems: String = "mems",
    }

    /// Limit of the number of tasks.
    PidsLimit {
        /// The most tasks; -1 or 0 means none.
        limit: i64 = "limit",
    }
}
