//! Registers of LoongArch.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// Registers of a thread.
    ThreadInfoLoongarch64("thread_info_loongarch64") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// Thread pointer.
        2 tls: u64,
        /// General registers.
        3 gpregs: UserLoongarch64GpregsEntry as hex,
        /// Floating-point registers.
        4 fpregs: UserLoongarch64FpregsEntry as hex,
    }

    /// General registers.
    UserLoongarch64GpregsEntry("user_loongarch64_gpregs_entry") {
        /// R0 to R31.
        1 regs: Vec<u64>,
        /// Program counter.
        2 pc: u64,
    }

    /// Floating-point registers.
    UserLoongarch64FpregsEntry("user_loongarch64_fpregs_entry") {
        /// F0 to F31.
        1 regs: Vec<u64>,
        /// Condition flags, one byte each.
        2 fcc: u64,
        /// Control and status.
        3 fcsr: u32,
    }
}
