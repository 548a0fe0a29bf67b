//! The one way of rows and documents out of the program, whatever the format.

use std::io::{self, Write};

use bstr::BString;

use super::csv::{self, Csv};
use super::destination::Destination;
use super::diagnostics::{self, Diagnostic, Printing, Severity};
use super::form::Form;
use super::json::Json;
use super::json_lines::JsonLines;
use super::object::Object;
use super::progress::Progress;
use super::selection::Selection;
use super::style::Style;
use super::table::{Row, Table};
use super::text::Text;
use crate::arguments::{Format, Input, TableOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::{Io, Terminal};

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The archive as the user named it.
    pub archive: BString,
    /// The container's name; `None` if the archive does not say.
    pub container: Option<BString>,
}

/// What a format has to know before the first document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// Several archives were named, or one holds several containers: JSON becomes an array.
    pub several_documents: bool,
    /// The command has lists of several kinds, so each has to be named.
    pub several_lists: bool,
}

/// Writes documents in the format, to the place and with the columns that the user asked for.
///
/// For each document: [`begin`](Writer::begin), then [`list`](Writer::list) for each list or
/// [`object`](Writer::object) once, then [`end`](Writer::end); after the last one
/// [`finish`](Writer::finish). An answer that was not finished is not closed, so that JSON which was cut off
/// does not parse.
pub struct Writer<'a> {
    form: Box<dyn Form>,
    destination: Destination<'a>,
    options: &'a TableOptions,
    shape: Shape,
    err: &'a mut dyn Write,
    err_style: Style,
    terminal: Terminal,
    document: Document,
    diagnostics: usize,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { destination, options, shape, document, .. } = self;
        f.debug_struct("Writer")
            .field("destination", destination)
            .field("options", options)
            .field("shape", shape)
            .field("document", document)
            .finish_non_exhaustive()
    }
}

impl<'a> Writer<'a> {
    /// Opens the destination. Open the first archive before, so that a wrong name leaves no empty file.
    ///
    /// # Errors
    /// Those of [`Destination::open`].
    pub fn open(
        io: &'a mut Io<'_>,
        options: &'a TableOptions,
        inputs: &[Input],
        shape: Shape,
    ) -> Result<Self, Error> {
        let terminal = io.terminal;
        let destination = Destination::open(options.output.output.as_deref(), &mut *io.out, inputs)?;
        let is_terminal = terminal.out_is_tty && destination.is_stream();
        let color = options.output.color;
        let form: Box<dyn Form> = match options.format {
            Format::Text => {
                let width = terminal.width.filter(|_| is_terminal);
                Box::new(Text::new(Style::new(color.applies(terminal, is_terminal)), width, shape))
            }
            Format::Json => Box::new(Json::new(shape)),
            Format::JsonLines => Box::new(JsonLines::new(shape)),
            Format::Csv => Box::new(Csv::new(csv::Options { raw: options.csv_raw, escape: is_terminal })),
        };
        Ok(Self {
            form,
            destination,
            options,
            shape,
            err: &mut *io.err,
            err_style: Style::new(color.applies(terminal, terminal.err_is_tty)),
            terminal,
            document: Document { archive: BString::default(), container: None },
            diagnostics: 0,
        })
    }

    /// Progress of what is done for this answer. Where both share a screen, rows take the bar away.
    pub fn progress(&mut self, work: impl FnOnce() -> (String, Option<u64>)) -> Progress {
        let progress = Progress::new(self.terminal, work);
        if self.terminal.out_is_tty && self.destination.is_stream() {
            self.destination.hushes(progress.clone());
        }
        progress
    }

    /// Begins the answer about one container.
    ///
    /// # Errors
    /// [`Error::Output`] if it cannot be written.
    pub fn begin(&mut self, document: Document) -> Result<(), Error> {
        self.document = document;
        let Self { form, destination, document, .. } = self;
        let written = form.begin_document(destination, document);
        self.checked(written)
    }

