//! Numbers of bytes as people write them: `4096`, `64K`, `2G`.

const SUFFIXES: &str = "KMGT";

/// Pages of the architectures that CRIU knows are of 4, 8, 16, 32 or 64 KiB.
const PAGE_SIZES: std::ops::RangeInclusive<u64> = 4096..=65_536;

/// Reads a decimal number with an optional suffix K, M, G or T, each 1024 times the one before.
///
/// # Errors
/// A sentence that says what is understood.
pub fn byte_count(argument: &str) -> Result<u64, String> {
    let suffix = argument.chars().next_back().and_then(|last| SUFFIXES.find(last.to_ascii_uppercase()));
    let digits = match suffix {
        Some(_) => argument.get(..argument.len().saturating_sub(1)).unwrap_or_default(),
        None => argument,
    };
    // `parse` alone would take a sign.
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("expected a number of bytes such as 4096, 64K, 512M, 2G or 1T".to_owned());
    }
    let powers = suffix.map_or(0, |index| index.saturating_add(1));
    let unit = (0..powers).fold(1_u64, |unit, _| unit.saturating_mul(1024));
    digits
        .parse()
        .ok()
        .and_then(|count: u64| count.checked_mul(unit))
        .ok_or_else(|| "more than 16 EiB".to_owned())
}

/// Reads the size of a page.
///
/// # Errors
/// A sentence that says which sizes there are.
pub fn page_size(argument: &str) -> Result<u64, String> {
    let size = byte_count(argument)?;
    if size.is_power_of_two() && PAGE_SIZES.contains(&size) {
        Ok(size)
    } else {
        Err("pages are of 4K, 8K, 16K, 32K or 64K".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_multiply_by_1024() {
        for (argument, bytes) in
            [("0", 0), ("4096", 4096), ("64K", 65_536), ("512m", 512 << 20), ("2G", 2 << 30), ("1T", 1 << 40)]
        {
            assert_eq!(byte_count(argument), Ok(bytes));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for argument in ["", "K", "-1", "+1", "1.5G", "1KB", "1 G", "٣", "18446744073709551616", "16777216T"]
        {
            assert!(byte_count(argument).is_err(), "{argument}");
        }
    }

    /// The largest number that fits with each suffix, and the next, which does not.
    #[test]
    fn borders_are_those_of_64_bits() {
        for (power, suffix) in [(0, ""), (10, "K"), (20, "M"), (30, "G"), (40, "T")] {
            let most = u64::MAX >> power;
            assert_eq!(byte_count(&format!("{most}{suffix}")), Ok(most << power), "{suffix}");
            let more = u128::from(most).saturating_add(1);
            assert_eq!(byte_count(&format!("{more}{suffix}")).unwrap_err(), "more than 16 EiB", "{suffix}");
        }
        for argument in ["", "T", "0x10", "1e3"] {
            assert!(
                byte_count(argument).unwrap_err().starts_with("expected a number of bytes"),
                "{argument}"
            );
        }
    }

    #[test]
    fn pages_have_the_sizes_that_exist() {
        for (argument, size) in
            [("4096", 4096), ("8K", 8192), ("16K", 16_384), ("32k", 32_768), ("65536", 65_536)]
        {
            assert_eq!(page_size(argument), Ok(size));
        }
        for argument in ["0", "2048", "5000", "12K", "128K", "1M"] {
            assert_eq!(
                page_size(argument).unwrap_err(),
                "pages are of 4K, 8K, 16K, 32K or 64K",
                "{argument}"
            );
        }
    }
}
