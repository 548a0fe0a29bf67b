//! Registers of s390x.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// Registers of a thread.
    ThreadInfoS390("thread_info_s390") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// General registers.
        2 gpregs: UserS390RegsEntry as hex,
        /// Floating-point registers.
        3 fpregs: UserS390FpregsEntry as hex,
        /// Vector registers 0 to 15.
        4 vxrs_low: Option<UserS390VxrsLowEntry> as hex,
        /// Vector registers 16 to 31.
        5 vxrs_high: Option<UserS390VxrsHighEntry> as hex,
        /// Guarded storage; since CRIU 3.6.
        6 gs_cb: Option<UserS390GsCbEntry> as hex,
        /// Guarded storage, broadcast; since CRIU 3.6.
        7 gs_bc: Option<UserS390GsCbEntry> as hex,
        /// Runtime instrumentation; since CRIU 3.6.
        8 ri_cb: Option<UserS390RiEntry> as hex,
    }

    /// General registers.
    UserS390RegsEntry("user_s390_regs_entry") {
        /// Mask of the program status word.
        1 psw_mask: u64,
        /// Program counter.
        2 psw_addr: u64,
        /// R0 to R15.
        3 gprs: Vec<u64>,
        /// A0 to A15.
        4 acrs: Vec<u32>,
        /// R2 at the entry of a system call.
        5 orig_gpr2: u64,
        /// Number of the system call.
        6 system_call: u32,
    }

    /// Floating-point registers.
    UserS390FpregsEntry("user_s390_fpregs_entry") {
        /// Control.
        1 fpc: u32,
        /// F0 to F15.
        2 fprs: Vec<u64>,
    }

    /// Vector registers 0 to 15.
    UserS390VxrsLowEntry("user_s390_vxrs_low_entry") {
        /// Their low words.
        1 regs: Vec<u64>,
    }

    /// Vector registers 16 to 31.
    UserS390VxrsHighEntry("user_s390_vxrs_high_entry") {
        /// Two words each.
        1 regs: Vec<u64>,
    }

    /// Guarded storage control block.
    UserS390GsCbEntry("user_s390_gs_cb_entry") {
        /// Its words.
        1 regs: Vec<u64>,
    }

    /// Runtime instrumentation control block.
    UserS390RiEntry("user_s390_ri_entry") {
        /// Whether it is switched on.
        1 ri_on: u32,
        /// Its words.
        2 regs: Vec<u64>,
    }
}
