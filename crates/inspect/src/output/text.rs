//! Tables for people: aligned columns, fitted to a terminal, never cut anywhere else.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cell::Cell;
use super::escape;
use super::form::{Form, Page};
use super::object::Object;
use super::selection::Cells;
use super::style::Style;
use super::table::{Align, Column};
use super::writer::{Document, Shape};

const GAP: &str = "  ";

/// Rows, and bytes of their text, that are looked at to find the widths; later rows stream through them.
const LOOKAHEAD_ROWS: usize = 4096;
const LOOKAHEAD_BYTES: usize = 4 << 20;

/// The width below which no column is cut: less would say nothing.
const LEAST_WIDTH: usize = 12;

/// The text format.
pub(super) struct Text {
    style: Style,
    /// The width that rows have to fit; `None` where nothing is ever cut.
    width: Option<usize>,
    shape: Shape,
    /// Whether something stands above that has to be set apart by a blank line.
    has_above: bool,
    columns: Vec<Column>,
    layout: Layout,
}

/// Whether the widths of the list at hand are known.
enum Layout {
    /// Rows kept back, and the bytes they take.
    Looking {
        rows: Vec<Vec<String>>,
        bytes: usize,
    },
    Fixed(Vec<usize>),
}

impl Layout {
    fn new() -> Self {
        Self::Looking { rows: Vec::new(), bytes: 0 }
    }
}

impl Text {
    pub(super) fn new(style: Style, width: Option<usize>, shape: Shape) -> Self {
        Self { style, width, shape, has_above: false, columns: Vec::new(), layout: Layout::new() }
    }

    /// A heading over what follows, set apart from what came before.
    fn heading(&mut self, out: &mut dyn Write, heading: &str) -> io::Result<()> {
        if self.has_above {
            writeln!(out)?;
        }
        self.has_above = true;
        writeln!(out, "{}", self.style.bold(heading))
    }

    /// Fixes the widths and writes what was kept back.
    fn fix(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Layout::Looking { rows, .. } = std::mem::replace(&mut self.layout, Layout::new()) else {
            return Ok(());
        };
        let headings: Vec<String> = self.columns.iter().map(|column| column.heading.to_owned()).collect();
        let widths = fitted(&self.columns, widths(&headings, &rows), self.width);
        let heading_line = self.line(&headings, &widths);
        writeln!(out, "{}", self.style.bold(heading_line))?;
        for row in &rows {
            writeln!(out, "{}", self.line(row, &widths))?;
        }
        self.layout = Layout::Fixed(widths);
        Ok(())
    }

    /// One line without blanks at its end.
    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (position, ((cell, column), width)) in cells.iter().zip(&self.columns).zip(widths).enumerate() {
            if position > 0 {
                line.push_str(GAP);
            }
            let cut;
            let shown = match self.width {
                Some(_) if column.align == Align::Left && cell.width() > *width => {
                    cut = cut_to(cell, *width);
                    &cut
                }
                _ => cell,
            };
            let padding = width.saturating_sub(shown.width());
            if column.align == Align::Right {
                line.extend(std::iter::repeat_n(' ', padding));
            }
            line.push_str(shown);
            if column.align == Align::Left {
                line.extend(std::iter::repeat_n(' ', padding));
            }
        }
        line.truncate(line.trim_end_matches(' ').len());
        line
    }
}

impl Form for Text {
    fn begin_document(&mut self, out: &mut dyn Write, document: &Document) -> io::Result<()> {
        if !self.shape.several_documents {
            return Ok(());
        }
        let archive = escape::field(&document.archive);
        match &document.container {
            Some(container) => self.heading(out, &format!("{archive}{GAP}{}", escape::field(container))),
            None => self.heading(out, &archive.to_string()),
        }
    }

    fn begin_list(
        &mut self,
        out: &mut dyn Write,
        name: &'static str,
        columns: Vec<Column>,
    ) -> io::Result<()> {
        self.columns = columns;
        self.layout = Layout::new();
        if self.shape.several_lists { self.heading(out, name) } else { Ok(()) }
    }

    fn row(&mut self, out: &mut dyn Write, cells: Cells<'_>) -> io::Result<()> {
        let row: Vec<String> = cells.iter().map(Cell::to_string).collect();
        match &mut self.layout {
            Layout::Fixed(widths) => {
                let widths = std::mem::take(widths);
                let written = writeln!(out, "{}", self.line(&row, &widths));
                self.layout = Layout::Fixed(widths);
                written
            }
            Layout::Looking { rows, bytes } => {
                *bytes = row.iter().fold(*bytes, |sum, cell| sum.saturating_add(cell.len()));
                rows.push(row);
                if rows.len() < LOOKAHEAD_ROWS && *bytes < LOOKAHEAD_BYTES { Ok(()) } else { self.fix(out) }
            }
        }
    }

    /// On a terminal, widths are those of the rows so far; without any, there may be wider ones. A file or a pipe gets the
    /// widths that it would get without a pause: what stands there must not depend on how fast a scan was.
    fn pause(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match &self.layout {
            Layout::Looking { rows, .. } if self.width.is_some() && !rows.is_empty() => self.fix(out),
            _ => Ok(()),
        }
    }

    fn end_list(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.fix(out)
    }

    fn break_off(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.fix(out)
    }

    fn object(&mut self, out: &mut dyn Write, _object: &Object, page: &Page<'_>) -> io::Result<()> {
        self.has_above = true;
        page(out, self.style)
    }
}

/// The width each column needs for its heading and the rows seen.
fn widths(headings: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    widths
}

