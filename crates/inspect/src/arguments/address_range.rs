//! Ranges of addresses as people write them: `0x7f00..0x8000`, `0x7f00+256`.

use icecore::Vaddr;

/// Addresses from the first up to the last, without the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    /// First address.
    pub start: Vaddr,
    /// First address behind it.
    pub end: Vaddr,
}

/// Reads `START..END` or `START+LENGTH`, numbers being hexadecimal behind `0x` and decimal otherwise.
///
/// # Errors
/// A sentence that says what is understood.
pub fn address_range(argument: &str) -> Result<AddressRange, String> {
    let form = || "expected START..END or START+LENGTH, such as 0x7f00..0x8000 or 0x7f00+256".to_owned();
    let (start, end) = if let Some((start, end)) = argument.split_once("..") {
        (number(start).ok_or_else(form)?, number(end).ok_or_else(form)?)
    } else {
        let (start, length) = argument.split_once('+').ok_or_else(form)?;
        let (start, length) = (number(start).ok_or_else(form)?, number(length).ok_or_else(form)?);
        (start, start.checked_add(length).ok_or("the range leaves the 64 bits of an address")?)
    };
    if end < start {
        return Err("the range ends in front of its start".to_owned());
    }
    Ok(AddressRange { start: Vaddr(start), end: Vaddr(end) })
}

fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    // `from_str_radix` alone would take a sign.
    let sound = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    sound.then(|| u64::from_str_radix(digits, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_and_both_bases() {
        let range = |start, end| Ok(AddressRange { start: Vaddr(start), end: Vaddr(end) });
        assert_eq!(address_range("0x10..0x20"), range(16, 32));
        assert_eq!(address_range("16+0x10"), range(16, 32));
        assert_eq!(address_range("0..18446744073709551615"), range(0, u64::MAX));
    }

    #[test]
    fn a_range_may_be_empty_and_reach_both_ends() {
        let range = |start, end| Ok(AddressRange { start: Vaddr(start), end: Vaddr(end) });
        assert_eq!(address_range("0..0"), range(0, 0));
        assert_eq!(address_range("0xFFFFFFFFFFFFFFFF+0"), range(u64::MAX, u64::MAX));
        assert_eq!(address_range("0xfffffffffffffffe+1"), range(u64::MAX - 1, u64::MAX));
        assert_eq!(address_range("0X1f..0x1F"), range(31, 31));
    }

    #[test]
    fn each_mistake_has_its_words() {
        for (argument, said) in [
            ("0x10", "expected START..END or START+LENGTH, such as 0x7f00..0x8000 or 0x7f00+256"),
            (
                "18446744073709551616..0",
                "expected START..END or START+LENGTH, such as 0x7f00..0x8000 or 0x7f00+256",
            ),
            ("ff..0x100", "expected START..END or START+LENGTH, such as 0x7f00..0x8000 or 0x7f00+256"),
            ("2..1", "the range ends in front of its start"),
            ("1+18446744073709551615", "the range leaves the 64 bits of an address"),
        ] {
            assert_eq!(address_range(argument).unwrap_err(), said, "{argument}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for odd in ["", "5", "..", "0x..1", "+5..6", "9..8", "0x1-0x2", "0xffffffffffffffff+1", "-1..2"] {
            assert!(address_range(odd).is_err(), "{odd}");
        }
    }
}
