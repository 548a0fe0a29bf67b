//! One JSON object a line: a row, with the archive and container it belongs to.

use std::io::{self, Write};

use super::SCHEMA;
use super::cell::Cell;
use super::form::{Form, Page};
use super::json_cells::{self, Key, Name};
use super::object::Object;
use super::selection::Cells;
use super::table::Column;
use super::writer::{Document, Shape};

/// The JSON Lines format. Diagnostics have no line here; the writer puts them on the error stream.
pub(super) struct JsonLines {
    shape: Shape,
    /// `archive`, `container`, and `row` with the name of the list where a command has several.
    place: Vec<(Key, Cell)>,
    keys: Vec<Key>,
    /// The line at hand; kept, so that not every line needs room of its own.
    line: String,
}

impl JsonLines {
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, place: Vec::new(), keys: Vec::new(), line: String::new() }
    }
}

impl Form for JsonLines {
    fn begin_document(&mut self, _out: &mut dyn Write, document: &Document) -> io::Result<()> {
        self.place = vec![
            (Key::new("archive"), Cell::from(&document.archive)),
            (Key::new("container"), Cell::from(document.container.as_ref())),
        ];
        Ok(())
    }

    fn begin_list(
        &mut self,
        _out: &mut dyn Write,
        name: &'static str,
        columns: Vec<Column>,
    ) -> io::Result<()> {
        self.keys = columns.iter().map(|column| Key::new(column.key)).collect();
        self.place.retain(|(key, _)| key.name() != "row");
        if self.shape.several_lists {
            self.place.push((Key::new("row"), Cell::from(name)));
        }
        Ok(())
    }

    fn row(&mut self, out: &mut dyn Write, cells: Cells<'_>) -> io::Result<()> {
        let place = self.place.iter().map(|(key, cell)| (key, cell));
        write(out, &mut self.line, place.chain(self.keys.iter().zip(cells.iter())))
    }

    fn object(&mut self, out: &mut dyn Write, object: &Object, _page: &Page<'_>) -> io::Result<()> {
        if let (true, Some((name, _))) = (self.shape.several_lists, object.entries().next()) {
            // Between lists an object stands under its name.
            self.place.push((Key::new("row"), Cell::from(name.to_owned())));
        }
        let schema = Cell::from(SCHEMA);
        let own = |key: &str| object.entries().any(|(name, _)| name == key);
        let place = self.place.iter().map(|(key, cell)| (key.name(), cell)).filter(|(key, _)| !own(key));
        let entries = [("schema", &schema)].into_iter().chain(place).chain(object.entries());
        write(out, &mut self.line, entries)
    }
}

fn write<'a, N: Name>(
    out: &mut dyn Write,
    line: &mut String,
    entries: impl Iterator<Item = (N, &'a Cell)>,
) -> io::Result<()> {
    line.clear();
    json_cells::object(line, entries);
    line.push('\n');
    out.write_all(line.as_bytes())
}
