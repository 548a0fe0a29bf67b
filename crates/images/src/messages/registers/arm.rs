//! Registers of 32-bit ARM.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// Registers of a thread.
    ThreadInfoArm("thread_info_arm") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// Thread pointer.
        2 tls: u32,
        /// General registers.
        3 gpregs: UserArmRegsEntry as hex,
        /// Floating-point registers.
        4 fpstate: UserArmVfpstateEntry,
    }

    /// General registers.
    UserArmRegsEntry("user_arm_regs_entry") {
        /// R0.
        1 r0: u32,
        /// R1.
        2 r1: u32,
        /// R2.
        3 r2: u32,
        /// R3.
        4 r3: u32,
        /// R4.
        5 r4: u32,
        /// R5.
        6 r5: u32,
        /// R6.
        7 r6: u32,
        /// R7.
        8 r7: u32,
        /// R8.
        9 r8: u32,
        /// R9.
        10 r9: u32,
        /// R10.
        11 r10: u32,
        /// R11, the frame pointer.
        12 fp: u32,
        /// R12, not the instruction pointer.
        13 ip: u32,
        /// R13, the stack pointer.
        14 sp: u32,
        /// R14, the link register.
        15 lr: u32,
        /// R15, the program counter.
        16 pc: u32,
        /// Processor state.
        17 cpsr: u32,
        /// R0 at the entry of a system call.
        18 orig_r0: u32,
    }

    /// Floating-point registers.
    UserArmVfpstateEntry("user_arm_vfpstate_entry") {
        /// D0 to D31.
        1 vfp_regs: Vec<u64>,
        /// Status and control.
        2 fpscr: u32,
        /// Exception register.
        3 fpexc: u32,
        /// Instruction that trapped.
        4 fpinst: u32,
        /// Second instruction that trapped.
        5 fpinst2: u32,
    }
}
