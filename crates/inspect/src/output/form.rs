//! What a format has to answer to become one.

use std::io::{self, Write};

use super::diagnostics::Diagnostic;
use super::object::Object;
use super::selection::Cells;
use super::style::Style;
use super::table::Column;
use super::writer::Document;

/// How a nested document looks to people; formats for machines take the [`Object`] instead.
pub(super) type Page<'a> = dyn Fn(&mut dyn Write, Style) -> io::Result<()> + 'a;

/// One format. The writer calls: for each document `begin_document`, then lists or one object, then
/// `end_document`; and `finish` once. Nothing is called after an error, so what was cut off stays unclosed.
pub(super) trait Form {
    fn begin_document(&mut self, out: &mut dyn Write, document: &Document) -> io::Result<()>;

    fn begin_list(&mut self, out: &mut dyn Write, name: &'static str, columns: Vec<Column>)
    -> io::Result<()>;

    /// `cells` has one for each column of the list.
    fn row(&mut self, out: &mut dyn Write, cells: Cells<'_>) -> io::Result<()>;

    /// There are no more rows for a while: writes those that were kept back.
    fn pause(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn end_list(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// The rows ended in an error: writes those that were kept back, and closes nothing.
    fn break_off(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn object(&mut self, out: &mut dyn Write, object: &Object, page: &Page<'_>) -> io::Result<()>;

    /// Formats that have no place for diagnostics leave them to the writer, which knows the error stream.
    fn end_document(&mut self, _out: &mut dyn Write, _diagnostics: &[Diagnostic]) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
