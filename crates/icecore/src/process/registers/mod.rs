//! Registers by name, for every architecture that CRIU dumps.
//!
//! Names are those of the kernel's `ptrace` structures, which CRIU's schema has too: `ip` and `orig_ax` on x86, `x19`
//! and `v8` on 64-bit ARM, `psw_addr` on s390x. Values are those at the dump: CRIU may have moved the program counter of
//! an interrupted system call back to the call.

mod aarch64;
mod arm;
mod loongarch64;
mod mips;
mod ppc64;
mod riscv64;
mod s390;
mod x86;

use std::borrow::Cow;
use std::fmt;

use icecore_images::messages::{
    CoreEntry, ThreadInfoAarch64, ThreadInfoArm, ThreadInfoLoongarch64, ThreadInfoMips, ThreadInfoPpc64,
    ThreadInfoRiscv64, ThreadInfoS390, ThreadInfoX86,
};
use serde::{Serialize, Serializer};

use crate::Vaddr;

/// The registers of a thread, as its image holds them.
///
/// Source: `core-TID.img`, `core_entry.thread_info` (x86), `core_entry.ti_*` (others).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Registers {
    /// Those of x86.
    X86(Box<ThreadInfoX86>),
    /// Those of 32-bit ARM.
    Arm(Box<ThreadInfoArm>),
    /// Those of 64-bit ARM.
    Aarch64(Box<ThreadInfoAarch64>),
    /// Those of POWER.
    Ppc64(Box<ThreadInfoPpc64>),
    /// Those of s390x.
    S390x(Box<ThreadInfoS390>),
    /// Those of MIPS.
    Mips64(Box<ThreadInfoMips>),
    /// Those of LoongArch.
    Loongarch64(Box<ThreadInfoLoongarch64>),
    /// Those of RISC-V.
    Riscv64(Box<ThreadInfoRiscv64>),
}

impl Registers {
    /// Takes the registers out of a core image.
    pub(super) fn take(core: &mut CoreEntry) -> Option<Self> {
        let x86 = core.thread_info.take().map(Self::X86);
        let arm = || core.ti_arm.take().map(Self::Arm);
        x86.or_else(arm)
            .or_else(|| core.ti_aarch64.take().map(Self::Aarch64))
            .or_else(|| core.ti_ppc64.take().map(Self::Ppc64))
            .or_else(|| core.ti_s390.take().map(Self::S390x))
            .or_else(|| core.ti_mips.take().map(Self::Mips64))
            .or_else(|| core.ti_loongarch64.take().map(Self::Loongarch64))
            .or_else(|| core.ti_riscv64.take().map(Self::Riscv64))
    }

    /// All registers, general ones first.
    pub fn list(&self) -> Vec<Register> {
        let mut list = List::default();
        self.set().list(&mut list);
        list.0
    }

    /// The register of this name.
    pub fn get(&self, name: &str) -> Option<RegisterValue> {
        self.list().into_iter().find(|register| register.name == name).map(|register| register.value)
    }

    /// The program counter.
    pub fn program_counter(&self) -> Vaddr {
        Vaddr(self.set().program_counter())
    }

    /// The stack pointer.
    pub fn stack_pointer(&self) -> Vaddr {
        Vaddr(self.set().stack_pointer())
    }

    /// The thread pointer, where thread-local storage is found. `None`: this architecture or width does not store it as
    /// one register.
    pub fn thread_pointer(&self) -> Option<Vaddr> {
        self.set().thread_pointer().map(Vaddr)
    }

    /// The address that set_tid_address(2) was given; 0 if none.
    pub fn clear_tid_address(&self) -> Vaddr {
        Vaddr(self.set().clear_tid_address())
    }

    /// The call as the registers have it.
    pub(super) fn call(&self) -> Option<RawCall> {
        self.set().call()
    }

    fn set(&self) -> &dyn RegisterSet {
        match self {
            Self::X86(set) => set.as_ref(),
            Self::Arm(set) => set.as_ref(),
            Self::Aarch64(set) => set.as_ref(),
            Self::Ppc64(set) => set.as_ref(),
            Self::S390x(set) => set.as_ref(),
            Self::Mips64(set) => set.as_ref(),
            Self::Loongarch64(set) => set.as_ref(),
            Self::Riscv64(set) => set.as_ref(),
        }
    }
}

