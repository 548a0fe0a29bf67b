//! Registers of POWER.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// Registers of a thread.
    ThreadInfoPpc64("thread_info_ppc64") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// General registers.
        2 gpregs: UserPpc64RegsEntry as hex,
        /// Floating-point registers.
        3 fpstate: Option<UserPpc64FpstateEntry>,
        /// Altivec registers; since CRIU 1.7.
        4 vrstate: Option<UserPpc64VrstateEntry>,
        /// VSX registers; since CRIU 1.7.
        5 vsxstate: Option<UserPpc64VsxstateEntry>,
        /// Registers at the start of a transaction; since CRIU 2.6.
        6 tmstate: Option<UserPpc64TmRegsEntry>,
    }

    /// General registers.
    UserPpc64RegsEntry("user_ppc64_regs_entry") {
        /// R0 to R31.
        1 gpr: Vec<u64>,
        /// Program counter.
        2 nip: u64,
        /// Machine state.
        3 msr: u64,
        /// R3 at the entry of a system call.
        4 orig_gpr3: u64,
        /// Count register.
        5 ctr: u64,
        /// Link register.
        6 link: u64,
        /// Exception register.
        7 xer: u64,
        /// Condition register.
        8 ccr: u64,
        /// Number of the trap.
        9 trap: u64,
        /// Status of the transaction; since CRIU 2.6.
        10 texasr: Option<u64>,
        /// Failure handler of the transaction; since CRIU 2.6.
        11 tfhar: Option<u64>,
        /// Instruction that failed the transaction; since CRIU 2.6.
        12 tfiar: Option<u64>,
    }

    /// Floating-point registers.
    UserPpc64FpstateEntry("user_ppc64_fpstate_entry") {
        /// F0 to F31, then FPSCR.
        1 fpregs: Vec<u64>,
    }

    /// Altivec registers.
    UserPpc64VrstateEntry("user_ppc64_vrstate_entry") {
        /// V0 to V31 and VSCR, two words each.
        1 vrregs: Vec<u64>,
        /// VRSAVE.
        2 vrsave: u32,
    }

    /// VSX registers.
    UserPpc64VsxstateEntry("user_ppc64_vsxstate_entry") {
        /// Low halves of VSX0 to VSX31.
        1 vsxregs: Vec<u64>,
    }

    /// Registers at the start of a transaction.
    UserPpc64TmRegsEntry("user_ppc64_tm_regs_entry") {
        /// General registers.
        1 gpregs: UserPpc64RegsEntry,
        /// Floating-point registers.
        2 fpstate: Option<UserPpc64FpstateEntry>,
        /// Altivec registers.
        3 vrstate: Option<UserPpc64VrstateEntry>,
        /// VSX registers.
        4 vsxstate: Option<UserPpc64VsxstateEntry>,
    }
}
