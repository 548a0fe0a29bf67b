//! Registers of s390x.

use icecore_images::messages::{ThreadInfoS390, UserS390GsCbEntry};

use super::{List, RawCall, RegisterSet, words};

impl RegisterSet for ThreadInfoS390 {
    fn list(&self, list: &mut List) {
        let regs = &self.gpregs;
        words!(list, regs; psw_mask psw_addr);
        list.numbered("r", 16, &regs.gprs);
        list.numbered("a", 16, &regs.acrs);
        words!(list, regs; orig_gpr2 system_call);
        words!(list, self.fpregs; fpc);
        list.numbered("f", 16, &self.fpregs.fprs);
        vectors(self, list);
        control_block(list, "gs_cb", self.gs_cb.as_ref());
        control_block(list, "gs_bc", self.gs_bc.as_ref());
        if let Some(block) = &self.ri_cb {
            words!(list, block; ri_on);
            list.numbered("ri_cb", 8, &block.regs);
        }
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.psw_addr
    }

    fn stack_pointer(&self) -> u64 {
        register(self, 15)
    }

    /// Access registers 0 and 1 hold it in two halves.
    fn thread_pointer(&self) -> Option<u64> {
        let [high, low, ..] = self.gpregs.acrs.as_slice() else { return None };
        Some(u64::from(*high) << 32 | u64::from(*low))
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    /// The kernel stores the number of the call that a thread is in, below the length of the instruction, and 0 outside of
    /// one.
    fn call(&self) -> Option<RawCall> {
        let number = u64::from(self.gpregs.system_call & 0xffff);
        let rest = |number| Some(register(self, number));
        let arguments = [Some(self.gpregs.orig_gpr2), rest(3), rest(4), rest(5), rest(6), rest(7)];
        (self.gpregs.system_call != 0).then_some(RawCall { number, arguments, certain: true })
    }
}

/// The vector registers. The high halves of the first sixteen are the floating-point registers; the others lie high word
/// first.
fn vectors(info: &ThreadInfoS390, list: &mut List) {
    if let Some(low) = &info.vxrs_low {
        for (number, (high, low)) in info.fpregs.fprs.iter().zip(&low.regs).take(16).enumerate() {
            list.wide(format!("v{number}"), vec![*low, *high]);
        }
    }
    if let Some(upper) = &info.vxrs_high {
        for (number, pair) in (16..32).zip(upper.regs.chunks_exact(2)) {
            list.wide(format!("v{number}"), pair.iter().rev().copied().collect());
        }
    }
}

fn control_block(list: &mut List, prefix: &str, block: Option<&UserS390GsCbEntry>) {
    if let Some(block) = block {
        list.numbered(prefix, 4, &block.regs);
    }
}

/// A general register by number; one that a damaged image lacks is 0.
fn register(info: &ThreadInfoS390, number: usize) -> u64 {
    info.gpregs.gprs.get(number).copied().unwrap_or(0)
}
