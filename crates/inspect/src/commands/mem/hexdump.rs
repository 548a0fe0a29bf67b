//! `icecore mem hexdump`: the bytes of ranges as numbers and text.

use std::io::{self, Write};

use icecore::memory::Run;
use icecore::{Memory, Vaddr};

use super::target::Target;
use crate::arguments::{AddressRange, OutputOptions, address_range};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::hexdump::{LINE, Lines};
use crate::output::{Raw, escape};

/// Arguments of `mem hexdump`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Addresses: START..END or START+LENGTH, hexadecimal behind 0x
    #[arg(required = true, value_name = "RANGE", value_parser = address_range)]
    ranges: Vec<AddressRange>,
    /// Write every line, also those that repeat the one before
    #[arg(short = 'v', long)]
    all: bool,
    #[command(flatten)]
    output: OutputOptions,
}

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let opened = self.target.open(io)?;
        let memory = &opened.memory;
        let mut raw = Raw::open(io, &self.output, std::slice::from_ref(&self.target.input.archive))?;
        let mut unknown = false;
        for range in &self.ranges {
            let lines = if self.all { Lines::all(&mut raw) } else { Lines::folded(&mut raw) };
            let written = Ranges(lines).range(memory, *range);
            unknown |= written.map_err(|error| raw.error(error))?;
        }
        raw.finish()?;
        Ok(if unknown { Exit::No } else { Exit::Done })
    }
}

/// The lines of ranges of memory.
struct Ranges<W>(Lines<W>);

impl<W: Write> Ranges<W> {
    /// Writes a range; says whether anything in it is unknown.
    fn range(&mut self, memory: &Memory, range: AddressRange) -> io::Result<bool> {
        let mut unknown = false;
        for run in memory.runs_within(range.start..range.end) {
            if let Some(unreadable) = memory.unreadable(&run) {
                unknown = true;
                self.unknown(&run, &unreadable.reason.to_string())?;
                continue;
            }
            let mut at = run.start;
            while at < run.end {
                // Lines begin at multiples of their length, as every other dump of the same memory has them.
                let border = at.0.saturating_sub(at.0.rem_euclid(LINE)).saturating_add(LINE);
                let end = Vaddr(border.min(run.end.0));
                let end = if end <= at { run.end } else { end };
                match memory.read(at..end, LINE) {
                    Ok(bytes) => self.0.line(at.0, &bytes)?,
                    Err(error) => {
                        unknown = true;
                        self.unknown(&run, &error.reason.to_string())?;
                        break;
                    }
                }
                at = end;
            }
        }
        writeln!(self.0.out, "{:016x}", range.end.0)?;
        Ok(unknown)
    }

    fn unknown(&mut self, run: &Run<'_>, reason: &str) -> io::Result<()> {
        self.0.interrupt();
        let (start, length) = (run.start.0, run.length());
        writeln!(self.0.out, "{start:016x}  unknown, {length} bytes: {}", escape::line(reason))
    }
}
