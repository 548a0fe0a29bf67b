//! Bytes as numbers and text, sixteen a line, as `hexdump -C` writes them.

use std::io::{self, Write};

/// Bytes of a line.
pub const LINE: u64 = 16;

/// Lines on their way out, those left out that have the bytes of the one before.
#[derive(Debug)]
pub struct Lines<W> {
    /// Where they go.
    pub out: W,
    fold: bool,
    last: Option<Vec<u8>>,
    folding: bool,
}

impl<W: Write> Lines<W> {
    /// Lines to `out`, all of them.
    pub fn all(out: W) -> Self {
        Self { out, fold: false, last: None, folding: false }
    }

    /// Lines to `out`; for those that repeat the one before stands one `*`.
    pub fn folded(out: W) -> Self {
        Self { fold: true, ..Self::all(out) }
    }

    /// Forgets the line before, which the next one does not follow.
    pub fn interrupt(&mut self) {
        (self.last, self.folding) = (None, false);
    }

    /// Writes a line of at most 16 bytes. Its first byte stands in the column that its address has in a line.
    ///
    /// # Errors
    /// What `out` says.
    pub fn line(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if self.fold && self.last.as_deref() == Some(bytes) {
            if !self.folding {
                writeln!(self.out, "*")?;
            }
            self.folding = true;
            return Ok(());
        }
        self.folding = false;
        let indent = usize::try_from(at.rem_euclid(LINE)).unwrap_or(0);
        let blank = std::iter::repeat_n(None, indent);
        let cells: Vec<Option<u8>> = blank.chain(bytes.iter().copied().map(Some)).collect();
        write!(self.out, "{at:016x} ")?;
        for index in 0..usize::try_from(LINE).unwrap_or(0) {
            let gap = if index == 8 { " " } else { "" };
            match cells.get(index).copied().flatten() {
                Some(byte) => write!(self.out, "{gap} {byte:02x}")?,
                None => write!(self.out, "{gap}   ")?,
            }
        }
        let shown = |cell: &Option<u8>| match cell {
            Some(byte @ 0x20..=0x7e) => char::from(*byte),
            Some(_) => '.',
            None => ' ',
        };
        writeln!(self.out, "  |{}|", cells.iter().map(shown).collect::<String>())?;
        self.last = Some(bytes.to_vec());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(fold: bool, from: u64, bytes: &[u8]) -> String {
        let mut lines = if fold { Lines::folded(Vec::new()) } else { Lines::all(Vec::new()) };
        for (at, chunk) in (from..).step_by(16).zip(bytes.chunks(16)) {
            lines.line(at, chunk).unwrap();
        }
        String::from_utf8(lines.out).unwrap()
    }

    /// As hexdump(1) of util-linux 2.38 wrote it, but for the longer address.
    #[test]
    fn a_line_is_that_of_hexdump() {
        assert_eq!(
            dump(false, 0, b"bytes in a pipe\n\x1b[2J\xff"),
            "0000000000000000  62 79 74 65 73 20 69 6e  20 61 20 70 69 70 65 0a  |bytes in a pipe.|\n\
             0000000000000010  1b 5b 32 4a ff                                    |.[2J.|\n"
        );
    }

    #[test]
    fn a_line_begins_in_the_column_of_its_address() {
        assert_eq!(
            dump(false, 0x40_000d, b"abc"),
            "000000000040000d                                          61 62 63  |             abc|\n"
        );
    }

    #[test]
    fn lines_that_repeat_are_one_star() {
        let bytes = [[b'f'; 16], [b'f'; 16], [b'f'; 16], [b'g'; 16]].concat();
        let shown = dump(true, 0, &bytes);
        let firsts: Vec<&str> = shown.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(firsts, ["0000000000000000", "*", "0000000000000030"]);
        assert_eq!(dump(false, 0, &bytes).lines().count(), 4);
    }

    #[test]
    fn what_is_interrupted_is_not_folded() {
        let mut lines = Lines::folded(Vec::new());
        lines.line(0, &[1; 16]).unwrap();
        lines.interrupt();
        lines.line(16, &[1; 16]).unwrap();
        assert_eq!(String::from_utf8(lines.out).unwrap().lines().count(), 2);
    }
}