/// One register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Register {
    /// Its name, in lower case.
    pub name: Cow<'static, str>,
    /// What it holds.
    pub value: RegisterValue,
}

/// What a register holds: words of 64 bits, the least significant first.
///
/// Shown and serialised as one number in lower-case hexadecimal with `0x`, however wide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterValue(Vec<u64>);

impl RegisterValue {
    /// The words, the least significant first; at least one.
    pub fn words(&self) -> &[u64] {
        &self.0
    }

    /// The least significant word.
    pub fn low(&self) -> u64 {
        self.0.first().copied().unwrap_or(0)
    }
}

impl fmt::Display for RegisterValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.0.iter().rev().skip_while(|word| **word == 0);
        write!(formatter, "{:#x}", words.next().copied().unwrap_or(0))?;
        words.try_for_each(|word| write!(formatter, "{word:016x}"))
    }
}

impl Serialize for RegisterValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What each architecture tells of its registers.
trait RegisterSet {
    /// Adds all registers, general ones first.
    fn list(&self, list: &mut List);
    /// The program counter.
    fn program_counter(&self) -> u64;
    /// The stack pointer.
    fn stack_pointer(&self) -> u64;
    /// The thread pointer.
    fn thread_pointer(&self) -> Option<u64>;
    /// Argument of set_tid_address(2).
    fn clear_tid_address(&self) -> u64;
    /// The call that the registers speak of; `None` if they say that there is none.
    fn call(&self) -> Option<RawCall>;
}

/// A system call as registers have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawCall {
    pub(super) number: u64,
    /// `None`: the register was used for something else meanwhile.
    pub(super) arguments: [Option<u64>; 6],
    /// Whether the registers say that the thread was in the call, and not only which was its last one.
    pub(super) certain: bool,
}

/// Whether a result is one that the kernel uses inside for a call that is to be restarted: only a thread in a call has it.
fn is_restart(result: u64) -> bool {
    const RESTARTS: std::ops::RangeInclusive<u64> = 512..=516;
    RESTARTS.contains(&result.wrapping_neg())
}

/// The first argument, unless its register already holds the result `-EINTR` or one that restarts the call.
fn first_argument(register: u64) -> Option<u64> {
    const EINTR: u64 = 4;
    (!is_restart(register) && register.wrapping_neg() != EINTR).then_some(register)
}

/// Registers while they are being listed.
#[derive(Default)]
struct List(Vec<Register>);

impl List {
    fn word(&mut self, name: &'static str, value: impl Into<u64>) {
        self.0.push(Register { name: name.into(), value: RegisterValue(vec![value.into()]) });
    }

    /// A register made of several words, the least significant first.
    fn wide(&mut self, name: String, words: Vec<u64>) {
        self.0.push(Register { name: name.into(), value: RegisterValue(words) });
    }

    /// `PREFIX0`, `PREFIX1` …: at most as many as the architecture has, whatever the image says.
    fn numbered<T: Into<u64> + Copy>(&mut self, prefix: &str, count: usize, values: &[T]) {
        for (number, value) in values.iter().take(count).enumerate() {
            self.wide(format!("{prefix}{number}"), vec![(*value).into()]);
        }
    }

    /// The same with two words for each, the least significant first.
    fn numbered_pairs(&mut self, prefix: &str, count: usize, words: &[u64]) {
        for (number, pair) in words.chunks_exact(2).take(count).enumerate() {
            self.wide(format!("{prefix}{number}"), pair.to_vec());
        }
    }
}

/// Adds registers that have the names of their fields:
///
/// ```text
/// words!(list, regs: sp pc);   // list.word("sp", regs.sp); list.word("pc", regs.pc);
/// ```
macro_rules! words {
    ($list:expr, $from:expr; $($field:ident)+) => { $($list.word(stringify!($field), $from.$field);)+ };
}
use words;

#[cfg(test)]
mod tests;
