//! Registers of MIPS.

use crate::declare::messages;

messages! {
    /// Registers of a thread.
    ThreadInfoMips("thread_info_mips") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// Thread pointer.
        2 tls: u64,
        /// General registers.
        3 gpregs: UserMipsRegsEntry as hex,
        /// Floating-point registers.
        4 fpregs: UserMipsFpregsEntry as hex,
    }

    /// General registers.
    UserMipsRegsEntry("user_mips_regs_entry") {
        /// R0.
        1 r0: u64,
        /// R1.
        2 r1: u64,
        /// R2.
        3 r2: u64,
        /// R3.
        4 r3: u64,
        /// R4.
        5 r4: u64,
        /// R5.
        6 r5: u64,
        /// R6.
        7 r6: u64,
        /// R7.
        8 r7: u64,
        /// R8.
        9 r8: u64,
        /// R9.
        10 r9: u64,
        /// R10.
        11 r10: u64,
        /// R11.
        12 r11: u64,
        /// R12.
        13 r12: u64,
        /// R13.
        14 r13: u64,
        /// R14.
        15 r14: u64,
        /// R15.
        16 r15: u64,
        /// R16.
        17 r16: u64,
        /// R17.
        18 r17: u64,
        /// R18.
        19 r18: u64,
        /// R19.
        20 r19: u64,
        /// R20.
        21 r20: u64,
        /// R21.
        22 r21: u64,
        /// R22.
        23 r22: u64,
        /// R23.
        24 r23: u64,
        /// R24.
        25 r24: u64,
        /// R25.
        26 r25: u64,
        /// R26.
        27 r26: u64,
        /// R27.
        28 r27: u64,
        /// R28.
        29 r28: u64,
        /// R29.
        30 r29: u64,
        /// R30.
        31 r30: u64,
        /// R31.
        32 r31: u64,
        /// LO of multiplication and division.
        33 lo: u64,
        /// HI of multiplication and division.
        34 hi: u64,
        /// Program counter.
        35 cp0_epc: u64,
        /// Address that faulted.
        36 cp0_badvaddr: u64,
        /// Status.
        37 cp0_status: u64,
        /// Cause of the exception.
        38 cp0_cause: u64,
    }

    /// Floating-point registers.
    UserMipsFpregsEntry("user_mips_fpregs_entry") {
        /// F0.
        1 r0: u64,
        /// F1.
        2 r1: u64,
        /// F2.
        3 r2: u64,
        /// F3.
        4 r3: u64,
        /// F4.
        5 r4: u64,
        /// F5.
        6 r5: u64,
        /// F6.
        7 r6: u64,
        /// F7.
        8 r7: u64,
        /// F8.
        9 r8: u64,
        /// F9.
        10 r9: u64,
        /// F10.
        11 r10: u64,
        /// F11.
        12 r11: u64,
        /// F12.
        13 r12: u64,
        /// F13.
        14 r13: u64,
        /// F14.
        15 r14: u64,
        /// F15.
        16 r15: u64,
        /// F16.
        17 r16: u64,
        /// F17.
        18 r17: u64,
        /// F18.
        19 r18: u64,
        /// F19.
        20 r19: u64,
        /// F20.
        21 r20: u64,
        /// F21.
        22 r21: u64,
        /// F22.
        23 r22: u64,
        /// F23.
        24 r23: u64,
        /// F24.
        25 r24: u64,
        /// F25.
        26 r25: u64,
        /// F26.
        27 r26: u64,
        /// F27.
        28 r27: u64,
        /// F28.
        29 r28: u64,
        /// F29.
        30 r29: u64,
        /// F30.
        31 r30: u64,
        /// F31.
        32 r31: u64,
        /// Not used.
        33 lo: u64,
        /// Not used.
        34 hi: u64,
        /// Control and status.
        35 fpu_fcr31: u32,
        /// Implementation and revision.
        36 fpu_id: u32,
    }
}