/// Narrows the columns of words, the widest first and all to the same width, until a line fits.
fn fitted(columns: &[Column], widths: Vec<usize>, room: Option<usize>) -> Vec<usize> {
    let Some(room) = room else { return widths };
    let narrowed = |cap: usize| -> Vec<usize> {
        let narrow = |(column, width): (&Column, &usize)| match column.align {
            Align::Left => (*width).min(cap),
            Align::Right => *width,
        };
        columns.iter().zip(&widths).map(narrow).collect()
    };
    let line = |widths: &[usize]| {
        let gaps = widths.len().saturating_sub(1).saturating_mul(GAP.len());
        widths.iter().fold(gaps, |sum, width| sum.saturating_add(*width))
    };
    if line(&widths) <= room {
        return widths;
    }
    (LEAST_WIDTH..=room)
        .rev()
        .map(narrowed)
        .find(|widths| line(widths) <= room)
        .unwrap_or_else(|| narrowed(LEAST_WIDTH))
}

/// The beginning of a cell and an ellipsis, together at most `width` wide.
fn cut_to(cell: &str, width: usize) -> String {
    let room = width.saturating_sub(1);
    let mut used = 0_usize;
    let fits = |character: &char| {
        used = used.saturating_add(character.width().unwrap_or(0));
        used <= room
    };
    let mut cut: String = cell.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Format;
    use crate::output::Table;
    use crate::output::selection::Selection;

    const PROCESSES: Table = Table {
        name: "processes",
        columns: &[Column::count("pid", "PID"), Column::bytes("comm", "COMM"), Column::bytes("exe", "EXE")],
    };

    fn selection() -> Selection {
        let document = Document { archive: "a.tar".into(), container: None };
        Selection::new(&PROCESSES, &[], Format::Text, &document).unwrap()
    }

    /// A list that has begun, with its rows.
    fn begun(width: Option<usize>, rows: &[[Cell; 3]]) -> (Text, Vec<u8>) {
        let selection = selection();
        let mut out = Vec::new();
        let mut text = Text::new(Style::default(), width, Shape::default());
        text.begin_list(&mut out, PROCESSES.name, selection.columns()).unwrap();
        for row in rows {
            text.row(&mut out, selection.of(row)).unwrap();
        }
        (text, out)
    }

    fn render(width: Option<usize>, rows: &[[Cell; 3]]) -> String {
        let (mut text, mut out) = begun(width, rows);
        text.end_list(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn process(pid: u64, comm: &str, exe: &str) -> [Cell; 3] {
        [Cell::Count(pid), Cell::Bytes(comm.into()), Cell::Bytes(exe.into())]
    }

    #[test]
    fn numbers_stand_right_words_left_and_lines_end_without_blanks() {
        let rows = [process(7, "日本", "/a"), process(1234, "\u{1b}[2J", "")];
        assert_eq!(render(None, &rows), " PID  COMM     EXE\n   7  日本     /a\n1234  \\x1b[2J\n");
    }

    #[test]
    fn a_list_without_rows_has_its_headings() {
        assert_eq!(render(None, &[]), "PID  COMM  EXE\n");
    }

    #[test]
    fn only_a_terminal_cuts() {
        let exe = format!("/{}", "x".repeat(200));
        let rows = [process(1, "a-name-of-15-ch", &exe)];
        assert!(render(None, &rows).contains(&exe));
        let shown = render(Some(40), &rows);
        assert_eq!(shown.lines().map(|line| line.width()).max(), Some(40));
        assert!(shown.contains("a-name-of-15-ch"), "the shorter column is kept: {shown}");
        assert!(shown.contains("xx…\n"));
    }

    #[test]
    fn a_terminal_too_narrow_for_anything_still_gets_rows() {
        assert!(render(Some(0), &[process(1, "sh", "/bin/a-long-program")]).contains("/bin/a-long…"));
    }

    #[test]
    fn rows_behind_the_lookahead_stream_and_are_not_cut() {
        let mut rows = vec![process(1, "sh", "/bin/sh"); LOOKAHEAD_ROWS];
        rows.push(process(2, "a-longer-name", "/bin/sh"));
        let shown = render(None, &rows);
        assert_eq!(shown.lines().count(), LOOKAHEAD_ROWS + 2);
        assert!(shown.ends_with("  2  a-longer-name  /bin/sh\n"));
    }

    #[test]
    fn a_terminal_does_not_wait_for_rows_that_do_not_come() {
        let (mut text, mut out) = begun(Some(80), &[]);
        text.pause(&mut out).unwrap();
        assert_eq!(out, b"");
        let selection = selection();
        text.row(&mut out, selection.of(&process(1, "sh", "/bin/sh"))).unwrap();
        assert_eq!(out, b"");
        text.pause(&mut out).unwrap();
        text.row(&mut out, selection.of(&process(2, "a-longer-name", "/x"))).unwrap();
        text.end_list(&mut out).unwrap();
        let shown = "PID  COMM  EXE\n  1  sh    /bin/sh\n  2  a-l…  /x\n";
        assert_eq!(String::from_utf8(out).unwrap(), shown);
    }

    #[test]
    fn what_goes_to_a_file_does_not_depend_on_pauses() {
        let rows = [process(1, "sh", "/bin/sh"), process(2, "a-longer-name", "/x")];
        let (mut text, mut out) = begun(None, &rows[..1]);
        text.pause(&mut out).unwrap();
        text.row(&mut out, selection().of(&rows[1])).unwrap();
        text.end_list(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), render(None, &rows));
    }

    #[test]
    fn large_rows_are_not_kept_back() {
        let (_, out) = begun(None, &[process(1, &"x".repeat(LOOKAHEAD_BYTES), "")]);
        assert!(out.len() > LOOKAHEAD_BYTES);
    }
}
