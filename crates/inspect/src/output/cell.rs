//! One typed value of an answer, and its three forms: text, JSON, and what CSV needs to know.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::time::Duration;

use bstr::{BStr, BString};
use chrono::{DateTime, SecondsFormat, Utc};

use super::object::Object;
use super::{digits, escape, human, json_cells};

/// One value. Views choose the variant; how it looks in each format is decided here and nowhere else.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// What the kernel has as bytes: a path, a comm, an argument. Escaped in text; in JSON a string, with
    /// the exact bytes under the key with `_b64` beside it if the string lost something.
    Bytes(BString),
    /// Words of ours or of a format that is text by definition.
    Text(Cow<'static, str>),
    /// A count, an id, an offset, an inode: a plain number.
    Count(u64),
    /// A number that may be below zero, such as a nice value.
    Integer(i64),
    /// Bytes; a number for machines, with a unit for people.
    Size(u64),
    /// Microseconds; a number for machines, with a unit for people.
    Micros(u64),
    /// An address or register: lower-case hexadecimal with `0x`, a string in JSON.
    Hex(u64),
    /// A signal or capability mask: 16 hexadecimal digits as in `/proc/PID/status`, a string in JSON.
    Mask(u64),
    /// A personality: 8 hexadecimal digits as in `/proc/PID/personality`, a string in JSON.
    Personality(u32),
    /// Permission bits or a umask: at least four octal digits (`0644`, `4755`), a string in JSON.
    Mode(u32),
    /// Open flags: octal behind a zero as in `/proc/PID/fdinfo` (`02000000`), a string in JSON.
    Flags(u64),
    /// Device numbers: `major:minor` in decimal, a string in JSON.
    Device(u32, u32),
    /// A point in time: to the second for people, RFC 3339 with up to nine digits for machines.
    Time(DateTime<Utc>),
    /// Yes or no; `true` or `false` in JSON.
    Bool(bool),
    /// Several values in an order that means something.
    List(Vec<Cell>),
    /// Named values.
    Object(Object),
    /// No value, and why.
    Absent(Absence),
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absence {
    /// The archive does not hold the fact: `null` in JSON, `-` in text.
    NotStored,
    /// The archive holds it, but damaged; a diagnostic tells more. `null` in JSON, `damaged` in text.
    Damaged,
    /// The question makes no sense here, as the position of a socket: left out of JSON, blank in text.
    NotApplicable,
}

impl Cell {
    /// The question makes no sense here.
    pub const NOT_APPLICABLE: Self = Self::Absent(Absence::NotApplicable);

    /// The value, or that the question makes no sense where there is none.
    pub fn given(value: Option<impl Into<Self>>) -> Self {
        value.map_or(Self::NOT_APPLICABLE, Into::into)
    }

    /// Whether JSON leaves the key out.
    pub fn is_left_out(&self) -> bool {
        matches!(self, Self::Absent(Absence::NotApplicable))
    }

    /// Whether the value carries words from the archive, which a spreadsheet might take for a formula.
    pub fn is_free_text(&self) -> bool {
        matches!(self, Self::Bytes(_) | Self::Text(_))
    }
}

/// The form for people. One line, escaped, never cut.
impl Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => escape::field(bytes).fmt(f),
            Self::Text(text) => escape::field(text.as_bytes()).fmt(f),
            Self::Size(bytes) => f.write_str(&human::size_in_column(*bytes)),
            Self::Micros(micros) => f.write_str(&human::duration(Duration::from_micros(*micros))),
            Self::Time(time) => f.write_str(&human::time(time)),
            Self::Bool(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::List(cells) => write_joined(f, ", ", cells),
            Self::Object(object) => object.fmt(f),
            Self::Absent(absence) => f.write_str(absence.as_text()),
            exact => f.write_str(&exact.to_exact()),
        }
    }
}

impl Cell {
    /// Whether it is a number or yes or no in JSON too, and not a string.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Size(_) | Self::Micros(_) | Self::Integer(_) | Self::Bool(_))
    }

    /// Appends the machine's form of every value that is neither words nor made of other values.
    pub(super) fn push_exact(&self, out: &mut String) {
        match self {
            Self::Count(number) | Self::Size(number) | Self::Micros(number) => {
                digits::push_decimal(out, *number);
            }
            Self::Integer(number) => digits::push_decimal(out, *number),
            Self::Hex(address) => {
                out.push_str("0x");
                digits::push_hex(out, *address, 1);
            }
            Self::Mask(mask) => digits::push_hex(out, *mask, 16),
            Self::Personality(bits) => digits::push_hex(out, (*bits).into(), 8),
            Self::Mode(mode) => digits::push_octal(out, (*mode).into(), 4),
            Self::Flags(flags) => {
                out.push('0');
                digits::push_octal(out, *flags, 1);
            }
            Self::Device(major, minor) => {
                digits::push_decimal(out, *major);
                out.push(':');
                digits::push_decimal(out, *minor);
            }
            Self::Time(time) => out.push_str(&rfc3339(time)),
            Self::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
            Self::Bytes(_) | Self::Text(_) | Self::List(_) | Self::Object(_) | Self::Absent(_) => {}
        }
    }

    fn to_exact(&self) -> String {
        let mut out = String::new();
        self.push_exact(&mut out);
        out
    }
}

