//! Comma-separated values (RFC 4180) that a spreadsheet cannot take for formulas.
//!
//! Bytes are written as they are, lists and objects as their JSON. A cell of words from the archive that
//! begins with `=`, `+`, `-`, `@`, tab or carriage return would be run by a spreadsheet as a formula; it
//! gets an apostrophe in front, and so does one that begins with an apostrophe, so that a reader who takes
//! one away from every such cell has the exact words. `--csv-raw` writes no apostrophes.

use std::io::{self, Write};

use super::cell::Cell;
use super::escape;
use super::form::{Form, Page};
use super::object::Object;
use super::selection::Cells;
use super::table::Column;
use super::writer::Document;

/// What a spreadsheet may take for the beginning of a formula, and the guard itself.
const GUARDED: &[u8] = b"=+-@\t\r'";

/// How cells are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// No guard in front of formulas.
    pub(super) raw: bool,
    /// The lines go to a terminal, so nothing that acts on it may pass.
    pub(super) escape: bool,
}

/// The CSV format.
pub(super) struct Csv {
    options: Options,
    /// The list whose header was written last: documents that follow with the same list go on below it.
    list: Option<&'static str>,
    archive: Cell,
}

impl Csv {
    pub(super) fn new(options: Options) -> Self {
        Self { options, list: None, archive: Cell::Text("".into()) }
    }

    /// A header, set apart by an empty line from the rows of another list.
    fn header(&mut self, out: &mut dyn Write, list: &'static str, keys: Vec<&'static str>) -> io::Result<()> {
        if self.list == Some(list) {
            return Ok(());
        }
        if self.list.replace(list).is_some() {
            out.write_all(b"\r\n")?;
        }
        let keys: Vec<Cell> = keys.into_iter().map(Cell::from).collect();
        record(out, &keys, self.options)
    }
}

impl Form for Csv {
    fn begin_document(&mut self, _out: &mut dyn Write, document: &Document) -> io::Result<()> {
        self.archive = Cell::from(&document.archive);
        Ok(())
    }

    fn begin_list(
        &mut self,
        out: &mut dyn Write,
        name: &'static str,
        columns: Vec<Column>,
    ) -> io::Result<()> {
        self.header(out, name, columns.iter().map(|column| column.key).collect())
    }

    fn row(&mut self, out: &mut dyn Write, cells: Cells<'_>) -> io::Result<()> {
        record(out, cells.iter(), self.options)
    }

    /// A nested document becomes one line a value, named by its path with dots.
    fn object(&mut self, out: &mut dyn Write, object: &Object, _page: &Page<'_>) -> io::Result<()> {
        self.header(out, "object", vec!["archive", "key", "value"])?;
        let mut lines = Vec::new();
        flatten("", object, &mut lines);
        for (key, value) in lines {
            record(out, &[self.archive.clone(), Cell::from(key), value.clone()], self.options)?;
        }
        Ok(())
    }
}

/// Collects the values of an object and of the objects in it. As deep as a view nests objects, which is
/// written in its code and not in an archive.
fn flatten<'a>(prefix: &str, object: &'a Object, lines: &mut Vec<(String, &'a Cell)>) {
    for (name, cell) in object.entries() {
        let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        match cell {
            Cell::Object(inner) => flatten(&key, inner, lines),
            cell if cell.is_left_out() => {}
            cell => lines.push((key, cell)),
        }
    }
}

fn record<'a>(
    out: &mut dyn Write,
    cells: impl IntoIterator<Item = &'a Cell>,
    options: Options,
) -> io::Result<()> {
    for (position, cell) in cells.into_iter().enumerate() {
        if position > 0 {
            out.write_all(b",")?;
        }
        value(out, cell, options)?;
    }
    out.write_all(b"\r\n")
}