    /// Writes a list while its rows are being made.
    ///
    /// # Errors
    /// [`Error::Usage`] if `--columns` names one that the table does not have, the first error among the
    /// rows, or [`Error::Output`].
    pub fn list<I>(&mut self, table: &Table, rows: I) -> Result<(), Error>
    where
        I: IntoIterator<Item = Result<Row, Error>>,
    {
        self.list_with_pauses(table, rows.into_iter().map(|row| row.map(Some)))
    }

    /// The same, where rows may be long in coming: at each pause, which is no row, those that there are are shown.
    ///
    /// # Errors
    /// As [`Writer::list`].
    pub fn list_with_pauses<I>(&mut self, table: &Table, rows: I) -> Result<(), Error>
    where
        I: IntoIterator<Item = Result<Option<Row>, Error>>,
    {
        let TableOptions { columns, format, .. } = self.options;
        let selection = Selection::new(table, columns, *format, &self.document)?;
        let begun = self.form.begin_list(&mut self.destination, table.name, selection.columns());
        self.checked(begun)?;
        for row in rows {
            let row = match row {
                Ok(Some(row)) => row,
                Ok(None) => {
                    let shown =
                        self.form.pause(&mut self.destination).and_then(|()| self.destination.flush());
                    self.checked(shown)?;
                    continue;
                }
                Err(error) => {
                    let written = self.form.break_off(&mut self.destination);
                    return Err(self.checked(written).err().unwrap_or(error));
                }
            };
            let written = self.form.row(&mut self.destination, selection.of(&row));
            self.checked(written)?;
        }
        let ended = self.form.end_list(&mut self.destination);
        self.checked(ended)
    }

    /// Writes a nested document: `object` for machines, what `page` writes for people.
    ///
    /// # Errors
    /// [`Error::Output`] if it cannot be written.
    pub fn object(
        &mut self,
        object: &Object,
        page: impl Fn(&mut dyn Write, Style) -> io::Result<()>,
    ) -> Result<(), Error> {
        let written = self.form.object(&mut self.destination, object, &page);
        self.checked(written)
    }

    /// Ends the document with what has to be said about its archive: in JSON inside it, else on the error
    /// stream.
    ///
    /// # Errors
    /// [`Error::Output`] if the document cannot be written. A closed error stream is no error.
    pub fn end(&mut self, diagnostics: &[Diagnostic]) -> Result<(), Error> {
        let doubtful = diagnostics.iter().filter(|diagnostic| diagnostic.severity > Severity::Note);
        self.diagnostics = self.diagnostics.saturating_add(doubtful.count());
        let ended = self.form.end_document(&mut self.destination, diagnostics);
        self.checked(ended)?;
        let wanted =
            |diagnostic: &&Diagnostic| self.options.output.notes || diagnostic.severity > Severity::Note;
        let told: Vec<Diagnostic> = diagnostics.iter().filter(wanted).cloned().collect();
        if self.options.format == Format::Json || told.is_empty() {
            return Ok(());
        }
        // Rows first: both streams may be one terminal.
        let flushed = self.destination.flush();
        self.checked(flushed)?;
        let printing = Printing {
            style: self.err_style,
            is_terminal: self.terminal.err_is_tty,
            archive: self.shape.several_documents.then_some(&self.document.archive),
        };
        // Nobody can be told that nobody can be told.
        let _ = diagnostics::print(self.err, &told, printing);
        Ok(())
    }

    /// Closes the answer and tells how the command went: under `--strict` a diagnostic is trouble.
    ///
    /// # Errors
    /// [`Error::Output`] if the last bytes cannot be written.
    pub fn finish(mut self) -> Result<Exit, Error> {
        let finished = self.form.finish(&mut self.destination).and_then(|()| self.destination.flush());
        self.checked(finished)?;
        let is_trouble = self.options.output.strict && self.diagnostics > 0;
        Ok(if is_trouble { Exit::Trouble } else { Exit::Done })
    }

    fn checked(&self, written: io::Result<()>) -> Result<(), Error> {
        written.map_err(|source| self.destination.error(source))
    }
}

#[cfg(test)]
mod tests;
