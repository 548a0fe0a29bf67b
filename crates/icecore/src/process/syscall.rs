//! The system call that a thread waits in.

use serde::Serialize;

use super::registers::Registers;
use super::{Arch, Thread};
use crate::Vaddr;

/// A system call as the registers of a thread tell it, like `/proc/PID/task/TID/syscall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SystemCall {
    /// Its number on this architecture.
    pub number: u64,
    /// Its name; `None` for a number that Linux does not have.
    pub name: Option<&'static str>,
    /// The six registers of arguments, however many the call takes. `None`: overwritten by a result.
    pub arguments: [Option<u64>; 6],
    /// The stack pointer.
    pub sp: Vaddr,
    /// The program counter; CRIU may have moved it back to the instruction that called.
    pub pc: Vaddr,
    /// Whether the registers say that the thread was in the call. `false`: they only say that it was the last one, as on
    /// 64-bit ARM, RISC-V, LoongArch, and on POWER once CRIU prepared a restart; a thread that was running looks the same.
    pub certain: bool,
}

impl Thread {
    /// The system call that the thread was in. `None`: it was in none, or its registers are missing.
    pub fn system_call(&self) -> Option<SystemCall> {
        SystemCall::of(self.arch?, self.registers.as_ref()?)
    }
}

impl SystemCall {
    fn of(arch: Arch, registers: &Registers) -> Option<Self> {
        let call = registers.call()?;
        let number = u32::try_from(call.number).ok();
        let name = number.and_then(|number| arch.of_system_calls().syscall(number));
        (call.certain || name.is_some()).then(|| Self {
            number: call.number,
            name,
            arguments: call.arguments,
            sp: registers.stack_pointer(),
            pc: registers.program_counter(),
            certain: call.certain,
        })
    }
}
