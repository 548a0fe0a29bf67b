//! Registers of RISC-V.

use icecore_images::messages::ThreadInfoRiscv64;

use super::{List, RawCall, RegisterSet, first_argument, words};

/// The floating-point registers by the names of the calling convention, F0 first.
const FLOATING: [&str; 32] = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4",
    "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8",
    "ft9", "ft10", "ft11",
];

impl RegisterSet for ThreadInfoRiscv64 {
    fn list(&self, list: &mut List) {
        words!(list, self.gpregs; pc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7);
        words!(list, self.gpregs; s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6);
        for (name, value) in FLOATING.iter().zip(&self.fpsimd.f) {
            list.word(name, *value);
        }
        words!(list, self.fpsimd; fcsr);
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.pc
    }

    fn stack_pointer(&self) -> u64 {
        self.gpregs.sp
    }

    fn thread_pointer(&self) -> Option<u64> {
        Some(self.gpregs.tp)
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    fn call(&self) -> Option<RawCall> {
        let regs = &self.gpregs;
        let rest = [regs.a1, regs.a2, regs.a3, regs.a4, regs.a5].map(Some);
        let [second, third, fourth, fifth, sixth] = rest;
        Some(RawCall {
            number: regs.a7,
            arguments: [first_argument(regs.a0), second, third, fourth, fifth, sixth],
            certain: super::is_restart(regs.a0),
        })
    }
}
