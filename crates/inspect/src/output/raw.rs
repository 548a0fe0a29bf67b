//! Content as it is, for commands such as `cat` and `logs`.

use std::io::{self, Write};

use super::destination::Destination;
use super::escaping::Escaping;
use super::progress::{Progress, Watched};
use crate::arguments::{Input, OutputOptions};
use crate::error::Error;
use crate::io::{Io, Terminal};

/// Writes exact bytes to a pipe or a file. A terminal gets them escaped: a log or a file of the checkpoint
/// may hold commands for it.
#[derive(Debug)]
pub struct Raw<'a> {
    way: Way<'a>,
    terminal: Terminal,
}

#[derive(Debug)]
enum Way<'a> {
    Exact(Destination<'a>),
    Shown(Escaping<Destination<'a>>),
}

impl<'a> Raw<'a> {
    /// Opens where `-o` points, standard output without it.
    ///
    /// # Errors
    /// Those of [`Destination::open`].
    pub fn open(io: &'a mut Io<'_>, options: &OutputOptions, inputs: &[Input]) -> Result<Self, Error> {
        let terminal = io.terminal;
        let destination = Destination::open(options.output.as_deref(), &mut *io.out, inputs)?;
        let way = if terminal.out_is_tty && destination.is_stream() {
            Way::Shown(Escaping::new(destination))
        } else {
            Way::Exact(destination)
        };
        Ok(Self { way, terminal })
    }

    /// The same writer with a bar; none where the content itself is on the screen.
    pub fn watched(&mut self, work: impl FnOnce() -> (String, Option<u64>)) -> Watched<&mut Self> {
        let progress = match &self.way {
            Way::Exact(_) => Progress::new(self.terminal, work),
            Way::Shown(_) => Progress::hidden(),
        };
        progress.watch(self)
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// [`Error::Output`] if it could not be written.
    pub fn finish(mut self) -> Result<(), Error> {
        let finished = match &mut self.way {
            Way::Exact(destination) => destination.flush(),
            Way::Shown(escaping) => escaping.finish(),
        };
        finished.map_err(|source| self.error(source))
    }

    /// Turns an error of writing here into one that names the place.
    pub fn error(&self, source: io::Error) -> Error {
        match &self.way {
            Way::Exact(destination) => destination.error(source),
            Way::Shown(escaping) => escaping.inner().error(source),
        }
    }
}

impl Write for Raw<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.way {
            Way::Exact(destination) => destination.write(bytes),
            Way::Shown(escaping) => escaping.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.way {
            Way::Exact(destination) => destination.flush(),
            Way::Shown(escaping) => escaping.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Terminal;

    fn raw(out_is_tty: bool, bytes: &[u8]) -> Vec<u8> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let terminal = Terminal { out_is_tty, ..Terminal::default() };
        let mut io = Io { out: &mut out, err: &mut err, input: None, terminal };
        let mut raw = Raw::open(&mut io, &OutputOptions::default(), &[]).unwrap();
        raw.write_all(bytes).unwrap();
        raw.finish().unwrap();
        out
    }

    #[test]
    fn a_pipe_gets_the_bytes_and_a_terminal_sees_them() {
        assert_eq!(raw(false, b"a\n\x1b]0;\xff"), b"a\n\x1b]0;\xff");
        assert_eq!(raw(true, b"a\n\x1b]0;\xff"), b"a\n\\x1b]0;\\xff");
    }
}
