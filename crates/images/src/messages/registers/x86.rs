//! Registers of x86.

use alloc::vec::Vec;

use crate::declare::{enums, messages};

messages! {
    /// Registers of a thread.
    ThreadInfoX86("thread_info_x86") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// General registers.
        2 gpregs: UserX86RegsEntry as hex,
        /// Floating-point and vector registers.
        3 fpregs: UserX86FpregsEntry,
        /// Entries 12 to 14 of the GDT; unused ones are marked not present. Since CRIU 3.0.
        4 tls: Vec<UserDescT>,
    }

    /// General registers. A 32-bit task has 32-bit values, and 0 in what it does not have.
    UserX86RegsEntry("user_x86_regs_entry") {
        /// R15.
        1 r15: u64,
        /// R14.
        2 r14: u64,
        /// R13.
        3 r13: u64,
        /// R12.
        4 r12: u64,
        /// BP.
        5 bp: u64,
        /// BX.
        6 bx: u64,
        /// R11.
        7 r11: u64,
        /// R10.
        8 r10: u64,
        /// R9.
        9 r9: u64,
        /// R8.
        10 r8: u64,
        /// AX.
        11 ax: u64,
        /// CX.
        12 cx: u64,
        /// DX.
        13 dx: u64,
        /// SI.
        14 si: u64,
        /// DI.
        15 di: u64,
        /// Number of the system call that the thread was in; all ones is none.
        16 orig_ax: u64,
        /// Instruction pointer. That of an interrupted call may be moved back to the call.
        17 ip: u64,
        /// Code segment: 0x33 64-bit code, 0x23 32-bit code.
        18 cs: u64,
        /// Flags register.
        19 flags: u64,
        /// Stack pointer.
        20 sp: u64,
        /// SS.
        21 ss: u64,
        /// Base of FS, the thread pointer of 64-bit code.
        22 fs_base: u64,
        /// Base of GS.
        23 gs_base: u64,
        /// DS.
        24 ds: u64,
        /// ES.
        25 es: u64,
        /// FS.
        26 fs: u64,
        /// GS.
        27 gs: u64,
        /// Absent: native. Since CRIU 3.0.
        28 mode: Option<UserX86RegsMode>,
    }

    /// Floating-point and vector registers, as FXSAVE stores them.
    UserX86FpregsEntry("user_x86_fpregs_entry") {
        /// Control word.
        1 cwd: u32,
        /// Status word.
        2 swd: u32,
        /// Tag word.
        3 twd: u32,
        /// Last opcode.
        4 fop: u32,
        /// Last instruction pointer.
        5 rip: u64,
        /// Last data pointer.
        6 rdp: u64,
        /// Control and status of SSE.
        7 mxcsr: u32,
        /// Bits of `mxcsr` that exist.
        8 mxcsr_mask: u32,
        /// ST0 to ST7: 8 times 16 bytes, 10 of them used.
        9 st_space: Vec<u32>,
        /// XMM0 to XMM15: 16 times 16 bytes.
        10 xmm_space: Vec<u32>,
        /// The rest of the FXSAVE area.
        11 padding: Vec<u32>,
        /// What XSAVE stores beyond; absent without XSAVE. Since CRIU 0.4.
        13 xsave: Option<UserX86XsaveEntry>,
    }

    /// What XSAVE stores beyond FXSAVE. Lists are empty if the processor lacks the feature.
    UserX86XsaveEntry("user_x86_xsave_entry") {
        /// Components in use, one bit each; a bit of 0 is initial state.
        1 xstate_bv: u64,
        /// Upper halves of YMM0 to YMM15 (component 2).
        2 ymmh_space: Vec<u32>,
        /// BND0 to BND3 (component 3); since CRIU 3.11.
        3 bndreg_state: Vec<u64>,
        /// BNDCFGU, BNDSTATUS, padding (component 4); since CRIU 3.11.
        4 bndcsr_state: Vec<u64>,
        /// K0 to K7 (component 5); since CRIU 3.11.
        5 opmask_reg: Vec<u64>,
        /// Upper halves of ZMM0 to ZMM15 (component 6); since CRIU 3.11.
        6 zmm_upper: Vec<u64>,
        /// ZMM16 to ZMM31 (component 7); since CRIU 3.11.
        7 hi16_zmm: Vec<u64>,
        /// Protection keys, padding (component 9); since CRIU 3.11.
        8 pkru: Vec<u32>,
        /// Shadow stack (component 11); since CRIU 4.0.
        9 cet: Option<UserX86CetEntry>,
    }

    /// Control-flow enforcement.
    UserX86CetEntry("user_x86_cet_entry") {
        /// `U_CET`.
        1 cet: u64 as hex,
        /// Shadow stack pointer.
        2 ssp: u64 as hex,
    }

    /// An entry of the GDT, for thread-local storage of 32-bit code.
    UserDescT("user_desc_t") {
        /// Number of the entry.
        1 entry_number: u32,
        /// Base address.
        2 base_addr: u32,
        /// Limit, in bytes or pages.
        3 limit: u32,
        /// Whether it is a 32-bit segment.
        4 seg_32bit: bool,
        /// Upper bit of its contents.
        5 contents_h: bool,
        /// Lower bit of its contents.
        6 contents_l: bool,
        /// Whether it cannot be written.
        7 read_exec_only: bool,
        /// Whether the limit counts pages.
        8 limit_in_pages: bool,
        /// Whether it is unused.
        9 seg_not_present: bool,
        /// Free for use by the system; `useable` before CRIU 3.17.
        10 usable: bool,
    }
}

enums! {
    /// Width of a task.
    UserX86RegsMode("user_x86_regs_mode") {
        /// 64 bits.
        NATIVE = 1,
        /// 32 bits.
        COMPAT = 2,
    }
}
