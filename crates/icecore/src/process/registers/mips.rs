//! Registers of MIPS.

use icecore_images::messages::ThreadInfoMips;

use super::{List, RawCall, RegisterSet, words};

/// The code of an exception in the cause register, and that of a system call.
const EXCEPTION: u64 = 0x7c;
const SYSTEM_CALL: u64 = 8 << 2;

impl RegisterSet for ThreadInfoMips {
    fn list(&self, list: &mut List) {
        words!(list, self.gpregs; r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15);
        words!(list, self.gpregs; r16 r17 r18 r19 r20 r21 r22 r23 r24 r25 r26 r27 r28 r29 r30 r31);
        words!(list, self.gpregs; lo hi cp0_epc cp0_badvaddr cp0_status cp0_cause);
        list.word("tls", self.tls);
        let f = &self.fpregs;
        let low = [f.r0, f.r1, f.r2, f.r3, f.r4, f.r5, f.r6, f.r7, f.r8, f.r9, f.r10, f.r11, f.r12, f.r13];
        let middle = [f.r14, f.r15, f.r16, f.r17, f.r18, f.r19, f.r20, f.r21, f.r22, f.r23, f.r24, f.r25];
        let high = [f.r26, f.r27, f.r28, f.r29, f.r30, f.r31];
        list.numbered("f", 32, &[&low[..], &middle[..], &high[..]].concat());
        words!(list, f; fpu_fcr31 fpu_id);
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.cp0_epc
    }

    fn stack_pointer(&self) -> u64 {
        self.gpregs.r29
    }

    fn thread_pointer(&self) -> Option<u64> {
        Some(self.tls)
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    fn call(&self) -> Option<RawCall> {
        let regs = &self.gpregs;
        let arguments = [regs.r4, regs.r5, regs.r6, regs.r7, regs.r8, regs.r9];
        let certain = regs.cp0_cause & EXCEPTION == SYSTEM_CALL;
        certain.then_some(RawCall { number: regs.r2, arguments: arguments.map(Some), certain })
    }
}
