//! Names that crit's pretty JSON shows for bits and values, in the order in which it shows them.
//!
//! They are crit's, mistakes included ([`TASK_STATE`]), and those of open flags are of x86 whatever the image
//! is of: for a name that is true ask the model, not this table.

use crate::descriptor::Names;

/// Protection of an area.
pub const MMAP_PROT: Names = &[("PROT_READ", 0x1), ("PROT_WRITE", 0x2), ("PROT_EXEC", 0x4)];

/// Flags of an area.
pub const MMAP_FLAGS: Names = &[
    ("MAP_SHARED", 0x1),
    ("MAP_PRIVATE", 0x2),
    ("MAP_DROPPABLE", 0x8),
    ("MAP_ANON", 0x20),
    ("MAP_GROWSDOWN", 0x100),
];

/// What kind of area it is. Guard entries (0x10000) have no name.
pub const MMAP_STATUS: Names = &[
    ("VMA_AREA_REGULAR", 0x1),
    ("VMA_AREA_STACK", 0x2),
    ("VMA_AREA_VSYSCALL", 0x4),
    ("VMA_AREA_VDSO", 0x8),
    ("VMA_AREA_HEAP", 0x20),
    ("VMA_FILE_PRIVATE", 0x40),
    ("VMA_FILE_SHARED", 0x80),
    ("VMA_ANON_SHARED", 0x100),
    ("VMA_ANON_PRIVATE", 0x200),
    ("VMA_AREA_SYSVIPC", 0x400),
    ("VMA_AREA_SOCKET", 0x800),
    ("VMA_AREA_VVAR", 0x1000),
    ("VMA_AREA_AIORING", 0x2000),
    ("VMA_AREA_MEMFD", 0x4000),
    ("VMA_AREA_SHSTK", 0x8000),
    ("VMA_AREA_UPROBES", 0x2_0000),
    ("VMA_UNSUPP", 0x8000_0000),
];

/// Open flags, with the values of x86.
pub const RFILE_FLAGS: Names = &[
    ("O_WRONLY", 0o1),
    ("O_RDWR", 0o2),
    ("O_CREAT", 0o100),
    ("O_EXCL", 0o200),
    ("O_NOCTTY", 0o400),
    ("O_TRUNC", 0o1000),
    ("O_APPEND", 0o2000),
    ("O_NONBLOCK", 0o4000),
    ("O_DSYNC", 0o1_0000),
    ("FASYNC", 0o2_0000),
    ("O_DIRECT", 0o4_0000),
    ("O_LARGEFILE", 0o10_0000),
    ("O_DIRECTORY", 0o20_0000),
    ("O_NOFOLLOW", 0o40_0000),
    ("O_NOATIME", 0o100_0000),
    ("O_CLOEXEC", 0o200_0000),
];

/// Where the pages of a run are.
pub const PAGEMAP_FLAGS: Names = &[("PE_PARENT", 0x1), ("PE_LAZY", 0x2), ("PE_PRESENT", 0x4)];

/// Seals of a memory file.
pub const SEALS: Names = &[
    ("F_SEAL_SEAL", 0x1),
    ("F_SEAL_SHRINK", 0x2),
    ("F_SEAL_GROW", 0x4),
    ("F_SEAL_WRITE", 0x8),
    ("F_SEAL_FUTURE_WRITE", 0x10),
];

/// State of a task. Wrong for all but the first: 2 is dead, 3 is stopped.
pub const TASK_STATE: Names = &[("Alive", 1), ("Zombie", 3), ("Stopped", 6)];

/// Address family of a socket.
pub const SOCKET_FAMILY: Names = &[("UNIX", 1), ("INET", 2), ("INET6", 10), ("NETLINK", 16), ("PACKET", 17)];

/// Type of a socket.
pub const SOCKET_TYPE: Names = &[("STREAM", 1), ("DGRAM", 2), ("RAW", 3), ("SEQPACKET", 5), ("PACKET", 10)];

/// State of a socket.
pub const SOCKET_STATE: Names = &[
    ("ESTABLISHED", 1),
    ("SYN_SENT", 2),
    ("SYN_RECV", 3),
    ("FIN_WAIT1", 4),
    ("FIN_WAIT2", 5),
    ("TIME_WAIT", 6),
    ("CLOSE", 7),
    ("CLOSE_WAIT", 8),
    ("LAST_ACK", 9),
    ("LISTEN", 10),
];

/// Protocol of an internet socket.
pub const SOCKET_PROTOCOL: Names = &[("IP", 0), ("TCP", 6), ("UDP", 17), ("UDPLITE", 136)];

#[cfg(test)]
mod tests;
