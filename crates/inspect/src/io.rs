//! The world around a command: streams and terminal, so that tests can play both.

use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _, Read, Write};

/// The streams of one run.
pub struct Io<'a> {
    /// Answers. Best buffered: rows are written in small pieces.
    pub out: &'a mut dyn Write,
    /// Diagnostics and errors.
    pub err: &'a mut dyn Write,
    /// Standard input, for the archive `-`. Whoever reads it takes it: it can be read once.
    pub input: Option<Box<dyn Read + Send>>,
    /// What the streams are connected to.
    pub terminal: Terminal,
}

impl fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// Which streams are a terminal, and what it can do. The default is no terminal at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terminal {
    /// Answers go to a terminal.
    pub out_is_tty: bool,
    /// Diagnostics go to a terminal.
    pub err_is_tty: bool,
    /// Columns of the terminal; `None` if not known, then nothing is cut to fit.
    pub width: Option<usize>,
    /// The environment does not forbid colour.
    pub color: bool,
}

impl Terminal {
    /// What this process is connected to.
    ///
    /// Colour is off if `NO_COLOR` is set and not empty (no-color.org) or `TERM` is `dumb`. The width is
    /// that of `COLUMNS`, which shells keep to themselves unless they are told to export it, or else what
    /// the terminal says of itself.
    pub fn detect() -> Self {
        let says_no = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            out_is_tty: io::stdout().is_terminal(),
            err_is_tty: io::stderr().is_terminal(),
            width: width(),
            color: !says_no && !is_dumb,
        }
    }
}

fn width() -> Option<usize> {
    let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let real = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    wanted.or_else(real).filter(|&width| width > 0)
}
