//! Registers of RISC-V.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// Registers of a thread.
    ThreadInfoRiscv64("thread_info_riscv64") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// Thread pointer.
        2 tls: u64,
        /// General registers.
        3 gpregs: UserRiscv64RegsEntry as hex,
        /// Floating-point registers.
        4 fpsimd: UserRiscv64DExtEntry,
    }

    /// General registers.
    UserRiscv64RegsEntry("user_riscv64_regs_entry") {
        /// Program counter.
        1 pc: u64,
        /// Return address, X1.
        2 ra: u64,
        /// Stack pointer, X2.
        3 sp: u64,
        /// Global pointer, X3.
        4 gp: u64,
        /// Thread pointer, X4.
        5 tp: u64,
        /// T0.
        6 t0: u64,
        /// T1.
        7 t1: u64,
        /// T2.
        8 t2: u64,
        /// S0.
        9 s0: u64,
        /// S1.
        10 s1: u64,
        /// A0.
        11 a0: u64,
        /// A1.
        12 a1: u64,
        /// A2.
        13 a2: u64,
        /// A3.
        14 a3: u64,
        /// A4.
        15 a4: u64,
        /// A5.
        16 a5: u64,
        /// A6.
        17 a6: u64,
        /// A7.
        18 a7: u64,
        /// S2.
        19 s2: u64,
        /// S3.
        20 s3: u64,
        /// S4.
        21 s4: u64,
        /// S5.
        22 s5: u64,
        /// S6.
        23 s6: u64,
        /// S7.
        24 s7: u64,
        /// S8.
        25 s8: u64,
        /// S9.
        26 s9: u64,
        /// S10.
        27 s10: u64,
        /// S11.
        28 s11: u64,
        /// T3.
        29 t3: u64,
        /// T4.
        30 t4: u64,
        /// T5.
        31 t5: u64,
        /// T6.
        32 t6: u64,
    }

    /// Floating-point registers.
    UserRiscv64DExtEntry("user_riscv64_d_ext_entry") {
        /// F0 to F31.
        1 f: Vec<u64>,
        /// Control and status.
        2 fcsr: u32,
    }
}
