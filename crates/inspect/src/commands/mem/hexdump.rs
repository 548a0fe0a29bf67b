//! `icecore mem hexdump`: the bytes of ranges as numbers and text.

use std::io::{self, Write};

use icecore::memory::Run;
use icecore::{Memory, Vaddr};

use super::target::Target;
use crate::arguments::{AddressRange, OutputOptions, address_range};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
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

/// Bytes of a line.
const LINE: u64 = 16;

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let opened = self.target.open(io)?;
        let memory = &opened.memory;
        let mut raw = Raw::open(io, &self.output, std::slice::from_ref(&self.target.input.archive))?;
        let mut unknown = false;
        for range in &self.ranges {
            let mut lines = Lines { out: &mut raw, fold: !self.all, last: None, folding: false };
            let written = lines.range(memory, *range);
            unknown |= written.map_err(|error| raw.error(error))?;
        }
        raw.finish()?;
        Ok(if unknown { Exit::No } else { Exit::Done })
    }
}

/// Lines on their way out, those left out that have the bytes of the one before.
struct Lines<'a, W> {
    out: &'a mut W,
    fold: bool,
    last: Option<Vec<u8>>,
    folding: bool,
}

impl<W: Write> Lines<'_, W> {
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
                    Ok(bytes) => self.line(at, &bytes)?,
                    Err(error) => {
                        unknown = true;
                        self.unknown(&run, &error.reason.to_string())?;
                        break;
                    }
                }
                at = end;
            }
        }
        writeln!(self.out, "{:016x}", range.end.0)?;
        Ok(unknown)
    }

    fn line(&mut self, at: Vaddr, bytes: &[u8]) -> io::Result<()> {
        if self.fold && self.last.as_deref() == Some(bytes) {
            if !self.folding {
                writeln!(self.out, "*")?;
            }
            self.folding = true;
            return Ok(());
        }
        self.folding = false;
        let indent = usize::try_from(at.0.rem_euclid(LINE)).unwrap_or(0);
        let blank = std::iter::repeat_n(None, indent);
        let cells: Vec<Option<u8>> = blank.chain(bytes.iter().copied().map(Some)).collect();
        write!(self.out, "{:016x} ", at.0)?;
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

    fn unknown(&mut self, run: &Run<'_>, reason: &str) -> io::Result<()> {
        (self.last, self.folding) = (None, false);
        let (start, length) = (run.start.0, run.length());
        writeln!(self.out, "{start:016x}  unknown, {length} bytes: {}", escape::line(reason))
    }
}
