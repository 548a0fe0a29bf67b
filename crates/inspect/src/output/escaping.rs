//! A writer that escapes what passes through it, for raw content on its way to a terminal.

use std::io::{self, Write};

use super::escape::{Marks, write_text_piece};

/// The most bytes of one character that may be missing at the end of a piece.
const LONGEST_TAIL: usize = 3;

/// Passes text on with everything escaped that could act on a terminal; newlines and tabs stay.
///
/// A character that is cut between two writes is kept back until it is whole; [`Escaping::finish`] writes
/// what never became whole.
pub struct Escaping<W: Write> {
    inner: W,
    /// The beginning of a character whose end has not come yet; at most [`LONGEST_TAIL`] bytes.
    tail: Vec<u8>,
    marks: Marks,
}

impl<W: Write> std::fmt::Debug for Escaping<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Escaping").field("tail", &self.tail).finish_non_exhaustive()
    }
}

impl<W: Write> Escaping<W> {
    /// Wraps a writer that leads to a terminal.
    pub fn new(inner: W) -> Self {
        Self { inner, tail: Vec::new(), marks: Marks::default() }
    }

    /// The writer below.
    pub fn inner(&self) -> &W {
        &self.inner
    }

    /// Writes an unfinished last character as the bytes it has, and flushes.
    ///
    /// # Errors
    /// Those of the writer below.
    pub fn finish(&mut self) -> io::Result<()> {
        let tail = std::mem::take(&mut self.tail);
        self.pass_on(&tail)?;
        self.inner.flush()
    }

    fn pass_on(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut shown = String::with_capacity(piece.len());
        write_text_piece(&mut shown, piece, &mut self.marks).map_err(io::Error::other)?;
        self.inner.write_all(shown.as_bytes())
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let mut bytes = std::mem::take(&mut self.tail);
        bytes.extend_from_slice(piece);
        let whole = bytes.len().saturating_sub(unfinished(&bytes));
        let (now, later) = bytes.split_at_checked(whole).unwrap_or((&bytes, &[]));
        self.tail = later.to_vec();
        self.pass_on(now)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// How many bytes at the end are the beginning of a character that may still become whole.
fn unfinished(bytes: &[u8]) -> usize {
    let longest = bytes.len().min(LONGEST_TAIL);
    (1..=longest)
        .rev()
        .find(|&length| {
            let tail = bytes.len().checked_sub(length).and_then(|at| bytes.get(at..)).unwrap_or_default();
            // `error_len` is absent exactly when more bytes could repair the end.
            matches!(std::str::from_utf8(tail), Err(error) if error.error_len().is_none() && error.valid_up_to() == 0)
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::output::escape;

    fn through(pieces: &[&[u8]]) -> String {
        let mut shown = Vec::new();
        let mut writer = Escaping::new(&mut shown);
        for piece in pieces {
            writer.write_all(piece).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn a_character_cut_between_two_writes_stays_whole() {
        assert_eq!(through(&[b"a\xf0\x9f", b"\xa6", b"\x80\n"]), "a🦀\n");
        assert_eq!(through(&[b"\xe2\x80", b"\xae"]), r"\u{202e}");
        assert_eq!(through(&[b"\xe2\x80", b"x"]), r"\xe2\x80x");
        assert_eq!(through(&[b"end \xe2\x80"]), r"end \xe2\x80");
        assert_eq!(through(&[b"e", "\u{301}".as_bytes()]), "e\u{301}");
    }

    proptest! {
        #[test]
        fn pieces_change_nothing(pieces in prop::collection::vec(any::<Vec<u8>>(), 0..6)) {
            let borrowed: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let whole = pieces.concat();
            prop_assert_eq!(through(&borrowed), escape::text(&whole).to_string());
        }
    }
}
