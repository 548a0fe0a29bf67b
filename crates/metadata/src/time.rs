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

    /// A text, what is shown of it, and seconds since 1970 if it is a point in time.
    #[test]
    fn all_forms_of_times() {
        for (text, shown, instant) in [
            ("2026-11-25T20:30:46Z", "2026-11-25T20:30:46Z", Some(1_795_638_646)),
            ("2026-11-25T20:30:46.5Z", "2026-11-25T20:30:46.5Z", Some(1_795_638_646)),
            ("2026-11-25T20:30:46.123456789Z", "2026-11-25T20:30:46.123456789Z", Some(1_795_638_646)),
            ("2026-11-25T21:30:46+01:00", "2026-11-25T20:30:46Z", Some(1_795_638_646)),
            ("2026-11-25T14:30:46.100-06:00", "2026-11-25T20:30:46.1Z", Some(1_795_638_646)),
            ("2026-11-26T02:00:46+05:30", "2026-11-25T20:30:46Z", Some(1_795_638_646)),
            ("2026-11-25t20:30:46z", "2026-11-25T20:30:46Z", Some(1_795_638_646)),
            ("2011-01-01T00:00:00Z", "2011-01-01T00:00:00Z", Some(1_293_840_000)),
            ("2010-12-31T23:59:59Z", "2010-12-31T23:59:59Z", None),
            ("2200-01-01T00:00:00Z", "2200-01-01T00:00:00Z", None),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", None),
            ("2026-02-29T00:00:00Z", "2026-02-29T00:00:00Z", None),
            ("2026-11-25T24:00:00Z", "2026-11-25T24:00:00Z", None),
            ("2026-11-25T20:30:60Z", "2026-11-25T20:30:60Z", None),
            ("2026-11-25T20:30:46", "2026-11-25T20:30:46", None),
            ("2026-11-25", "2026-11-25", None),
            ("1795638646", "1795638646", None),
            ("+2026-11-25T20:30:46Z", "+2026-11-25T20:30:46Z", None),
            ("yesterday", "yesterday", None),
            (" ", " ", None),
        ] {
            let time = Time::new(text.to_owned()).unwrap();
            assert_eq!(time.instant.map(|instant| instant.timestamp()), instant, "{text}");
            assert_eq!(time.text, text);
            if instant.is_none() || !text.ends_with('z') {
                assert_eq!(time.to_string(), shown, "{text}");
            }
            assert_eq!(format!("{time:?}"), format!("{text:?}"));
            assert_eq!(serde_json::to_value(&time).unwrap(), time.to_string());
        }
    }

    #[test]
    fn what_is_not_set_is_absent() {
        for text in ["", "0001-01-01T00:00:00Z"] {
            assert_eq!(Time::new(text.to_owned()), None);
        }
        assert_eq!(Time::from_nanoseconds(0), None);
        // Zero seconds of a tar are the beginning of 1970, and its reader's to judge.
        assert_eq!(Time::from_seconds(0).unwrap().to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn counted_times_end_at_the_calendar() {
        for (nanoseconds, text, is_instant) in [
            (1_795_638_646_000_000_001, "2026-11-25T20:30:46.000000001Z", true),
            (1_795_638_646_500_000_000, "2026-11-25T20:30:46.5Z", true),
            (-1, "1969-12-31T23:59:59.999999999Z", false),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z", false),
            (i64::MIN, "1677-09-21T00:12:43.145224192Z", false),
        ] {
            let time = Time::from_nanoseconds(nanoseconds).unwrap();
            assert_eq!((time.text.as_str(), time.instant.is_some()), (text, is_instant));
        }
        assert_eq!(Time::from_seconds(1_795_638_646).unwrap().text, "2026-11-25T20:30:46Z");
        for beyond in [i64::MAX, i64::MIN, 10_000_000_000_000] {
            assert_eq!(Time::from_seconds(beyond), None);
        }
    }
}
