//! Registers of 64-bit ARM.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// Registers of a thread.
    ThreadInfoAarch64("thread_info_aarch64") {
        /// Address given to set_tid_address(2).
        1 clear_tid_addr: u64 as hex,
        /// Thread pointer, TPIDR_EL0.
        2 tls: u64,
        /// General registers.
        3 gpregs: UserAarch64RegsEntry as hex,
        /// Vector registers.
        4 fpsimd: UserAarch64FpsimdContextEntry,
        /// Keys of pointer authentication; since CRIU 4.1.
        5 pac_keys: Option<PacKeys>,
    }

    /// General registers.
    UserAarch64RegsEntry("user_aarch64_regs_entry") {
        /// X0 to X30.
        1 regs: Vec<u64>,
        /// Stack pointer.
        2 sp: u64,
        /// Program counter.
        3 pc: u64,
        /// Processor state.
        4 pstate: u64,
    }

    /// Vector registers; of SVE the lower 128 bits.
    UserAarch64FpsimdContextEntry("user_aarch64_fpsimd_context_entry") {
        /// V0 to V31, each low word, then high word.
        1 vregs: Vec<u64>,
        /// Status.
        2 fpsr: u32,
        /// Control.
        3 fpcr: u32,
    }

    /// Keys of pointer authentication.
    PacKeys("pac_keys") {
        /// Keys for addresses.
        6 pac_address_keys: Option<PacAddressKeys>,
        /// Keys for data.
        7 pac_generic_keys: Option<PacGenericKeys>,
    }

    /// Keys for addresses.
    PacAddressKeys("pac_address_keys") {
        /// Key A for instructions, low word.
        1 apiakey_lo: u64,
        /// Key A for instructions, high word.
        2 apiakey_hi: u64,
        /// Key B for instructions, low word.
        3 apibkey_lo: u64,
        /// Key B for instructions, high word.
        4 apibkey_hi: u64,
        /// Key A for data, low word.
        5 apdakey_lo: u64,
        /// Key A for data, high word.
        6 apdakey_hi: u64,
        /// Key B for data, low word.
        7 apdbkey_lo: u64,
        /// Key B for data, high word.
        8 apdbkey_hi: u64,
        /// Which keys are enabled.
        9 pac_enabled_key: u64,
    }

    /// Keys for data.
    PacGenericKeys("pac_generic_keys") {
        /// Key A, low word.
        1 apgakey_lo: u64,
        /// Key A, high word.
        2 apgakey_hi: u64,
    }
}
