//! The texts in memory: runs of printable characters, as strings(1) finds them, in several encodings.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::{Checkpoint, Pid};
//! use icecore_analysis::search::Filter;
//! use icecore_analysis::strings::{Encoding, strings};
//!
//! let checkpoint = Checkpoint::open(path)?;
//! let memory = checkpoint.memory(Pid(1))?;
//! for text in strings(&memory, Encoding::Utf8, 8, &Filter::default(), None).take(10) {
//!     println!("{} {}", text.address, text.text);
//! }
//! # Ok::<(), icecore::Error>(())
//! ```

use icecore::{Memory, Vaddr};
use serde::Serialize;

use crate::filter::Filter;
use crate::meter::Meter;
use crate::windows::{InMemory, Windows};

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

/// Bytes that a text may take: its last character may end behind the limit.
const REACH: usize = LONGEST + 3;

/// The texts of at least `least` characters in the memory of a process, each when it is found: dropping the iterator ends
/// the walk, and so does stopping the meter.
pub fn strings<'a>(
    memory: &'a Memory,
    encoding: Encoding,
    least: usize,
    filter: &Filter,
    meter: Option<&'a Meter>,
) -> impl Iterator<Item = Text> + use<'a> {
    let mut windows = Windows::new(InMemory::new(memory, filter), REACH, meter);
    // The first address that was not looked at yet.
    let mut reached = 0_u64;
    std::iter::from_fn(move || {
        loop {
            let window = windows.window();
            let mut at = usize::try_from(reached.saturating_sub(window.start)).unwrap_or(usize::MAX);
            while at < window.limit {
                let rest = window.bytes.get(at..).unwrap_or_default();
                let address = Vaddr(window.start.saturating_add(at as u64));
                let (text, length, count) = longest(rest, encoding);
                at = at.saturating_add(length.max(1));
                reached = window.start.saturating_add(at as u64);
                if count >= least.max(1) {
                    return Some(Text { address, text, encoding });
                }
            }
            if !windows.advance() {
                return None;
            }
        }
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
