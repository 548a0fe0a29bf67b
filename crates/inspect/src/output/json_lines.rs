//! One JSON object a line: a row, with the archive and container it belongs to.

use std::io::{self, Write};

use super::cell::Cell;
use super::form::{Form, Page};
use super::object::{Entries, Object};
use super::table::Column;
use super::writer::{Document, Shape};
use super::{SCHEMA, json_strings};

/// The JSON Lines format. Diagnostics have no line here; the writer puts them on the error stream.
pub(super) struct JsonLines {
    shape: Shape,
    /// `archive`, `container`, and `row` with the name of the list where a command has several.
    place: Vec<(&'static str, Cell)>,
    columns: Vec<Column>,
}

impl JsonLines {
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, place: Vec::new(), columns: Vec::new() }
    }
}

impl Form for JsonLines {
    fn begin_document(&mut self, _out: &mut dyn Write, document: &Document) -> io::Result<()> {
        self.place = vec![
            ("archive", Cell::from(&document.archive)),
            ("container", Cell::from(document.container.as_ref())),
        ];
        Ok(())
    }

    fn begin_list(
        &mut self,
        _out: &mut dyn Write,
        name: &'static str,
        columns: Vec<Column>,
    ) -> io::Result<()> {
        self.columns = columns;
        self.place.retain(|(key, _)| *key != "row");
        if self.shape.several_lists {
            self.place.push(("row", Cell::from(name)));
        }
        Ok(())
    }

    fn row(&mut self, out: &mut dyn Write, cells: &[Cell]) -> io::Result<()> {
        let keys = self.columns.iter().map(|column| column.key);
        let place = self.place.iter().map(|(key, cell)| (*key, cell));
        line(out, place.chain(keys.zip(cells)))
    }

    fn object(&mut self, out: &mut dyn Write, object: &Object, _page: &Page<'_>) -> io::Result<()> {
        if let (true, Some((name, _))) = (self.shape.several_lists, object.entries().next()) {
            // Between lists an object stands under its name.
            self.place.push(("row", Cell::from(name.to_owned())));
        }
        let schema = Cell::from(SCHEMA);
        let own = |key: &str| object.entries().any(|(name, _)| name == key);
        let place = self.place.iter().map(|(key, cell)| (*key, cell)).filter(|(key, _)| !own(key));
        line(out, [("schema", &schema)].into_iter().chain(place).chain(object.entries()))
    }
}

fn line<'a>(
    out: &mut dyn Write,
    entries: impl Iterator<Item = (&'a str, &'a Cell)> + Clone,
) -> io::Result<()> {
    json_strings::write(out, &Entries(entries))?;
    out.write_all(b"\n")
}
