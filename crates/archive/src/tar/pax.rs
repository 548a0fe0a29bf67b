//! Extended headers (PAX): records `LENGTH KEY=VALUE\n`, cut by their length and never at newlines.

use bstr::{BStr, ByteSlice};

use crate::member::Timestamp;

/// The records of an extended header, in their order, as they stand there: every member may have some, and hardly anybody
/// asks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Records(Box<[u8]>);

/// Why a header is damaged, and where in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) offset: usize,
    pub(crate) what: &'static str,
}

impl Records {
    /// Reads records up to the first that is damaged; those in front of it count.
    pub(crate) fn parse(bytes: &[u8]) -> (Self, Option<Damage>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            match record(rest) {
                Ok((_, _, length)) => rest = rest.get(length..).unwrap_or_default(),
                Err(what) => {
                    let offset = bytes.len().saturating_sub(rest.len());
                    let sound = bytes.get(..offset).unwrap_or_default();
                    return (Self(sound.into()), Some(Damage { offset, what }));
                }
            }
        }
        (Self(bytes.into()), None)
    }

    /// Keys and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&BStr, &BStr)> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            // Only whole records are here.
            let (key, value, length) = record(rest).ok()?;
            rest = rest.get(length..).unwrap_or_default();
            Some((key.as_bstr(), value.as_bstr()))
        })
    }

    /// All values of a key.
    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a BStr> {
        self.iter().filter(move |(name, _)| *name == key).map(|(_, value)| value)
    }

    /// Keys that occur more than once, but for those that are lists by design.
    pub(super) fn repeated(&self) -> Vec<&BStr> {
        let mut keys: Vec<_> = self.iter().map(|(key, _)| key).filter(|key| !is_list(key)).collect();
        keys.sort_unstable();
        let mut repeated: Vec<_> = keys
            .windows(2)
            .filter_map(|pair| pair.first().filter(|key| pair.last() == Some(key)).copied())
            .collect();
        repeated.dedup();
        repeated
    }

    /// Puts the records of another header behind these, so that they win.
    pub(super) fn extend(&mut self, later: Self) {
        if self.is_empty() {
            *self = later;
        } else if !later.is_empty() {
            self.0 = [&self.0[..], &later.0[..]].concat().into();
        }
    }

    /// Their bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into()
    }

    /// Records from the bytes of such, one behind the other.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their length in bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The oldest form of sparse maps (0.0) repeats these, a pair for each chunk.
fn is_list(key: &BStr) -> bool {
    key == "GNU.sparse.offset" || key == "GNU.sparse.numbytes"
}

/// The first record: key, value, and its whole length.
fn record(bytes: &[u8]) -> Result<(&[u8], &[u8], usize), &'static str> {
    // 20 digits are the largest 64-bit number.
    let digits =
        bytes.iter().take(21).position(|&byte| byte == b' ').ok_or("no length in front of a record")?;
    let length: usize = bytes
        .get(..digits)
        .and_then(|digits| digits.to_str().ok())
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .ok_or("the length of a record is no number")?;
    let start = digits.saturating_add(1);
    let record = bytes.get(..length).ok_or("a record is longer than its header")?;
    let body = record.get(start..).and_then(|body| body.strip_suffix(b"\n"));
    let body = body.ok_or("a record does not end with a newline where its length says")?;
    let equals = body.find_byte(b'=').ok_or("a record has no `=`")?;
    let key = body.get(..equals).filter(|key| !key.is_empty()).ok_or("a record has an empty key")?;
    Ok((key, body.get(equals.saturating_add(1)..).unwrap_or_default(), length))
}

/// Decimal seconds with an optional fraction; digits beyond nanoseconds are cut.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let nanoseconds =
        fraction.bytes().chain(std::iter::repeat(b'0')).take(9).try_fold(0_u32, |value, byte| {
            let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
            value.checked_mul(10)?.checked_add(u32::from(digit))
        })?;
    if !whole.starts_with('-') || nanoseconds == 0 {
        return Some(Timestamp { seconds, nanoseconds });
    }
    // -1.25 is a quarter in front of -1: -2 and 750 million nanoseconds.
    let nanoseconds = 1_000_000_000_u32.saturating_sub(nanoseconds);
    Some(Timestamp { seconds: seconds.checked_sub(1)?, nanoseconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_by_their_length() {
        let (records, damage) = Records::parse(b"18 user.x=a\n8 b=c\n11 size=25\n");
        assert_eq!(damage, None);
        let pairs: Vec<(&[u8], &[u8])> =
            records.iter().map(|(key, value)| (key.as_bytes(), value.as_bytes())).collect();
        assert_eq!(pairs, [(&b"user.x"[..], &b"a\n8 b=c"[..]), (b"size", b"25")]);
    }

    #[test]
    fn a_repeated_key_is_told_and_all_its_values_are_there() {
        let (records, _) = Records::parse(b"10 size=1\n6 a=b\n10 size=2\n");
        assert_eq!(records.all("size").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(records.repeated(), ["size"]);
    }

    #[test]
    fn damage_ends_the_header_where_it_is() {
        let cases: [&[u8]; 8] = [
            b"99 a=b\n",
            b"0 a=b\n",
            b"-6 a=b\n",
            b"x a=b\n",
            b"5 a=b\n",
            b"7 abcd\n",
            b"6 =bc\n",
            b"99999999999999999999999 a=b\n",
        ];
        for damaged in cases {
            let bytes = [b"6 k=v\n", damaged].concat();
            let (records, damage) = Records::parse(&bytes);
            assert_eq!(records.iter().collect::<Vec<_>>(), [("k".into(), "v".into())]);
            assert_eq!(damage.unwrap().offset, 6);
        }
    }

    #[test]
    fn times_keep_their_fraction() {
        assert_eq!(time("1.5"), Some(Timestamp { seconds: 1, nanoseconds: 500_000_000 }));
        assert_eq!(time("-1.25"), Some(Timestamp { seconds: -2, nanoseconds: 750_000_000 }));
        assert_eq!(time("7"), Some(Timestamp { seconds: 7, nanoseconds: 0 }));
        assert_eq!(time("1.x"), None);
        assert_eq!(time("99999999999999999999"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            Records::parse(&bytes);
        }
    }
}
