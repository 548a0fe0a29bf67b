//! One JSON document for one archive, an array of them for several.

use std::io::{self, Write};

use super::cell::Cell;
use super::diagnostics::Diagnostic;
use super::form::{Form, Page};
use super::object::{Entries, Object};
use super::table::Column;
use super::writer::{Document, Shape};
use super::{SCHEMA, json_strings};

/// The JSON format. Rows stand on lines of their own, so that `grep` and `diff` are of use too.
pub(super) struct Json {
    shape: Shape,
    columns: Vec<Column>,
    has_document: bool,
    has_row: bool,
    /// The container's name, until it has been written.
    container: Option<Cell>,
}

impl Json {
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, columns: Vec::new(), has_document: false, has_row: false, container: None }
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
        self.columns = columns;
        self.has_row = false;
        write!(out, ",\"{name}\":[")
    }

    fn row(&mut self, out: &mut dyn Write, cells: &[Cell]) -> io::Result<()> {
        out.write_all(if self.has_row { b",\n" } else { b"\n" })?;
        self.has_row = true;
        let keys = self.columns.iter().map(|column| column.key);
        json_strings::write(out, &Entries(keys.zip(cells)))
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
            json_strings::write(out, &diagnostic.to_object())?;
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
fn entries<'a>(
    out: &mut dyn Write,
    entries: impl Iterator<Item = (&'a str, &'a Cell)> + Clone,
) -> io::Result<()> {
    let mut object = Vec::new();
    json_strings::write(&mut object, &Entries(entries))?;
    match object.strip_prefix(b"{").and_then(|inner| inner.strip_suffix(b"}")) {
        None | Some(b"") => Ok(()),
        Some(inner) => {
            out.write_all(b",")?;
            out.write_all(inner)
        }
    }
}

fn entry(out: &mut dyn Write, name: &str, cell: &Cell) -> io::Result<()> {
    entries(out, [(name, cell)].into_iter())
}
