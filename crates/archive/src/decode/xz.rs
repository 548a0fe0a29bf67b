//! xz streams: blocks of LZMA2 data with a check each, then an index.

use std::io::{self, Read};

use lzma_rust2::{XzReader, lzma2_get_memory_usage};

use super::compressed::Compressed;
use super::frames::{Fault, Frame};
use crate::finding::{Code, Finding};

pub(super) fn open(input: Compressed, window: u64) -> Box<dyn Frame> {
    let limit = u32::try_from(window).map_or(u32::MAX, lzma2_get_memory_usage);
    Box::new(Xz { reader: XzReader::new_mem_limit(input, false, limit), window, begun: false, fault: None })
}

struct Xz {
    reader: XzReader<Compressed>,
    window: u64,
    begun: bool,
    /// What went wrong behind bytes that are being delivered.
    fault: Option<Fault>,
}

/// How many bytes are asked for at once. When the reader fails it drops what it decoded in the same call, so this is
/// the most that damage takes along.
const STEP: usize = 512;

impl Frame for Xz {
    fn decode(&mut self, buffer: &mut [u8], remarks: &mut Vec<Finding>) -> Result<usize, Fault> {
        if !std::mem::replace(&mut self.begun, true) {
            self.check_dictionary()?;
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut done = 0_usize;
        for step in buffer.chunks_mut(STEP) {
            match self.step(step, remarks) {
                Ok(0) => break,
                Ok(count) => done = done.saturating_add(count),
                Err(fault) if done == 0 => return Err(fault),
                Err(fault) => {
                    self.fault = Some(fault);
                    break;
                }
            }
            if !done.is_multiple_of(STEP) {
                break;
            }
        }
        Ok(done)
    }

    fn input(&mut self) -> &mut Compressed {
        self.reader.inner_mut()
    }

    fn into_input(self: Box<Self>) -> Compressed {
        self.reader.into_inner()
    }
}

impl Xz {
    /// Refuses a dictionary above the limit with its size, which the reader does not tell.
    fn check_dictionary(&mut self) -> Result<(), Fault> {
        let head = self.reader.inner_mut().peek(STREAM_HEADER + BLOCK_HEADER)?;
        match head.get(STREAM_HEADER..).and_then(dictionary) {
            Some(dictionary) if dictionary > self.window => Err(Fault::Window(dictionary)),
            _ => Ok(()),
        }
    }

    fn step(&mut self, buffer: &mut [u8], remarks: &mut Vec<Finding>) -> Result<usize, Fault> {
        loop {
            match self.reader.read(buffer) {
                Ok(count) => return Ok(count),
                // The reader has passed the check and goes on with the next block.
                Err(error) if is_wrong_check(&error) => {
                    let offset = self.reader.inner().position();
                    let text = format!(
                        "the check of the xz block in front of compressed offset {offset:#x} does not fit its content"
                    );
                    remarks.push(Finding::new(Code::ChecksumWrong, text).at(offset));
                }
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                    let text = format!(
                        "a block asks for a dictionary above {} bytes (limit `window`; --allow-large-window raises it)",
                        self.window
                    );
                    return Err(Fault::damaged(text));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether the reader says that a block's check does not fit. It has one kind for all damage, so the text must tell.
fn is_wrong_check(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData && error.to_string() == "invalid block checksum"
}

/// Bytes of a stream's header, and the most that a block's header has.
const STREAM_HEADER: usize = 12;
const BLOCK_HEADER: usize = 1024;

/// The bytes of dictionary that a block asks for, by its header; `None` if there is no block or none that is sound.
fn dictionary(block: &[u8]) -> Option<u64> {
    const LZMA2: u64 = 0x21;
    let (&size, rest) = block.split_first()?;
    let (&flags, mut rest) = rest.get(..usize::from(size).checked_mul(4)?)?.split_first()?;
    for size in [0x40, 0x80] {
        if flags & size != 0 {
            (_, rest) = number(rest)?;
        }
    }
    for _ in 0..=flags & 3 {
        let (id, behind) = number(rest)?;
        let (length, behind) = number(behind)?;
        let (properties, behind) = behind.split_at_checked(usize::try_from(length).ok()?)?;
        if id == LZMA2 {
            return match *properties.first()? {
                40 => Some(u64::from(u32::MAX)),
                bits @ 0..40 => Some((2 | u64::from(bits & 1)) << (bits / 2).saturating_add(11)),
                _ => None,
            };
        }
        rest = behind;
    }
    None
}

/// A number of seven bits a byte, lowest first.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = bytes.iter().take(9).position(|byte| byte & 0x80 == 0)?.checked_add(1)?;
    let (number, rest) = bytes.split_at_checked(length)?;
    Some((number.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_read_from_block_headers() {
        // The block header of `xz -6`, with and without sizes in it, and one with a filter in front.
        assert_eq!(dictionary(&[2, 0x00, 0x21, 1, 0x16, 0, 0, 0, 0x74, 0x2f, 0xe5, 0xa3]), Some(8 << 20));
        assert_eq!(dictionary(&[3, 0xc0, 0xab, 0x05, 0x80, 0x0f, 0x21, 1, 0x1c, 0, 0, 0, 0]), Some(64 << 20));
        assert_eq!(dictionary(&[2, 0x01, 0x03, 1, 0x00, 0x21, 1, 40, 0]), Some(0xffff_ffff));
        assert_eq!(dictionary(&[2, 0x00, 0x21, 1, 41, 0, 0, 0, 0]), None);
        assert_eq!(dictionary(&[0, 1, 2, 3]), None, "an index");
        assert_eq!(dictionary(&[2, 0x00, 0x21]), None);
    }

    #[test]
    fn numbers_have_nine_bytes_at_most() {
        assert_eq!(number(&[0x80, 0x01, 7]), Some((128, &[7][..])));
        assert_eq!(number(&[0xff; 20]), None);
        assert_eq!(number(&[]), None);
    }
}
