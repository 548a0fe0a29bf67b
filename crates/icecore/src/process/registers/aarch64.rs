//! Registers of 64-bit ARM.

use icecore_images::messages::ThreadInfoAarch64;

use super::{List, RawCall, RegisterSet, first_argument, words};

/// The register with the number of a system call.
const NUMBER: usize = 8;

impl RegisterSet for ThreadInfoAarch64 {
    fn list(&self, list: &mut List) {
        list.numbered("x", 31, &self.gpregs.regs);
        words!(list, self.gpregs; sp pc pstate);
        list.word("tpidr", self.tls);
        list.numbered_pairs("v", 32, &self.fpsimd.vregs);
        words!(list, self.fpsimd; fpsr fpcr);
        if let Some(keys) = self.pac_keys.as_ref().and_then(|keys| keys.pac_address_keys.as_ref()) {
            words!(list, keys; apiakey_lo apiakey_hi apibkey_lo apibkey_hi);
            words!(list, keys; apdakey_lo apdakey_hi apdbkey_lo apdbkey_hi pac_enabled_key);
        }
        if let Some(keys) = self.pac_keys.as_ref().and_then(|keys| keys.pac_generic_keys.as_ref()) {
            words!(list, keys; apgakey_lo apgakey_hi);
        }
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.pc
    }

    fn stack_pointer(&self) -> u64 {
        self.gpregs.sp
    }

    fn thread_pointer(&self) -> Option<u64> {
        Some(self.tls)
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    fn call(&self) -> Option<RawCall> {
        let register = |number: usize| self.gpregs.regs.get(number).copied();
        let first = register(0)?;
        Some(RawCall {
            number: register(NUMBER)?,
            arguments: [
                first_argument(first),
                register(1),
                register(2),
                register(3),
                register(4),
                register(5),
            ],
            certain: super::is_restart(first),
        })
    }
}
