//! What a view declares: the name of its rows and its columns.

use super::cell::Cell;

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
/// use icecore_inspect::output::{Column, Table};
/// const PROCESSES: Table = Table {
///     name: "processes",
///     columns: &[
///         Column::right("pid", "PID"),
///         Column::left("comm", "COMM"),
///         Column::left("argv", "ARGUMENTS").for_machines(),
///         Column::left("command", "COMMAND").for_people(),
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

/// One column. Units belong to the cells ([`Cell::Size`], [`Cell::Hex`] …), not to the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The key in JSON and CSV, and the name for `--columns`.
    pub key: &'static str,
    /// The heading in text.
    pub heading: &'static str,
    /// The side on which text lines up.
    pub align: Align,
    /// Who sees the column unless `--columns` asks for others.
    pub audience: Audience,
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

impl Column {
    /// A column of words.
    pub const fn left(key: &'static str, heading: &'static str) -> Self {
        Self { key, heading, align: Align::Left, audience: Audience::Everyone }
    }

    /// A column of numbers.
    pub const fn right(key: &'static str, heading: &'static str) -> Self {
        Self { key, heading, align: Align::Right, audience: Audience::Everyone }
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
