//! Numbers in digits, appended to a text.
//!
//! Answers consist of numbers for the most part. The general way over a formatter costs several times as much.

/// Appends a number in decimal.
pub(super) fn push_decimal(out: &mut String, number: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// Appends a number in lower-case hexadecimal, with zeros in front up to a least number of digits.
pub(super) fn push_hex(out: &mut String, number: u64, least: usize) {
    push(out, number, 4, least);
}

/// Appends a number in octal, with zeros in front up to a least number of digits.
pub(super) fn push_octal(out: &mut String, number: u64, least: usize) {
    push(out, number, 3, least);
}

/// Digits of the longest number: one that is octal and has 64 bits.
const LONGEST: usize = 22;

/// Appends a number in digits of a few bits each.
fn push(out: &mut String, number: u64, bits: u32, least: usize) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let (mut digits, mut start, mut rest) = ([b'0'; LONGEST], LONGEST, number);
    for digit in digits.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        let value = rest & !(u64::MAX << bits);
        *digit = usize::try_from(value).ok().and_then(|value| DIGITS.get(value)).copied().unwrap_or_default();
        rest >>= bits;
        start = start.saturating_sub(1);
    }
    let start = start.min(LONGEST.saturating_sub(least.max(1)));
    let digits = digits.get(start..).unwrap_or_default();
    out.push_str(str::from_utf8(digits).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(push: impl FnOnce(&mut String), expected: &str) {
        let mut out = String::from("x");
        push(&mut out);
        assert_eq!(out, format!("x{expected}"));
    }

    #[test]
    fn zeros_stand_in_front_of_short_numbers_only() {
        check(|out| push_hex(out, 0, 0), "0");
        check(|out| push_hex(out, 0, 4), "0000");
        check(|out| push_hex(out, 0x1_0000, 4), "10000");
        check(|out| push_octal(out, 0o22, 4), "0022");
        check(|out| push_decimal(out, i64::MIN), "-9223372036854775808");
    }

    proptest! {
        #[test]
        fn numbers_are_as_the_formatter_writes_them(number in any::<u64>(), shift in 0_u32..64) {
            let number = number >> shift;
            check(|out| push_hex(out, number, 16), &format!("{number:016x}"));
            check(|out| push_octal(out, number, 1), &format!("{number:o}"));
            check(|out| push_decimal(out, number), &number.to_string());
        }
    }
}
