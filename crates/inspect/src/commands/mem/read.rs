//! `icecore mem read`: exactly the bytes of ranges, or none.

use std::io::Write;

use icecore::memory::Unreadable;
use icecore::{Memory, Vaddr};

use super::target::Target;
use crate::arguments::{AddressRange, OutputOptions, address_range};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::{Raw, escape};

/// Arguments of `mem read`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Addresses: START..END or START+LENGTH, hexadecimal behind 0x
    #[arg(required = true, value_name = "RANGE", value_parser = address_range)]
    ranges: Vec<AddressRange>,
    /// Write this byte in place of each one that is unknown
    #[arg(long, value_name = "BYTE", value_parser = fill_byte)]
    fill: Option<u8>,
    #[command(flatten)]
    output: OutputOptions,
}

/// Bytes that are read at once.
const STEP: usize = 256 << 10;

/// Lines about what is unknown; more would only scroll by.
const NAMED: usize = 20;

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let opened = self.target.open(io)?;
        let memory = &opened.memory;
        let mut unknown = Unknown::default();
        for range in &self.ranges {
            pieces(memory, *range, |piece| unknown.extend(piece.err()));
        }
        unknown.tell(io);
        if unknown.count > 0 && self.fill.is_none() {
            return Ok(Exit::No);
        }
        let mut raw = Raw::open(io, &self.output, std::slice::from_ref(&self.target.input.archive))?;
        let mut watched = raw.watched(|| {
            let lengths = self.ranges.iter().map(|range| range.end.0.saturating_sub(range.start.0));
            (format!("reading pid {}", memory.pid()), Some(lengths.fold(0, u64::saturating_add)))
        });
        let written = self.ranges.iter().try_for_each(|range| self.write(memory, *range, &mut watched));
        drop(watched);
        written.map_err(|error| raw.error(error))?;
        raw.finish()?;
        Ok(Exit::Done)
    }

    fn write(&self, memory: &Memory, range: AddressRange, out: &mut dyn Write) -> std::io::Result<()> {
        let filling = vec![self.fill.unwrap_or(0); STEP];
        let mut result = Ok(());
        pieces(memory, range, |piece| {
            if result.is_err() {
                return;
            }
            result = match piece {
                Ok(bytes) => out.write_all(bytes),
                Err(unreadable) => {
                    let mut left = unreadable.end.0.saturating_sub(unreadable.start.0);
                    let mut written = Ok(());
                    while left > 0 && written.is_ok() {
                        let length = usize::try_from(left).unwrap_or(STEP).min(STEP);
                        written = out.write_all(filling.get(..length).unwrap_or_default());
                        left = left.saturating_sub(length as u64);
                    }
                    written
                }
            };
        });
        result
    }
}

/// Gives a range piece by piece: bytes, or why there are none.
fn pieces(memory: &Memory, range: AddressRange, mut take: impl FnMut(Result<&[u8], Unreadable>)) {
    let mut buffer = vec![0; STEP];
    for run in memory.runs_within(range.start..range.end) {
        if let Some(unreadable) = memory.unreadable(&run) {
            take(Err(unreadable));
            continue;
        }
        let mut rest = run;
        while rest.start < rest.end {
            match memory.fill_some(&rest, &mut buffer) {
                Ok(length) => {
                    take(Ok(buffer.get(..length).unwrap_or_default()));
                    let behind = Vaddr(rest.start.0.saturating_add(length.max(1) as u64));
                    rest = rest.from(behind);
                }
                Err(unreadable) => {
                    rest = rest.from(unreadable.end);
                    take(Err(unreadable));
                }
            }
        }
    }
}

/// Pieces that cannot be read: the first of them, and how many there are.
#[derive(Debug, Default)]
struct Unknown {
    first: Vec<Unreadable>,
    count: usize,
    bytes: u64,
}

impl Unknown {
    fn extend(&mut self, unreadable: Option<Unreadable>) {
        let Some(unreadable) = unreadable else { return };
        self.count = self.count.saturating_add(1);
        let length = unreadable.end.0.saturating_sub(unreadable.start.0);
        self.bytes = self.bytes.saturating_add(length);
        if self.first.len() < NAMED {
            self.first.push(unreadable);
        }
    }

    fn tell(&self, io: &mut Io<'_>) {
        for unreadable in &self.first {
            let _ = writeln!(io.err, "unknown: {}", escape::line(&unreadable.to_string()));
        }
        let more = self.count.saturating_sub(self.first.len());
        if more > 0 {
            let _ = writeln!(io.err, "unknown: {more} more pieces; {} bytes in all", self.bytes);
        }
    }
}

/// A byte as a number, hexadecimal behind 0x.
fn fill_byte(argument: &str) -> Result<u8, String> {
    let parsed = match argument.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => argument.parse(),
    };
    parsed.map_err(|_| "expected a byte such as 0, 255 or 0xcc".to_owned())
}
