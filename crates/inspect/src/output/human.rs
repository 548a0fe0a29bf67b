//! Sizes, durations and times as people read them; machines get the exact number instead.

use std::time::Duration;

use chrono::{DateTime, Utc};

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const STEP: u64 = 1024;

/// Below this a size is shown to the byte: five digits are read as fast as a unit.
const EXACT_BELOW: u64 = 16 * STEP;

/// A size in bytes for prose: `7595 B`, `24 KiB`, `2.2 MiB`.
///
/// Exact below 16 KiB; above, two significant digits below ten units and whole units from there on.
pub fn size(bytes: u64) -> String {
    if bytes < EXACT_BELOW {
        return format!("{bytes} B");
    }
    in_units(bytes)
}

/// A size in bytes for a column of sizes, where the bare number means bytes: `7595`, `24 KiB`, `2.2 MiB`.
pub fn size_in_column(bytes: u64) -> String {
    if bytes < EXACT_BELOW {
        return bytes.to_string();
    }
    in_units(bytes)
}

fn in_units(bytes: u64) -> String {
    let mut unit_size = u128::from(STEP);
    let mut shown = String::new();
    for unit in UNITS {
        let tenths = divide_rounded(u128::from(bytes).saturating_mul(10), unit_size);
        let whole = divide_rounded(u128::from(bytes), unit_size);
        shown = if tenths < 100 {
            format!("{}.{} {unit}", tenths.div_euclid(10), tenths.rem_euclid(10))
        } else {
            format!("{whole} {unit}")
        };
        // Judged after rounding, so that 1023.9 KiB becomes 1.0 MiB and not 1024 KiB.
        if whole < u128::from(STEP) {
            break;
        }
        unit_size = unit_size.saturating_mul(u128::from(STEP));
    }
    shown
}

/// A number of things: `1 process`, `2 processes`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A span of time: `850 µs`, `12 ms`, `0.17 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`.
pub fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    match span.as_micros() {
        0 => "0 s".to_owned(),
        micros @ 1..1_000 => format!("{micros} µs"),
        micros @ 1_000..100_000 => format!("{} ms", divide_rounded(micros, 1_000)),
        micros @ 100_000..10_000_000 => hundredths(divide_rounded(micros, 10_000)),
        _ if seconds < 60 => format!("{seconds} s"),
        _ if seconds < 3_600 => two_units(seconds, 60, "min", 1, "s"),
        _ if seconds < 86_400 => two_units(seconds, 3_600, "h", 60, "min"),
        _ => two_units(seconds, 86_400, "d", 3_600, "h"),
    }
}

/// A point in time to the second: `2026-11-25 20:30:46 UTC`.
pub fn time(time: &DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn hundredths(count: u128) -> String {
    let digits = format!("{}.{:02}", count.div_euclid(100), count.rem_euclid(100));
    format!("{} s", digits.trim_end_matches('0').trim_end_matches('.'))
}

fn two_units(seconds: u64, large: u64, large_name: &str, small: u64, small_name: &str) -> String {
    let rest = seconds.checked_rem(large).and_then(|rest| rest.checked_div(small)).unwrap_or(0);
    let count = seconds.checked_div(large).unwrap_or(0);
    if rest == 0 {
        format!("{count} {large_name}")
    } else {
        format!("{count} {large_name} {rest} {small_name}")
    }
}

/// Half rounds up; a divisor of zero, which no caller has, gives zero.
fn divide_rounded(value: u128, divisor: u128) -> u128 {
    value.saturating_add(divisor.div_euclid(2)).checked_div(divisor).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_exact_when_small_and_short_when_large() {
        for (bytes, shown) in [
            (0, "0 B"),
            (16_383, "16383 B"),
            (24 << 10, "24 KiB"),
            (170 << 10, "170 KiB"),
            (1_048_524, "1.0 MiB"),
            (2_306_867, "2.2 MiB"),
            (64 << 30, "64 GiB"),
            (10 << 20, "10 MiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
        assert_eq!(size_in_column(13_941), "13941");
        assert_eq!(size_in_column(40 << 10), "40 KiB");
    }

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!(
            [0, 1, 2].map(|number| count(number, "watch", "watches")),
            ["0 watches", "1 watch", "2 watches"]
        );
    }

    #[test]
    fn durations_have_two_units_at_most() {
        for (micros, shown) in [
            (0, "0 s"),
            (850, "850 µs"),
            (12_300, "12 ms"),
            (170_400, "0.17 s"),
            (1_500_000, "1.5 s"),
            (5_000_000, "5 s"),
            (9_999_999, "10 s"),
            (42_900_000, "42 s"),
            (200_000_000, "3 min 20 s"),
            (3_600_000_000, "1 h"),
            (7_500_000_000, "2 h 5 min"),
            (356_400_000_000, "4 d 3 h"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), shown);
        }
    }

    #[test]
    fn no_value_panics() {
        duration(Duration::MAX);
        time(&DateTime::<Utc>::MAX_UTC);
        time(&DateTime::<Utc>::MIN_UTC);
    }

    #[test]
    fn a_time_is_shown_to_the_second() {
        let instant = DateTime::from_timestamp(1_795_638_646, 123_456_789).unwrap();
        assert_eq!(time(&instant), "2026-11-25 20:30:46 UTC");
    }
}
