//! Quoted-printable, in which crit writes the names of unix sockets.
//!
//! Python's rules: printable ASCII stays but for `=`; line feeds stay; a line of more than 76 characters is
//! broken softly; white space at the end of a line, and a line of one dot, are quoted. A text with line ends of
//! carriage return and line feed may lose a return: then JSON does not carry it, and the record stands beside.

use alloc::string::String;
use alloc::vec::Vec;

const LINE: usize = 76;

/// Bytes as text.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let first_feed = bytes.iter().position(|&byte| byte == b'\n');
    let crlf = first_feed.and_then(|at| at.checked_sub(1)).is_some_and(|at| bytes.get(at) == Some(&b'\r'));
    let mut out = Writer { text: String::new(), length: 0, line_end: if crlf { "\r\n" } else { "\n" } };
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let next = after.first().copied();
        rest = after;
        match byte {
            b'\n' => out.end_line(),
            b'\r' if next == Some(b'\n') => {
                out.end_line();
                rest = after.get(1..).unwrap_or_default();
            }
            _ if is_quoted(byte, next, out.length == 0) => out.quote(byte),
            _ => out.plain(byte, next),
        }
    }
    out.text
}

fn is_quoted(byte: u8, next: Option<u8>, begins_line: bool) -> bool {
    match byte {
        b'=' | 0x7f.. => true,
        b'.' => begins_line && matches!(next, None | Some(b'\n' | b'\r' | 0)),
        b' ' | b'\t' => next.is_none(),
        b'\r' => false,
        _ => byte < 0x20,
    }
}

struct Writer {
    text: String,
    length: usize,
    line_end: &'static str,
}

impl Writer {
    fn quote(&mut self, byte: u8) {
        if self.length.saturating_add(3) >= LINE {
            self.break_line();
        }
        self.push_quoted(byte);
        self.length = self.length.saturating_add(3);
    }

    fn plain(&mut self, byte: u8, next: Option<u8>) {
        if self.length.saturating_add(1) >= LINE && !matches!(next, None | Some(b'\n')) {
            self.break_line();
        }
        self.text.push(char::from(byte));
        self.length = self.length.saturating_add(1);
    }

    fn end_line(&mut self) {
        // White space would be lost on its way; it is quoted after all.
        if let Some(space @ (b' ' | b'\t')) = self.text.bytes().next_back() {
            self.text.pop();
            self.push_quoted(space);
        }
        self.text.push_str(self.line_end);
        self.length = 0;
    }

    fn break_line(&mut self) {
        self.text.push('=');
        self.text.push_str(self.line_end);
        self.length = 0;
    }

    fn push_quoted(&mut self, byte: u8) {
        let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase();
        self.text.extend(['=', digit(byte >> 4), digit(byte & 15)]);
    }
}

/// The bytes of a text. What is no quotation stands for itself.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'=' {
            bytes.push(byte);
            continue;
        }
        rest = match after {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => after,
            [b'=', after @ ..] => {
                bytes.push(b'=');
                after
            }
            [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(hex(*high) << 4 | hex(*low));
                after
            }
            after => {
                bytes.push(b'=');
                after
            }
        };
    }
    bytes
}

fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
