//! What a view declares: the name of its rows and its columns.

use super::cell::Cell;
use super::kind::Kind;

/// One row: a cell for each column, in the order of the declaration. Missing cells are not applicable.
pub type Row = Vec<Cell>;

/// Makes a [`Row`] of values that convert into cells.
///
/// ```
/// use icecore_inspect::{output::Cell, row};
/// assert_eq!(row![6_u32, true], vec![Cell::Count(6), Cell::Bool(true)]);
/// ```
#[macro_export]
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::output::Cell::from($value)),*] };
}

/// The declaration of a list of rows; the rows themselves stream past it.
///
/// ```
/// use icecore_inspect::output::{Column, Kind, Table};
/// const PROCESSES: Table = Table {
///     name: "processes",
///     columns: &[
///         Column::count("pid", "PID").always(),
///         Column::bytes("comm", "COMM"),
///         Column::list(&Kind::Bytes, "argv", "ARGUMENTS").for_machines(),
///         Column::bytes("command", "COMMAND").for_people(),
///     ],
/// };
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// The key of the list in JSON, such as `processes`.
    pub name: &'static str,
    /// The columns, in the order in which rows give their cells.
    pub columns: &'a [Column],
}

/// One column. How a value looks belongs to the cells ([`Cell::Size`], [`Cell::Hex`] …).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// The key in JSON and CSV, and the name for `--columns`.
    pub key: &'static str,
    /// The heading in text.
    pub heading: &'static str,
    /// What stands under the key.
    pub kind: Kind,
    /// The side on which text lines up.
    pub align: Align,
    /// Who sees the column unless `--columns` asks for others.
    pub audience: Audience,
    /// Whether every row has it.
    pub is_always_there: bool,
}

/// The side on which the cells of a column line up in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words; the only columns that are cut when a terminal is too narrow.
    Left,
    /// Numbers.
    Right,
}

/// Who sees a column by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// All formats.
    Everyone,
    /// JSON, JSON Lines and CSV: exact facts that would crowd a terminal.
    Machines,
    /// Text: a summary of columns that machines get one by one.
    People,
}

/// Makes a constructor for each kind of value that needs no further word.
macro_rules! columns_of {
    ($($name:ident => $kind:ident, $of:literal;)*) => {$(
        #[doc = concat!("A column of ", $of, ".")]
        pub const fn $name(key: &'static str, heading: &'static str) -> Self {
            Self::of(Kind::$kind, key, heading)
        }
    )*};
}

impl Column {
    columns_of! {
        bytes => Bytes, "bytes: paths, names, arguments";
        text => Text, "words";
        count => Count, "numbers that are not below zero";
        integer => Integer, "numbers";
        bool => Bool, "yes and no";
        hex => Hex, "addresses, registers, bits";
        mask => Mask, "signals or capabilities";
        octal => Octal, "modes and open flags";
        device => Device, "device numbers";
        time => Time, "points in time";
    }

    /// A column of any kind of value.
    pub const fn of(kind: Kind, key: &'static str, heading: &'static str) -> Self {
        let align = if kind.is_number() { Align::Right } else { Align::Left };
        Self { key, heading, kind, align, audience: Audience::Everyone, is_always_there: false }
    }

    /// A column of lists, each of values of one kind.
    pub const fn list(kind: &'static Kind, key: &'static str, heading: &'static str) -> Self {
        Self::of(Kind::List(kind), key, heading)
    }

    /// The same column, which every row has, and never `null`.
    #[must_use]
    pub const fn always(self) -> Self {
        Self { is_always_there: true, ..self }
    }

    /// The same column, lined up on the right.
    #[must_use]
    pub const fn to_the_right(self) -> Self {
        Self { align: Align::Right, ..self }
    }

    /// The same column, left out of text unless asked for.
    #[must_use]
    pub const fn for_machines(self) -> Self {
        Self { audience: Audience::Machines, ..self }
    }

    /// The same column, left out of JSON and CSV unless asked for.
    #[must_use]
    pub const fn for_people(self) -> Self {
        Self { audience: Audience::People, ..self }
    }
}
