//! Where in the memory of a process what is.

use icecore_images::messages::MmEntry;
use serde::Serialize;

use crate::Vaddr;

/// Addresses that the kernel keeps of a process, and attributes of its memory. Source: `mm-PID.img`, `mm_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MemoryLayout {
    /// Start of the program text.
    pub start_code: Vaddr,
    /// End of the program text.
    pub end_code: Vaddr,
    /// Start of initialised data.
    pub start_data: Vaddr,
    /// End of initialised data.
    pub end_data: Vaddr,
    /// Where the stack began: an address inside its area.
    pub start_stack: Vaddr,
    /// Start of the heap.
    pub start_brk: Vaddr,
    /// End of the heap.
    pub brk: Vaddr,
    /// Start of the argument strings.
    pub arg_start: Vaddr,
    /// End of the argument strings.
    pub arg_end: Vaddr,
    /// Start of the environment strings.
    pub env_start: Vaddr,
    /// End of the environment strings.
    pub env_end: Vaddr,
    /// The auxiliary vector as stored: keys and values in turn, of 32-bit x86 tasks both in one word. It may be cut before
    /// `AT_NULL`.
    pub auxv: Vec<u64>,
    /// As prctl(2) `PR_GET_DUMPABLE`; since CRIU 1.3.
    pub dumpable: Option<i32>,
    /// As prctl(2) `PR_GET_THP_DISABLE`; since CRIU 3.5.
    pub thp_disabled: Option<bool>,
}

impl MemoryLayout {
    pub(super) fn of(mm: &MmEntry) -> Self {
        Self {
            start_code: Vaddr(mm.mm_start_code),
            end_code: Vaddr(mm.mm_end_code),
            start_data: Vaddr(mm.mm_start_data),
            end_data: Vaddr(mm.mm_end_data),
            start_stack: Vaddr(mm.mm_start_stack),
            start_brk: Vaddr(mm.mm_start_brk),
            brk: Vaddr(mm.mm_brk),
            arg_start: Vaddr(mm.mm_arg_start),
            arg_end: Vaddr(mm.mm_arg_end),
            env_start: Vaddr(mm.mm_env_start),
            env_end: Vaddr(mm.mm_env_end),
            auxv: mm.mm_saved_auxv.clone(),
            dumpable: mm.dumpable,
            thp_disabled: mm.thp_disabled,
        }
    }
}
