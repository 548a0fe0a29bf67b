//! Registers of LoongArch.

use icecore_images::messages::ThreadInfoLoongarch64;

use super::{List, RawCall, RegisterSet, first_argument, words};

/// The stack pointer.
const SP: usize = 3;
/// The first argument; the others follow.
const A0: usize = 4;
/// The register with the number of a system call.
const A7: usize = 11;

impl RegisterSet for ThreadInfoLoongarch64 {
    fn list(&self, list: &mut List) {
        list.numbered("r", 32, &self.gpregs.regs);
        words!(list, self.gpregs; pc);
        list.word("tls", self.tls);
        list.numbered("f", 32, &self.fpregs.regs);
        words!(list, self.fpregs; fcc fcsr);
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.pc
    }

    fn stack_pointer(&self) -> u64 {
        register(self, SP)
    }

    fn thread_pointer(&self) -> Option<u64> {
        Some(self.tls)
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    fn call(&self) -> Option<RawCall> {
        let first = register(self, A0);
        let rest = |number: usize| Some(register(self, A0.saturating_add(number)));
        Some(RawCall {
            number: register(self, A7),
            arguments: [first_argument(first), rest(1), rest(2), rest(3), rest(4), rest(5)],
            certain: super::is_restart(first),
        })
    }
}

/// A general register by number; one that a damaged image lacks is 0.
fn register(info: &ThreadInfoLoongarch64, number: usize) -> u64 {
    info.gpregs.regs.get(number).copied().unwrap_or(0)
}
