//! Points in time as people write them: `2026-11-25`, `2026-11-25T20:30:46Z`.

use chrono::{DateTime, NaiveDate, NaiveTime};
use icecore::archive::Timestamp;

/// Reads a date, which is its first instant in UTC, or a time as RFC 3339 has it.
///
/// # Errors
/// A sentence that says what is understood.
pub fn instant(argument: &str) -> Result<Timestamp, String> {
    let date = || Some(argument.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
    let time = DateTime::parse_from_rfc3339(argument).ok().map(|time| time.to_utc());
    let time = time.or_else(date).ok_or("expected a time such as 2026-11-25T20:30:46Z or 2026-11-25")?;
    Ok(Timestamp { seconds: time.timestamp(), nanoseconds: time.timestamp_subsec_nanos() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_are_understood() {
        let at = |seconds, nanoseconds| Timestamp { seconds, nanoseconds };
        for (text, time) in [
            ("1970-01-01", at(0, 0)),
            ("1970-01-02T00:00:01Z", at(86_401, 0)),
            ("1970-01-01T01:00:00.5+01:00", at(0, 500_000_000)),
            ("1969-12-31T23:59:59.25Z", at(-1, 250_000_000)),
            ("2024-02-29", at(1_709_164_800, 0)),
            ("9999-12-31T23:59:59.999999999Z", at(253_402_300_799, 999_999_999)),
            ("0001-01-01", at(-62_135_596_800, 0)),
        ] {
            assert_eq!(instant(text), Ok(time), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-02-29",
            "2026-11-25T20:30:46",
            "2026-11-25T24:00:00Z",
            "25.11.2026",
            "0",
        ] {
            assert!(instant(text).unwrap_err().contains("2026-11-25"), "{text}");
        }
    }
}
