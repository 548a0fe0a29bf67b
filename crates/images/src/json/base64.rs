//! Base64 as crit writes it: a line feed after every 76 characters and at the end. Any white space is read.

use alloc::string::String;
use alloc::vec::Vec;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Bytes of a line of 76 characters.
const LINE: usize = 57;

/// Bytes in lines.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(4).div_euclid(3).saturating_add(80));
    for line in bytes.chunks(LINE) {
        for triple in line.chunks(3) {
            let byte = |index| triple.get(index).copied().map_or(0, u32::from);
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for position in 0..4u32 {
                let shift = 18u32.saturating_sub(position.saturating_mul(6));
                let used = usize::try_from(position).is_ok_and(|position| position <= triple.len());
                text.push(if used { digit(bits.wrapping_shr(shift)) } else { '=' });
            }
        }
        text.push('\n');
    }
    text
}

fn digit(bits: u32) -> char {
    let index = usize::try_from(bits & 63).unwrap_or(0);
    DIGITS.get(index).copied().map_or('=', char::from)
}

/// The bytes of a text; `None` if it is no base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0u32, 0u32);
    let mut characters = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    for byte in characters.by_ref() {
        if byte == b'=' {
            break;
        }
        bits = bits << 6 | value(byte)?;
        count = count.wrapping_add(6) % 24;
        if let Some(shift) =
            [0u32, 0, 4, 2].get(usize::try_from(count.div_euclid(6)).ok()?).filter(|_| count > 6)
        {
            bytes.push(low_byte(bits.wrapping_shr(*shift)));
        } else if count == 0 {
            bytes.push(low_byte(bits));
        }
    }
    // One digit alone is no byte; what is left over behind the padding must be padding.
    (count != 6 && characters.all(|byte| byte == b'=')).then_some(bytes)
}

fn low_byte(bits: u32) -> u8 {
    bits.to_le_bytes()[0]
}

fn value(byte: u8) -> Option<u32> {
    DIGITS.iter().position(|&digit| digit == byte).and_then(|index| u32::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_those_of_crit() {
        assert_eq!(encode(b""), "");
        assert_eq!(encode(b"~7\x26\xfa\x93\xe2"), "fjcm+pPi\n");
        assert_eq!(encode(b"msg-one"), "bXNnLW9uZQ==\n");
        assert_eq!(encode(b"hello"), "aGVsbG8=\n");
        assert_eq!(encode(&[0; 58]), alloc::format!("{}\nAA==\n", "A".repeat(76)));
    }

    #[test]
    fn white_space_is_no_matter_but_rubbish_is() {
        assert_eq!(decode(" bXNn\nLW9u\tZQ==\n").unwrap(), b"msg-one");
        assert_eq!(decode("bXNnLW9uZQ").unwrap(), b"msg-one", "padding may be absent");
        for bad in ["b", "bX!n", "bQ==bQ==", "bXNnL"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
