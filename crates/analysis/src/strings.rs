//! The texts in memory: runs of printable characters, as strings(1) finds them, in several encodings at once.

use std::ops::ControlFlow;

use icecore::{Memory, Vaddr};
use serde::Serialize;

use crate::windows::{self, Filter};

/// How characters are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Printable ASCII and tabs.
    Ascii,
    /// Printable ASCII, tabs, and sound UTF-8 sequences.
    Utf8,
    /// ASCII in UTF-16, low byte first.
    Utf16Le,
    /// ASCII in UTF-16, high byte first.
    Utf16Be,
}

impl Encoding {
    /// All encodings.
    pub const ALL: [Self; 4] = [Self::Ascii, Self::Utf8, Self::Utf16Le, Self::Utf16Be];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    /// The character at the beginning of `bytes`, and the bytes that it takes.
    fn character(self, bytes: &[u8]) -> Option<(char, usize)> {
        let printable = |byte: u8| matches!(byte, b' '..=b'~' | b'\t').then(|| char::from(byte));
        match (self, bytes) {
            (Self::Utf16Le, [byte, 0, ..]) | (Self::Utf16Be, [0, byte, ..]) => Some((printable(*byte)?, 2)),
            (Self::Utf16Le | Self::Utf16Be, _) => None,
            (_, [byte, ..]) if byte.is_ascii() => Some((printable(*byte)?, 1)),
            (Self::Utf8, _) => {
                let (character, length) = bstr::decode_utf8(bytes);
                character.filter(|character| !character.is_control()).map(|character| (character, length))
            }
            _ => None,
        }
    }
}

/// A text in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Text {
    /// The address of its first byte.
    pub address: Vaddr,
    /// The characters.
    pub text: String,
    /// How they are stored.
    pub encoding: Encoding,
}

/// Bytes after which a text is cut and goes on as another.
pub const LONGEST: usize = 4096;

/// Finds texts of at least `least` characters in the memory of a process, and gives them one by one until `take` breaks.
pub fn strings(
    memory: &Memory,
    encoding: Encoding,
    least: usize,
    filter: &Filter,
    take: &mut dyn FnMut(Text) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut reached = 0_u64;
    windows::visit(memory, filter, LONGEST, &mut |window| {
        let start = window.start.0;
        let mut at = usize::try_from(reached.saturating_sub(start)).unwrap_or(usize::MAX);
        while at < window.limit {
            let rest = window.bytes.get(at..).unwrap_or_default();
            let (text, length, count) = longest(rest, encoding);
            if count >= least.max(1) {
                let address = Vaddr(start.saturating_add(at as u64));
                take(Text { address, text, encoding })?;
            }
            at = at.saturating_add(length.max(1));
            reached = start.saturating_add(at as u64);
        }
        ControlFlow::Continue(())
    })
}

/// The text at the beginning of bytes, its length in bytes and in characters.
fn longest(bytes: &[u8], encoding: Encoding) -> (String, usize, usize) {
    let (mut text, mut length, mut count) = (String::new(), 0_usize, 0_usize);
    while length < LONGEST {
        let rest = bytes.get(length..).unwrap_or_default();
        let Some((character, taken)) = encoding.character(rest) else { break };
        text.push(character);
        length = length.saturating_add(taken);
        count = count.saturating_add(1);
    }
    (text, length, count)
}

#[cfg(test)]
mod tests;