fn value(out: &mut dyn Write, cell: &Cell, options: Options) -> io::Result<()> {
    let mut bytes = cell.to_exact_bytes();
    let is_formula = bytes.first().is_some_and(|first| GUARDED.contains(first));
    if cell.is_free_text() && is_formula && !options.raw {
        bytes.insert(0, b'\'');
    }
    if options.escape {
        bytes = escape::field(&bytes).to_string().into_bytes();
    }
    if !bytes.iter().any(|byte| b",\"\r\n".contains(byte)) {
        return out.write_all(&bytes);
    }
    out.write_all(b"\"")?;
    for (position, piece) in bytes.split(|&byte| byte == b'"').enumerate() {
        if position > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(piece)?;
    }
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(cells: &[Cell], options: Options) -> Vec<u8> {
        let mut out = Vec::new();
        record(&mut out, cells, options).unwrap();
        out
    }

    fn text(cells: &[Cell], options: Options) -> String {
        String::from_utf8(line(cells, options)).unwrap()
    }

    fn bytes(name: &[u8]) -> Cell {
        Cell::from(name)
    }

    #[test]
    fn quotes_stand_where_rfc_4180_wants_them() {
        let cells =
            [bytes(b"plain"), bytes(b"a,b"), bytes(b"say \"x\""), bytes(b"two\nlines"), Cell::Count(7)];
        assert_eq!(text(&cells, Options::default()), "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",7\r\n");
    }

    #[test]
    fn formulas_are_guarded_but_numbers_are_not() {
        let cells = [bytes(b"=1+1"), bytes(b"@x"), bytes(b"-rf"), bytes(b"'x"), Cell::Integer(-5)];
        assert_eq!(text(&cells, Options::default()), "'=1+1,'@x,'-rf,''x,-5\r\n");
        assert_eq!(text(&cells, Options { raw: true, ..Options::default() }), "=1+1,@x,-rf,'x,-5\r\n");
    }

    #[test]
    fn a_terminal_sees_escapes() {
        let options = Options { escape: true, ..Options::default() };
        assert_eq!(text(&[bytes(b"\x1b[2J\n")], options), "\\x1b[2J\\n\r\n");
    }

    #[test]
    fn an_object_is_a_line_a_value() {
        let object = Object::new()
            .with("kind", "tar")
            .with("engine", Object::new().with("name", "cri-o").with("evidence", vec!["config.dump"]));
        let mut out = Vec::new();
        let mut csv = Csv::new(Options::default());
        csv.begin_document(&mut out, &Document { archive: "a.tar".into(), container: None }).unwrap();
        csv.object(&mut out, &object, &|_, _| Ok(())).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "archive,key,value\r\na.tar,kind,tar\r\na.tar,engine.name,cri-o\r\n\
             a.tar,engine.evidence,\"[\"\"config.dump\"\"]\"\r\n"
        );
    }

    /// A reader of RFC 4180, by its grammar: fields of one record.
    fn read_record(record: &[u8]) -> Vec<Vec<u8>> {
        let mut fields = vec![Vec::new()];
        let mut is_quoted = false;
        let mut rest = record.strip_suffix(b"\r\n").unwrap().iter().copied().peekable();
        while let Some(byte) = rest.next() {
            match (is_quoted, byte) {
                (true, b'"') if rest.peek() == Some(&b'"') => {
                    rest.next();
                    fields.last_mut().unwrap().push(b'"');
                }
                (_, b'"') => is_quoted = !is_quoted,
                (false, b',') => fields.push(Vec::new()),
                _ => fields.last_mut().unwrap().push(byte),
            }
        }
        assert!(!is_quoted);
        fields
    }

    proptest! {
        #[test]
        fn a_reader_gets_the_same_bytes(names in prop::collection::vec(any::<Vec<u8>>(), 1..5)) {
            let cells: Vec<Cell> = names.iter().map(|name| bytes(name)).collect();
            let raw = line(&cells, Options { raw: true, escape: false });
            prop_assert_eq!(read_record(&raw), names.clone());

            let guarded = read_record(&line(&cells, Options::default()));
            prop_assert!(guarded.iter().all(|field| field.first().is_none_or(|first| !b"=+-@\t\r".contains(first))));
            let undone: Vec<Vec<u8>> =
                guarded.iter().map(|field| field.strip_prefix(b"'").unwrap_or(field).to_vec()).collect();
            prop_assert_eq!(undone, names);
        }
    }
}
