//! The bits of a `vma_entry`, for all who read areas.

/// Bits of `vma_entry.status`, which are CRIU's own.
pub(crate) mod status {
    pub(crate) const VSYSCALL: u32 = 1 << 2;
    pub(crate) const VDSO: u32 = 1 << 3;
    pub(crate) const HEAP: u32 = 1 << 5;
    pub(crate) const FILE_PRIVATE: u32 = 1 << 6;
    pub(crate) const FILE_SHARED: u32 = 1 << 7;
    /// It is shared and has no path; SysV segments, and before CRIU 3.14 memory files too.
    pub(crate) const ANON_SHARED: u32 = 1 << 8;
    pub(crate) const SYSVIPC: u32 = 1 << 10;
    pub(crate) const SOCKET: u32 = 1 << 11;
    pub(crate) const VVAR: u32 = 1 << 12;
    pub(crate) const AIORING: u32 = 1 << 13;
    pub(crate) const MEMFD: u32 = 1 << 14;
    /// A shadow stack, which only calls and returns can write; since CRIU 4.0.
    pub(crate) const SHSTK: u32 = 1 << 15;
    pub(crate) const GUARD: u32 = 1 << 16;
    /// It belongs to a plugin, as those of graphics processors.
    pub(crate) const PLUGIN: u32 = 1 << 27;
}

/// Bits of `vma_entry.flags`, which are those of `mmap`; here such as all architectures share.
pub(crate) mod flags {
    pub(crate) const MAP_SHARED: u32 = 1;
    /// With `MAP_PRIVATE` clear: the low bits are a type, not a set.
    pub(crate) const MAP_DROPPABLE: u32 = 8;
    /// Those that say how the mapping is shared.
    pub(crate) const MAP_TYPE: u32 = 0xf;
}
