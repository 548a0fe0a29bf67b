//! Runs the command line in this process.

use std::ffi::OsStr;
use std::io::{Cursor, Read};

use icecore_inspect::{Io, Terminal, run};
use serde_json::Value;

/// What a command line answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The exit code.
    pub(crate) code: u8,
    /// Standard output.
    pub(crate) out: Vec<u8>,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs `icecore` with these arguments, without a terminal and without standard input.
pub(crate) fn icecore(arguments: &[&OsStr]) -> Answer {
    answer(arguments, None)
}

/// The same, with these bytes on standard input.
pub(crate) fn piped(arguments: &[&OsStr], input: Vec<u8>) -> Answer {
    answer(arguments, Some(Box::new(Cursor::new(input))))
}

fn answer(arguments: &[&OsStr], input: Option<Box<dyn Read + Send>>) -> Answer {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = std::iter::once(OsStr::new("icecore")).chain(arguments.iter().copied()).map(OsStr::to_owned);
    let terminal = Terminal::default();
    let code = run(words, &mut Io { out: &mut out, err: &mut err, input, terminal });
    Answer { code, out, err: String::from_utf8(err).expect("diagnostics are text") }
}

/// The document that a command gives with `--format json`.
///
/// # Panics
/// If the command fails or its answer is no JSON.
pub(crate) fn json(arguments: &[&OsStr]) -> Value {
    let with_format: Vec<&OsStr> =
        arguments.iter().copied().chain(["--format", "json"].map(OsStr::new)).collect();
    let answer = icecore(&with_format);
    assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.err);
    serde_json::from_slice(&answer.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}
