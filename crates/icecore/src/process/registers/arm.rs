//! Registers of 32-bit ARM.

use icecore_images::messages::ThreadInfoArm;

use super::{List, RawCall, RegisterSet, words};

impl RegisterSet for ThreadInfoArm {
    fn list(&self, list: &mut List) {
        words!(list, self.gpregs; r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 fp ip sp lr pc cpsr orig_r0);
        list.word("tls", self.tls);
        list.numbered("d", 32, &self.fpstate.vfp_regs);
        words!(list, self.fpstate; fpscr fpexc fpinst fpinst2);
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.pc.into()
    }

    fn stack_pointer(&self) -> u64 {
        self.gpregs.sp.into()
    }

    fn thread_pointer(&self) -> Option<u64> {
        Some(self.tls.into())
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    /// Outside of a call the kernel sets `orig_r0` to all ones.
    fn call(&self) -> Option<RawCall> {
        let regs = &self.gpregs;
        let arguments = [regs.orig_r0, regs.r1, regs.r2, regs.r3, regs.r4, regs.r5];
        let call = RawCall {
            number: regs.r7.into(),
            arguments: arguments.map(|argument| Some(argument.into())),
            certain: true,
        };
        (regs.orig_r0 != u32::MAX).then_some(call)
    }
}
