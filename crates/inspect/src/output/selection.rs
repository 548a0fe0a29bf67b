//! Which columns of a table are written, and in which order.

use super::cell::Cell;
use super::table::{Audience, Column, Table};
use super::writer::Document;
use crate::arguments::Format;
use crate::error::Error;

const ARCHIVE: Column = Column::bytes("archive", "ARCHIVE");
const CONTAINER: Column = Column::bytes("container", "CONTAINER");

/// The columns of one list as the user wants them.
pub(super) struct Selection {
    picks: Vec<(Column, Pick)>,
    /// The document's archive and container.
    archive: Cell,
    container: Cell,
}

/// Where the value of a column comes from.
#[derive(Clone, Copy)]
enum Pick {
    Archive,
    Container,
    Cell(usize),
}

/// What a row does not have.
static BLANK: Cell = Cell::NOT_APPLICABLE;

/// The cells of a row in the order of [`Selection::columns`].
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    selection: &'a Selection,
    row: &'a [Cell],
}

impl Selection {
    /// The columns named by `--columns`, or those that the format shows by default.
    pub(super) fn new(
        table: &Table,
        wanted: &[String],
        format: Format,
        document: &Document,
    ) -> Result<Self, Error> {
        let picks = match wanted {
            [] => default_picks(table, format),
            wanted => wanted_picks(table, wanted, format)?,
        };
        let Document { archive, container } = document;
        Ok(Self { picks, archive: archive.into(), container: container.as_ref().into() })
    }

    pub(super) fn columns(&self) -> Vec<Column> {
        self.picks.iter().map(|(column, _)| *column).collect()
    }

    /// The cells of a row.
    pub(super) fn of<'a>(&'a self, row: &'a [Cell]) -> Cells<'a> {
        Cells { selection: self, row }
    }
}

impl<'a> Cells<'a> {
    /// One by one.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a Cell> {
        let Self { selection, row } = self;
        selection.picks.iter().map(move |(_, pick)| match pick {
            Pick::Archive => &selection.archive,
            Pick::Container => &selection.container,
            Pick::Cell(index) => row.get(*index).unwrap_or(&BLANK),
        })
    }
}

fn wanted_picks(table: &Table, wanted: &[String], format: Format) -> Result<Vec<(Column, Pick)>, Error> {
    let mut picks: Vec<(Column, Pick)> = Vec::new();
    for name in wanted {
        let pick = find(table, name).ok_or_else(|| unknown(table, name))?;
        // A key may stand once in a JSON object; and every JSON row or its document names its place.
        let is_twice = picks.iter().any(|(column, _)| column.key == pick.0.key);
        let is_said = format.is_json() && !matches!(pick.1, Pick::Cell(_));
        if !is_twice && !is_said {
            picks.push(pick);
        }
    }
    Ok(picks)
}

fn default_picks(table: &Table, format: Format) -> Vec<(Column, Pick)> {
    let hidden = if format == Format::Text { Audience::Machines } else { Audience::People };
    // CSV has no document around its rows that could say where they come from.
    let place = if format == Format::Csv {
        vec![(ARCHIVE, Pick::Archive), (CONTAINER, Pick::Container)]
    } else {
        Vec::new()
    };
    let shown = table.columns.iter().enumerate().filter(|(_, column)| column.audience != hidden);
    place.into_iter().chain(shown.map(|(index, column)| (*column, Pick::Cell(index)))).collect()
}

fn find(table: &Table, name: &str) -> Option<(Column, Pick)> {
    let own = table.columns.iter().enumerate().find(|(_, column)| column.key == name);
    match (own, name) {
        (Some((index, column)), _) => Some((*column, Pick::Cell(index))),
        (None, "archive") => Some((ARCHIVE, Pick::Archive)),
        (None, "container") => Some((CONTAINER, Pick::Container)),
        (None, _) => None,
    }
}

fn unknown(table: &Table, name: &str) -> Error {
    let known: Vec<_> = table.columns.iter().map(|column| column.key).collect();
    Error::Usage(format!(
        "--columns: `{name}` is no column of {}; its columns are archive,container,{}",
        table.name,
        known.join(",")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table = Table {
        name: "processes",
        columns: &[
            Column::count("pid", "PID"),
            Column::bytes("argv", "ARGV").for_machines(),
            Column::bytes("command", "COMMAND").for_people(),
        ],
    };

    fn select(wanted: &[&str], format: Format) -> Result<Selection, Error> {
        let wanted: Vec<String> = wanted.iter().map(|&name| name.to_owned()).collect();
        Selection::new(&TABLE, &wanted, format, &Document { archive: "a.tar".into(), container: None })
    }

    fn keys(wanted: &[&str], format: Format) -> Vec<&'static str> {
        select(wanted, format).unwrap().columns().iter().map(|column| column.key).collect()
    }

    #[test]
    fn each_format_has_its_audience() {
        assert_eq!(keys(&[], Format::Text), ["pid", "command"]);
        assert_eq!(keys(&[], Format::Json), ["pid", "argv"]);
        assert_eq!(keys(&[], Format::Csv), ["archive", "container", "pid", "argv"]);
    }

    #[test]
    fn the_user_picks_any_column_once() {
        assert_eq!(keys(&["argv", "pid", "argv"], Format::Text), ["argv", "pid"]);
        assert_eq!(keys(&["container", "command"], Format::Text), ["container", "command"]);
        assert_eq!(keys(&["container", "command"], Format::JsonLines), ["command"]);
    }

    #[test]
    fn an_unknown_column_is_answered_with_the_known_ones() {
        let error = select(&["uid"], Format::Text).err().unwrap();
        assert_eq!(
            error.to_string(),
            "--columns: `uid` is no column of processes; its columns are archive,container,pid,argv,command"
        );
    }

    #[test]
    fn cells_follow_their_columns_and_short_rows_are_filled() {
        let selection = select(&["command", "archive", "container", "pid"], Format::Text).unwrap();
        let row = [Cell::Count(6)];
        let shown: Vec<String> = selection.of(&row).iter().map(Cell::to_string).collect();
        assert_eq!(shown, ["", "a.tar", "-", "6"]);
    }
}
