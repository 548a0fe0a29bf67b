//! Base64 as crit writes it: a line feed after every 76 characters and at the end. Any white space is read.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Bytes of a line of 76 characters.
const LINE: usize = 57;

/// Lenient with the end of a text, as Python is: other writers pad in other ways.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Bytes in lines.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(4).div_euclid(3).saturating_add(80));
    for line in bytes.chunks(LINE) {
        ENGINE.encode_string(line, &mut text);
        text.push('\n');
    }
    text
}

/// The bytes of a text; `None` if it is no base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    ENGINE.decode(digits).ok()
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
