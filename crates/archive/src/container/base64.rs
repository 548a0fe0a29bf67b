//! Base64, in which descriptors embed the content of small blobs.

/// Decodes the standard alphabet with or without padding. `None`: something else stands there.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let padding = text.len().saturating_sub(digits.len());
    // A lone digit holds no whole byte; padding fills up to groups of four, if there is any.
    if digits.len() % 4 == 1 || padding > 2 || padding > 0 && !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len());
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for &digit in group {
            bits = bits << 6 | value(digit)?;
        }
        // 24 bits at the bottom of the word, of which six for each digit are there.
        let missing = 4_u32.saturating_sub(u32::try_from(group.len()).unwrap_or(4));
        let [_, decoded @ ..] = (bits << missing.saturating_mul(6)).to_be_bytes();
        bytes.extend_from_slice(decoded.get(..group.len().saturating_sub(1)).unwrap_or_default());
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let position = ALPHABET.iter().position(|&letter| letter == digit)?;
    u32::try_from(position).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn the_vectors_of_the_standard_decode() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
            ("Zm9vYg", "foob"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode("+/+/").unwrap(), [0xfb, 0xff, 0xbf]);
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["Z", "Zg=", "Zg===", "Zm 9v", "Zm9vY", "====", "Zg==Zg==", "Zm9-", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
