//! Registers of POWER.

use icecore_images::messages::{ThreadInfoPpc64, UserPpc64RegsEntry};

use super::{List, RawCall, RegisterSet, first_argument, is_restart, words};

/// Traps of the two instructions that call the kernel, `sc` and `scv`.
const SYSTEM_CALLS: [u64; 2] = [0xc00, 0x3000];
/// Bits of the trap that only tell how the kernel was entered.
const TRAP_FLAGS: u64 = 0xf;

impl RegisterSet for ThreadInfoPpc64 {
    fn list(&self, list: &mut List) {
        let regs = &self.gpregs;
        list.numbered("r", 32, &regs.gpr);
        words!(list, regs; nip msr orig_gpr3 ctr link xer ccr trap);
        for (name, value) in [("tfhar", regs.tfhar), ("texasr", regs.texasr), ("tfiar", regs.tfiar)] {
            if let Some(value) = value {
                list.word(name, value);
            }
        }
        if let Some(state) = &self.fpstate {
            list.numbered("f", 32, &state.fpregs);
            if let Some(fpscr) = state.fpregs.get(32) {
                list.word("fpscr", *fpscr);
            }
        }
        if let Some(state) = &self.vrstate {
            list.numbered_pairs("v", 32, &state.vrregs);
            if let Some(vscr) = state.vrregs.get(64..66) {
                list.wide("vscr".into(), vscr.to_vec());
            }
            words!(list, state; vrsave);
        }
        if let Some(state) = &self.vsxstate {
            // The high halves are the floating-point registers.
            list.numbered("vsx_low", 32, &state.vsxregs);
        }
        if let Some(state) = &self.tmstate {
            list.numbered("tm_r", 32, &state.gpregs.gpr);
            list.word("tm_nip", state.gpregs.nip);
        }
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.nip
    }

    fn stack_pointer(&self) -> u64 {
        register(&self.gpregs, 1)
    }

    fn thread_pointer(&self) -> Option<u64> {
        Some(register(&self.gpregs, 13))
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    /// CRIU clears the trap of a call that it restarts, so a trap of 0 leaves open whether there was one.
    fn call(&self) -> Option<RawCall> {
        let regs = &self.gpregs;
        let (trap, result) = (regs.trap & !TRAP_FLAGS, register(regs, 3));
        let certain = SYSTEM_CALLS.contains(&trap) || is_restart(result);
        let rest = |number| Some(register(regs, number));
        let arguments = [first_argument(regs.orig_gpr3), rest(4), rest(5), rest(6), rest(7), rest(8)];
        (certain || trap == 0).then_some(RawCall { number: register(regs, 0), arguments, certain })
    }
}

/// A general register by number; one that a damaged image lacks is 0.
fn register(regs: &UserPpc64RegsEntry, number: usize) -> u64 {
    regs.gpr.get(number).copied().unwrap_or(0)
}
