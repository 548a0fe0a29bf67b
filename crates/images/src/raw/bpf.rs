//! Classic BPF instructions: the filters of seccomp and of sockets.
//!
//! ```text
//! seccomp.img   8 bytes each: u16 code, u8 jt, u8 jf, u32 k, in the byte order of the machine
//! so_filter     one u64 each: code << 48 | jt << 40 | jf << 32 | k
//! ```

use core::fmt;

use nom::number::complete::{u8, u16, u32};

use crate::image::ByteOrder;
use crate::wire::Parsed;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it does: class, size or operation, mode or source.
    pub code: u16,
    /// How many instructions are skipped if a condition holds.
    pub jump_true: u8,
    /// How many are skipped if it does not.
    pub jump_false: u8,
    /// The operand.
    pub k: u32,
}

/// The instructions of a seccomp filter. What is left at the end, if it is less than 8 bytes, is none.
pub fn instructions(filter: &[u8], order: ByteOrder) -> impl Iterator<Item = Instruction> {
    let (chunks, _) = filter.as_chunks::<8>();
    chunks.iter().filter_map(move |bytes| instruction(bytes, order).ok().map(|(_, instruction)| instruction))
}

fn instruction(input: &[u8], order: ByteOrder) -> Parsed<'_, Instruction> {
    let (rest, code) = u16(order.endianness())(input)?;
    let (rest, jump_true) = u8(rest)?;
    let (rest, jump_false) = u8(rest)?;
    let (rest, k) = u32(order.endianness())(rest)?;
    Ok((rest, Instruction { code, jump_true, jump_false, k }))
}

impl Instruction {
    /// An instruction of a socket's filter, `sk_opts_entry.so_filter`.
    #[must_use]
    pub fn of_so_filter(word: u64) -> Self {
        let [k0, k1, k2, k3, jump_false, jump_true, c0, c1] = word.to_le_bytes();
        Self {
            code: u16::from_le_bytes([c0, c1]),
            jump_true,
            jump_false,
            k: u32::from_le_bytes([k0, k1, k2, k3]),
        }
    }

    /// What the code means; `None` if it means nothing.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        let (size, mode) = (self.code & 0x18, self.code & 0xe0);
        let register = if self.code & 0x08 == 0 { Source::K } else { Source::X };
        Some(match self.code & 7 {
            class @ (0 | 1) => {
                let from = load(class, size, mode)?;
                if class == 0 { Operation::Load(from) } else { Operation::LoadIndex(from) }
            }
            2 => Operation::Store("st"),
            3 => Operation::Store("stx"),
            4 => Operation::Arithmetic(arithmetic(self.code & 0xf0)?, register),
            5 => match self.code & 0xf0 {
                0x00 => Operation::Jump,
                0x10 => Operation::Branch("jeq", register),
                0x20 => Operation::Branch("jgt", register),
                0x30 => Operation::Branch("jge", register),
                0x40 => Operation::Branch("jset", register),
                _ => return None,
            },
            6 => match self.code & 0x18 {
                0x00 => Operation::Return(Source::K),
                0x08 => Operation::Return(Source::X),
                _ => Operation::Return(Source::A),
            },
            _ => Operation::Move(if self.code & 0xf8 == 0 { "tax" } else { "txa" }),
        })
    }
}

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Loads the accumulator.
    Load(Origin),
    /// Loads the index register.
    LoadIndex(Origin),
    /// Stores a register in scratch memory: `st` the accumulator, `stx` the index register.
    Store(&'static str),
    /// Changes the accumulator; the name of what is done.
    Arithmetic(&'static str, Source),
    /// Skips `k` instructions.
    Jump,
    /// Compares the accumulator; the name of the comparison.
    Branch(&'static str, Source),
    /// Ends the filter with a value.
    Return(Source),
    /// Copies between the registers: `tax`, `txa`.
    Move(&'static str),
}

/// The second operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The constant `k`.
    K,
    /// The index register.
    X,
    /// The accumulator.
    A,
}

/// Where a load takes its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The constant `k`.
    Constant,
    /// The data at offset `k`: a word, half word or byte, by its suffix.
    Data(&'static str),
    /// The data at offset `k` and the index register.
    Indexed(&'static str),
    /// Scratch memory.
    Scratch,
    /// The length of the data.
    Length,
    /// The length of the IP header at `k`.
    HeaderLength,
}

fn load(class: u16, size: u16, mode: u16) -> Option<Origin> {
    let suffix = match size {
        0x00 => "",
        0x08 => "h",
        0x10 => "b",
        _ => return None,
    };
    Some(match mode {
        0x00 => Origin::Constant,
        0x20 => Origin::Data(suffix),
        0x40 => Origin::Indexed(suffix),
        0x60 => Origin::Scratch,
        0x80 => Origin::Length,
        0xa0 if class == 1 => Origin::HeaderLength,
        _ => return None,
    })
}

fn arithmetic(operation: u16) -> Option<&'static str> {
    let names = ["add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "neg", "mod", "xor"];
    names.get(usize::from(operation >> 4)).copied()
}

/// In the notation of the kernel's BPF assembler, jumps relative to the next instruction.
impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, jump_true, jump_false, k } = *self;
        let operand = |source| match source {
            Source::K => Operand::Constant(k),
            Source::X => Operand::Register('x'),
            Source::A => Operand::Register('a'),
        };
        match self.operation() {
            None => write!(f, "unknown code {code:#06x}, jt {jump_true}, jf {jump_false}, k {k:#x}"),
            Some(Operation::Load(from)) => write_load(f, "ld", from, k),
            Some(Operation::LoadIndex(from)) => write_load(f, "ldx", from, k),
            Some(Operation::Store(name)) => write!(f, "{name} M[{k}]"),
            Some(Operation::Arithmetic("neg", _)) => f.write_str("neg"),
            Some(Operation::Arithmetic(name, source)) => write!(f, "{name} {}", operand(source)),
            Some(Operation::Jump) => write!(f, "jmp +{k}"),
            Some(Operation::Branch(name, source)) => {
                write!(f, "{name} {}, +{jump_true}, +{jump_false}", operand(source))
            }
            Some(Operation::Return(source)) => write!(f, "ret {}", operand(source)),
            Some(Operation::Move(name)) => f.write_str(name),
        }
    }
}

enum Operand {
    Constant(u32),
    Register(char),
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(k) => write!(f, "#{k:#x}"),
            Self::Register(name) => write!(f, "{name}"),
        }
    }
}

fn write_load(f: &mut fmt::Formatter<'_>, name: &str, from: Origin, k: u32) -> fmt::Result {
    match from {
        Origin::Constant => write!(f, "{name} #{k:#x}"),
        Origin::Data(suffix) => write!(f, "{name}{suffix} [{k}]"),
        Origin::Indexed(suffix) => write!(f, "{name}{suffix} [x + {k}]"),
        Origin::Scratch => write!(f, "{name} M[{k}]"),
        Origin::Length => write!(f, "{name} #len"),
        Origin::HeaderLength => write!(f, "{name}b 4*([{k}]&0xf)"),
    }
}

#[cfg(test)]
mod tests;
