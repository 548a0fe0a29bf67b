//! One JSON document for one archive, an array of them for several.

use std::io::{self, Write};

use super::SCHEMA;
use super::cell::Cell;
use super::diagnostics::Diagnostic;
use super::form::{Form, Page};
use super::json_cells::{self, Key};
use super::object::Object;
use super::selection::Cells;
use super::table::Column;
use super::writer::{Document, Shape};

/// The JSON format. Rows stand on lines of their own, so that `grep` and `diff` are of use too.
pub(super) struct Json {
    shape: Shape,
    keys: Vec<Key>,
    has_document: bool,
    has_row: bool,
    /// The container's name, until it has been written.
    container: Option<Cell>,
    /// The row at hand; kept, so that not every row needs room of its own.
    row: String,
}

impl Json {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            shape,
            keys: Vec::new(),
            has_document: false,
            has_row: false,
            container: None,
            row: String::new(),
        }
    }

    /// Rows have the container's name in front of them; an object may hold a `container` of its own.
    fn container(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match self.container.take() {
            Some(container) => entry(out, "container", &container),
            None => Ok(()),
        }
    }
}

impl Form for Json {
    fn begin_document(&mut self, out: &mut dyn Write, document: &Document) -> io::Result<()> {
        if self.shape.several_documents {
            out.write_all(if self.has_document { b",\n" } else { b"[\n" })?;
        }
        self.has_document = true;
        self.container = Some(Cell::from(document.container.as_ref()));
        write!(out, "{{\"schema\":\"{SCHEMA}\"")?;
        entry(out, "archive", &Cell::from(&document.archive))
    }

    fn begin_list(
        &mut self,
        out: &mut dyn Write,
        name: &'static str,
        columns: Vec<Column>,
    ) -> io::Result<()> {
        self.container(out)?;
        self.keys = columns.iter().map(|column| Key::new(column.key)).collect();
        self.has_row = false;
        write!(out, ",\"{name}\":[")
    }

    fn row(&mut self, out: &mut dyn Write, cells: Cells<'_>) -> io::Result<()> {
        self.row.clear();
        self.row.push_str(if self.has_row { ",\n" } else { "\n" });
        self.has_row = true;
        json_cells::object(&mut self.row, self.keys.iter().zip(cells.iter()));
        out.write_all(self.row.as_bytes())
    }

    fn end_list(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.has_row { b"\n]" } else { b"]" })
    }

    fn object(&mut self, out: &mut dyn Write, object: &Object, _page: &Page<'_>) -> io::Result<()> {
        self.container =
            self.container.take().filter(|_| object.entries().all(|(name, _)| name != "container"));
        self.container(out)?;
        entries(out, object.entries())
    }

    fn end_document(&mut self, out: &mut dyn Write, diagnostics: &[Diagnostic]) -> io::Result<()> {
        self.container(out)?;
        out.write_all(b",\"diagnostics\":[")?;
        for (position, diagnostic) in diagnostics.iter().enumerate() {
            out.write_all(if position > 0 { b",\n" } else { b"\n" })?;
            out.write_all(diagnostic.to_object().to_json().as_bytes())?;
        }
        out.write_all(if diagnostics.is_empty() { b"]}" } else { b"\n]}" })?;
        if self.shape.several_documents { Ok(()) } else { out.write_all(b"\n") }
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match (self.shape.several_documents, self.has_document) {
            (true, true) => out.write_all(b"\n]\n"),
            (true, false) => out.write_all(b"[]\n"),
            (false, _) => Ok(()),
        }
    }
}

/// More entries of an object whose brace is already open and not empty.
fn entries<'a>(out: &mut dyn Write, entries: impl Iterator<Item = (&'a str, &'a Cell)>) -> io::Result<()> {
    let mut text = String::new();
    for (name, cell) in entries.filter(|(_, cell)| !cell.is_left_out()) {
        text.push(',');
        json_cells::entry(&mut text, name, cell);
    }
    out.write_all(text.as_bytes())
}

fn entry(out: &mut dyn Write, name: &str, cell: &Cell) -> io::Result<()> {
    entries(out, [(name, cell)].into_iter())
}