impl Absence {
    /// The word that stands in a table.
    pub fn as_text(self) -> &'static str {
        match self {
            Self::NotStored => "-",
            Self::Damaged => "damaged",
            Self::NotApplicable => "",
        }
    }
}

/// Writes cells with a separator between them.
fn write_joined(f: &mut fmt::Formatter<'_>, separator: &str, cells: &[Cell]) -> fmt::Result {
    for (position, cell) in cells.iter().enumerate() {
        if position > 0 {
            f.write_str(separator)?;
        }
        cell.fmt(f)?;
    }
    Ok(())
}

fn rfc3339(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

impl Cell {
    /// The exact bytes for CSV; values made of others are their JSON.
    pub fn to_exact_bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Absent(_) => Vec::new(),
            Self::List(_) | Self::Object(_) => self.to_json().into_bytes(),
            exact => exact.to_exact().into_bytes(),
        }
    }

    /// The form for JSON. What a string cannot carry is added by whatever gives the value its name: rows and objects.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        json_cells::cell(&mut out, self);
        out
    }
}

/// Declares which Rust type becomes which kind of cell.
macro_rules! cell_from {
    ($($rust:ty => $value:ident, $cell:expr;)*) => {$(
        impl From<$rust> for Cell {
            fn from($value: $rust) -> Self {
                $cell
            }
        }
    )*};
}

cell_from! {
    u64 => number, Self::Count(number);
    u32 => number, Self::Count(number.into());
    u16 => number, Self::Count(number.into());
    i64 => number, Self::Integer(number);
    i32 => number, Self::Integer(number.into());
    usize => number, Self::Count(u64::try_from(number).unwrap_or(u64::MAX));
    bool => yes, Self::Bool(yes);
    &'static str => text, Self::Text(text.into());
    String => text, Self::Text(text.into());
    Cow<'static, str> => text, Self::Text(text);
    BString => bytes, Self::Bytes(bytes);
    &BString => bytes, Self::Bytes(bytes.clone());
    &BStr => bytes, Self::Bytes(bytes.to_owned());
    &[u8] => bytes, Self::Bytes(bytes.into());
    DateTime<Utc> => time, Self::Time(time);
    Object => object, Self::Object(object);
    Absence => absence, Self::Absent(absence);
}

/// `None` is a fact that the archive does not hold.
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent(Absence::NotStored), Into::into)
    }
}

impl<T: Into<Cell>> From<Vec<T>> for Cell {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<Cell>> FromIterator<T> for Cell {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, JSON and CSV of one value.
    fn check(cell: Cell, text: &str, json: &str, csv: &str) {
        assert_eq!(cell.to_string(), text);
        assert_eq!(cell.to_json(), json);
        assert_eq!(cell.to_exact_bytes(), csv.as_bytes());
    }

    #[test]
    fn numbers_keep_their_kernel_forms() {
        check(Cell::Hex(0x55a4_450f_85a1), "0x55a4450f85a1", r#""0x55a4450f85a1""#, "0x55a4450f85a1");
        check(Cell::Mask(0x1_0000), "0000000000010000", r#""0000000000010000""#, "0000000000010000");
        check(Cell::Personality(0), "00000000", r#""00000000""#, "00000000");
        check(Cell::Mode(0o644), "0644", r#""0644""#, "0644");
        check(Cell::Mode(0o4755), "4755", r#""4755""#, "4755");
        check(Cell::Mode(0o22), "0022", r#""0022""#, "0022");
        check(Cell::Flags(0o2_000_000), "02000000", r#""02000000""#, "02000000");
        check(Cell::Device(254, 1), "254:1", r#""254:1""#, "254:1");
        check(Cell::Integer(-5), "-5", "-5", "-5");
        check(Cell::Count(u64::MAX), "18446744073709551615", "18446744073709551615", "18446744073709551615");
    }

    #[test]
    fn people_see_units_and_machines_exact_numbers() {
        check(Cell::Size(2_306_867), "2.2 MiB", "2306867", "2306867");
        check(Cell::Micros(170_000), "0.17 s", "170000", "170000");
        let time = DateTime::from_timestamp(1_795_638_646, 123_456_789).unwrap();
        check(
            Cell::Time(time),
            "2026-11-25 20:30:46 UTC",
            r#""2026-11-25T20:30:46.123456789Z""#,
            "2026-11-25T20:30:46.123456789Z",
        );
        check(Cell::Bool(true), "yes", "true", "true");
    }

    #[test]
    fn absence_says_why() {
        check(Cell::from(None::<u64>), "-", "null", "");
        check(Cell::Absent(Absence::Damaged), "damaged", "null", "");
        check(Cell::Absent(Absence::NotApplicable), "", "null", "");
        assert!(Cell::Absent(Absence::NotApplicable).is_left_out());
        assert!(!Cell::Absent(Absence::NotStored).is_left_out());
    }

    #[test]
    fn lists_are_joined_for_people() {
        check(Cell::from(vec![0_u32, 33]), "0, 33", "[0,33]", "[0,33]");
        check(Cell::from(vec!["a\nb".to_owned()]), r"a\nb", r#"["a\nb"]"#, r#"["a\nb"]"#);
    }
}
