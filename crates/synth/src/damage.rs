//! Ways to damage bytes.

/// The first `length` bytes, as a full disk or a broken connection leaves them.
pub fn cut(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes.get(..length).unwrap_or(bytes).to_vec()
}

/// With one bit flipped; behind the end, nothing happens.
pub fn flip(bytes: &[u8], offset: usize, bit: u8) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    if let Some(byte) = damaged.get_mut(offset) {
        *byte ^= 1_u8.checked_shl(bit.into()).unwrap_or(0);
    }
    damaged
}

/// With `removed` bytes at `offset` replaced by others, more or fewer.
pub fn splice(bytes: &[u8], offset: usize, removed: usize, inserted: &[u8]) -> Vec<u8> {
    let offset = offset.min(bytes.len());
    let (front, rest) = bytes.split_at(offset);
    [front, inserted, rest.get(removed..).unwrap_or_default()].concat()
}

/// The bytes cut at every multiple of `step` in front of `end`, shortest first.
pub fn cuts(bytes: &[u8], step: usize, end: usize) -> impl Iterator<Item = Vec<u8>> {
    (0..end.min(bytes.len())).step_by(step.max(1)).map(|length| cut(bytes, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_where_it_was_asked_for() {
        assert_eq!(cut(b"abc", 2), b"ab");
        assert_eq!(cut(b"abc", 9), b"abc");
        assert_eq!(flip(b"aaa", 1, 1), b"aca");
        assert_eq!(flip(b"a", 7, 0), b"a");
        assert_eq!(splice(b"abcd", 1, 2, b"XYZ"), b"aXYZd");
        assert_eq!(splice(b"ab", 5, 5, b"c"), b"abc");
        assert_eq!(cuts(b"abcde", 2, 4).collect::<Vec<_>>(), [&b""[..], b"ab"]);
    }
}
