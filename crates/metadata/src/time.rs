//! Times as the documents give them: the text is kept, a point in time stands beside it where the text is
//! one.

use std::fmt;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// Go's zero time as its JSON encoder writes it: "not set".
const UNSET: &str = "0001-01-01T00:00:00Z";

/// Years in which a checkpoint can have been made or a container created: CRIU's first release to a distant
/// future. A machine without a clock battery starts in 1970, which is worth a finding.
const PLAUSIBLE: std::ops::RangeInclusive<i32> = 2011..=2199;

/// A point in time from a document.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Time {
    /// The text as it stands in the document; for counted nanoseconds, RFC 3339 in UTC.
    pub text: String,
    /// The point in time, absent if the text is none, or one that no calendar or checkpoint can have.
    pub instant: Option<DateTime<Utc>>,
}

impl Time {
    /// Reads a text. `None` means that the text says "not set".
    pub fn new(text: String) -> Option<Self> {
        if text == UNSET || text.is_empty() {
            return None;
        }
        let instant = DateTime::parse_from_rfc3339(&text).ok().map(|time| time.to_utc());
        // Second 60 parses as a leap second, which no engine's clock shows.
        let second60 = text.get(17..19) == Some("60");
        let instant = instant.filter(|time| !second60 && PLAUSIBLE.contains(&time.year()));
        Some(Time { text, instant })
    }

    /// From nanoseconds since 1970. 0 means "not set" where the engines count so.
    pub fn from_nanoseconds(nanoseconds: i64) -> Option<Self> {
        if nanoseconds == 0 {
            return None;
        }
        let instant = DateTime::from_timestamp_nanos(nanoseconds);
        let text = format(&instant);
        Some(Time { text, instant: Some(instant).filter(|time| PLAUSIBLE.contains(&time.year())) })
    }

    /// From seconds since 1970, as a tar header has them; `None` beyond the calendar.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        let instant = DateTime::from_timestamp(seconds, 0)?;
        let text = instant.to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(Time { text, instant: Some(instant).filter(|time| PLAUSIBLE.contains(&time.year())) })
    }
}

/// RFC 3339 in UTC with as many digits of the second as needed, as the engines write it.
fn format(instant: &DateTime<Utc>) -> String {
    let text = instant.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let digits = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    format!("{digits}Z")
}

/// The text alone: the point in time follows from it, and findings show values in this form.
impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for Time {
    /// In UTC, or the text as it stands where it is no point in time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instant {
            Some(instant) if !self.text.ends_with('Z') => f.write_str(&format(instant)),
            _ => f.write_str(&self.text),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a text is shown as, and whether it counts as a point in time.
    fn check(text: &str, shown: Option<&str>, dated: bool) {
        let time = Time::new(text.to_owned());
        assert_eq!(time.as_ref().map(Time::to_string).as_deref(), shown);
        assert_eq!(time.is_some_and(|time| time.instant.is_some()), dated, "{text}");
    }

    #[test]
    fn texts_are_shown_in_utc_or_as_they_stand() {
        check("2026-11-25T19:40:01.12345678Z", Some("2026-11-25T19:40:01.12345678Z"), true);
        check("2026-11-25T21:40:01.5+02:00", Some("2026-11-25T19:40:01.5Z"), true);
        check("2026-11-25T21:40:00+02:00", Some("2026-11-25T19:40:00Z"), true);
        check("0001-01-01T00:00:00Z", None, false);
        check("", None, false);
        check("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z"), false);
        check("9999-12-31T23:59:60.999999999Z", Some("9999-12-31T23:59:60.999999999Z"), false);
        check("1969-12-31T23:59:59.999999999-00:01", Some("1969-12-31T23:59:59.999999999-00:01"), false);
        check("yesterday", Some("yesterday"), false);
    }

    #[test]
    fn nanoseconds_are_exact() {
        // `status` of a containerd checkpoint; the text is what `date -u -d @1795638411` gives.
        let time = Time::from_nanoseconds(1_795_638_411_955_411_716).unwrap();
        assert_eq!(time.to_string(), "2026-11-25T20:26:51.955411716Z");
        assert_eq!(Time::from_nanoseconds(0), None);
        assert!(Time::from_nanoseconds(i64::MIN).is_some_and(|time| time.instant.is_none()));
        assert_eq!(Time::from_seconds(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn any_text_ends(text in ".{0,40}", seconds in any::<i64>()) {
            let _ = Time::new(text).map(|time| time.to_string());
            let _ = Time::from_seconds(seconds).map(|time| time.to_string());
            let _ = Time::from_nanoseconds(seconds).map(|time| time.to_string());
        }
    }
}
