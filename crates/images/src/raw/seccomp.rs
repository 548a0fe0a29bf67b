//! Seccomp filters, read: what each instruction compares and returns.
//!
//! A filter sees the number of a system call at offset 0, the architecture at 4, the instruction pointer at 8,
//! and six arguments of 64 bits from 16. Jumps go forward only, so what the accumulator holds at an
//! instruction is known in one pass, unless several ways lead there that differ.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::bpf::{Instruction, Operation, Origin, Source, instructions};
use crate::image::ByteOrder;
use crate::syscalls::Architecture;

/// The longest program that the kernel takes.
pub const MAX_INSTRUCTIONS: usize = 4096;

/// One instruction with what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Number of the instruction.
    pub index: usize,
    /// The instruction.
    pub instruction: Instruction,
    /// What it means, in words; empty if that is not known.
    pub meaning: String,
}

/// `0003: jeq #0x3b, +0, +1 ; execve`
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}: {}", self.index, self.instruction)?;
        if self.meaning.is_empty() { Ok(()) } else { write!(f, " ; {}", self.meaning) }
    }
}

/// Reads the instructions of a filter, `seccomp_filter.filter`.
///
/// The architecture is that of the task, whose names system calls get where the filter does not ask for
/// another one. What is behind [`MAX_INSTRUCTIONS`] is left out.
#[must_use]
pub fn disassemble(filter: &[u8], order: ByteOrder, architecture: Option<Architecture>) -> Vec<Line> {
    let program: Vec<_> = instructions(filter, order).take(MAX_INSTRUCTIONS).collect();
    let mut states: Vec<Option<State>> = alloc::vec![None; program.len()];
    if let Some(first) = states.first_mut() {
        *first = Some(State { accumulator: Holds::Unknown, architecture });
    }
    let mut lines = Vec::with_capacity(program.len());
    for (index, &instruction) in program.iter().enumerate() {
        let state = states.get(index).copied().flatten();
        let meaning = match state {
            Some(state) => meaning(instruction, state, order),
            None => "unreachable".into(),
        };
        if let Some(state) = state {
            for (skip, next) in followers(instruction, state, order) {
                let target = index.saturating_add(1).saturating_add(skip);
                if let Some(slot) = states.get_mut(target) {
                    *slot = Some(slot.map_or(next, |known| known.or_unknown(next)));
                }
            }
        }
        lines.push(Line { index, instruction, meaning });
    }
    lines
}

/// What is known in front of an instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    accumulator: Holds,
    architecture: Option<Architecture>,
}

impl State {
    /// What is known if two ways lead to an instruction.
    fn or_unknown(self, other: Self) -> Self {
        let same = self.accumulator == other.accumulator;
        Self {
            accumulator: if same { self.accumulator } else { Holds::Unknown },
            architecture: self.architecture.filter(|_| self.architecture == other.architecture),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Unknown,
    Number,
    Architecture,
    Pointer(Half),
    Argument(u32, Half),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Low,
    High,
}

impl Holds {
    /// What a load from the data gives.
    fn at(offset: u32, order: ByteOrder) -> Self {
        let first = matches!(order, ByteOrder::Little);
        let half = if (offset & 4 == 0) == first { Half::Low } else { Half::High };
        match offset {
            0 => Self::Number,
            4 => Self::Architecture,
            8 | 12 => Self::Pointer(half),
            16..64 if offset & 3 == 0 => Self::Argument(offset.wrapping_sub(16) >> 3, half),
            _ => Self::Unknown,
        }
    }

    fn words(self) -> String {
        let half = |half| if half == Half::Low { "low" } else { "high" };
        match self {
            Self::Unknown => String::new(),
            Self::Number => "system call".into(),
            Self::Architecture => "architecture".into(),
            Self::Pointer(part) => format!("instruction pointer, {} half", half(part)),
            Self::Argument(index, part) => format!("argument {index}, {} half", half(part)),
        }
    }
}

/// How many instructions are skipped, and what is known there; for each way on.
fn followers(instruction: Instruction, state: State, order: ByteOrder) -> Vec<(usize, State)> {
    let size = |skip: u32| usize::try_from(skip).unwrap_or(usize::MAX);
    let unknown = State { accumulator: Holds::Unknown, ..state };
    match instruction.operation() {
        Some(Operation::Load(Origin::Data(""))) => {
            let accumulator = Holds::at(instruction.k, order);
            alloc::vec![(0, State { accumulator, ..state })]
        }
        Some(Operation::Load(_) | Operation::Arithmetic(..) | Operation::Move("txa")) => {
            alloc::vec![(0, unknown)]
        }
        Some(Operation::Jump) => alloc::vec![(size(instruction.k), state)],
        Some(Operation::Branch(name, source)) => {
            let asked = (state.accumulator, name, source) == (Holds::Architecture, "jeq", Source::K);
            let architecture = if asked { Architecture::of_audit(instruction.k) } else { state.architecture };
            alloc::vec![
                (instruction.jump_true.into(), State { architecture, ..state }),
                (instruction.jump_false.into(), state),
            ]
        }
        Some(Operation::Return(_)) | None => Vec::new(),
        Some(_) => alloc::vec![(0, state)],
    }
}

fn meaning(instruction: Instruction, state: State, order: ByteOrder) -> String {
    let k = instruction.k;
    match instruction.operation() {
        Some(Operation::Load(Origin::Data(""))) => Holds::at(k, order).words(),
        Some(Operation::Branch(_, Source::K)) => match state.accumulator {
            Holds::Number => {
                state.architecture.and_then(|architecture| architecture.syscall(k)).unwrap_or_default().into()
            }
            Holds::Architecture => {
                Architecture::of_audit(k).map(|architecture| format!("{architecture}")).unwrap_or_default()
            }
            _ => String::new(),
        },
        Some(Operation::Return(Source::K)) => action(k),
        _ => String::new(),
    }
}

/// What the kernel does on a return value.
#[must_use]
pub fn action(value: u32) -> String {
    let data = value & 0xffff;
    match value & 0xffff_0000 {
        0x8000_0000 => "kill the process".into(),
        0x0000_0000 => "kill the thread".into(),
        0x0003_0000 => format!("send SIGSYS, data {data}"),
        0x0005_0000 => format!("fail with error {data}"),
        0x7fc0_0000 => "ask the listener".into(),
        0x7ff0_0000 => format!("ask the tracer, data {data}"),
        0x7ffc_0000 => "log and allow".into(),
        0x7fff_0000 => "allow".into(),
        _ => "kill the process: unknown action".into(),
    }
}

#[cfg(test)]
mod tests;
