//! Compressed streams: told by their first bytes, decoded once from front to back.
//!
//! A stream is a row of frames (gzip calls them members, xz and bzip2 streams), each decoded by a crate behind
//! [`frames::Frame`]; [`frames::Frames`] walks the row, and [`Decoder`] is what the archive reads from. Whatever can
//! be decoded is delivered: damage ends the output and is told afterwards, it never takes back what came before.

mod bzip2;
mod compressed;
mod frames;
mod gzip;
mod lz4;
mod plain;
mod pump;
mod xz;
mod zstd;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Read};

use self::compressed::Compressed;
use self::frames::{Fault, Frames, Open, Stop};
use crate::finding::{Code, Finding};
use crate::{Error, Limits};

/// What the driver has to know of a format.
#[derive(Debug, Clone, Copy)]
struct Format {
    name: &'static str,
    /// What the format calls its frames.
    unit: &'static str,
    /// The first bytes of every frame.
    magic: &'static [u8],
    /// What may stand around the frames.
    between: Between,
    open: Open,
}

/// What may stand in front of, between and behind frames without being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    /// Frames to be skipped: four bytes of magic, a length of four, content.
    Skippable,
    /// Zeros in fours.
    Padding,
}

/// One line a format: variant, name in JSON, what it calls its frames, their magic, what stands between them, how a
/// frame is opened, and what it is.
macro_rules! formats {
    ($($variant:ident $name:literal $unit:literal $magic:literal $between:ident $open:path, $doc:literal;)+) => {
        /// How a stream is compressed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Compression {
            $(#[doc = $doc] $variant,)+
        }

        impl Compression {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name, as in JSON.
            pub fn name(self) -> &'static str {
                self.format().name
            }

            fn format(self) -> Format {
                match self {
                    $(Self::$variant => Format {
                        name: $name,
                        unit: $unit,
                        magic: $magic,
                        between: Between::$between,
                        open: $open,
                    },)+
                }
            }
        }
    };
}

formats! {
    None "none" "part" b"" Nothing plain::open, "Not at all.";
    Gzip "gzip" "member" b"\x1f\x8b" Nothing gzip::open, "gzip, RFC 1952; what Podman's `--compress gzip` and image layers are.";
    Zstd "zstd" "frame" b"\x28\xb5\x2f\xfd" Skippable zstd::open, "Zstandard, RFC 8878; Podman's default.";
    Xz "xz" "stream" b"\xfd7zXZ\0" Padding xz::open, "xz; no engine writes it.";
    Bzip2 "bzip2" "stream" b"BZh" Nothing bzip2::open, "bzip2; no engine writes it.";
    Lz4 "lz4" "frame" b"\x04\x22\x4d\x18" Skippable lz4::open, "LZ4 frames; what image streams are piped through.";
}

impl Compression {
    /// How a stream with these first bytes is compressed.
    ///
    /// Frames to be skipped may stand in front of zstd and LZ4 alike; where they fill `head`, it is taken for zstd.
    pub fn of(head: &[u8]) -> Self {
        let mut head = head;
        while let Some(length) = frames::skippable(head) {
            head = usize::try_from(length).ok().and_then(|length| head.get(length..)).unwrap_or_default();
            if head.is_empty() {
                return Self::Zstd;
            }
        }
        let compressed = Self::ALL.iter().filter(|compression| **compression != Self::None);
        compressed
            .copied()
            .find(|compression| head.starts_with(compression.format().magic))
            .unwrap_or(Self::None)
    }
}

/// A stream being decoded. What is not compressed runs through as it is.
pub(crate) struct Decoder {
    compression: Compression,
    frames: Frames,
    /// Bytes that were decoded ahead; the first `taken` of them were read already.
    ready: Vec<u8>,
    taken: usize,
    /// How many bytes may still be decoded.
    left: u64,
    limits: Limits,
    findings: Vec<Finding>,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Decoder").field("compression", &self.compression).finish_non_exhaustive()
    }
}

/// How much is decoded at once where nobody said how much, in bytes.
const PORTION: usize = 64 << 10;

impl Decoder {
    /// Begins to decode, as far as the first bytes of output.
    ///
    /// # Errors
    /// If the medium fails, or not one byte can be decoded: a broken header, a window above the limit.
    pub(crate) fn new(input: Box<dyn BufRead + Send>, limits: &Limits) -> Result<Self, Error> {
        let mut input = Compressed::new(input);
        let refusal = |stop| refusal(stop, limits);
        let compression = recognise(&mut input).map_err(refusal)?;
        let frames = Frames::new(compression.format(), input, limits);
        let left = if compression == Compression::None { u64::MAX } else { limits.output };
        let (ready, findings, limits) = (Vec::new(), Vec::new(), limits.clone());
        let mut decoder = Self { compression, frames, ready, taken: 0, left, limits, findings };
        decoder.decode_ahead().map_err(refusal)?;
        Ok(decoder)
    }

    /// How the stream is compressed.
    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    /// The next bytes of output, at least `count` unless the stream ends before; they stay to be read.
    ///
    /// # Errors
    /// If the medium fails.
    pub(crate) fn peek(&mut self, count: usize) -> Result<&[u8], Error> {
        while self.ready().len() < count {
            match self.decode_ahead() {
                Ok(0) => break,
                Ok(_) => {}
                Err(stop) => {
                    self.tell(stop).map_err(Error::io("archive"))?;
                    break;
                }
            }
        }
        Ok(self.ready())
    }

    /// Decodes what nobody read, so that its checksums are seen, and gives what was found.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        if self.compression != Compression::None {
            let mut rest = vec![0; PORTION];
            self.ready.clear();
            loop {
                match self.read(&mut rest) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        self.findings.push(Finding::new(Code::Unreadable, error.to_string()));
                        break;
                    }
                }
            }
        }
        let mut findings = self.frames.into_findings();
        findings.append(&mut self.findings);
        findings
    }

    fn ready(&self) -> &[u8] {
        self.ready.get(self.taken..).unwrap_or_default()
    }

    /// Adds a portion to the bytes that are ready.
    fn decode_ahead(&mut self) -> Result<usize, Stop> {
        let start = self.ready.len();
        let mut ready = std::mem::take(&mut self.ready);
        ready.resize(start.saturating_add(PORTION), 0);
        let result = ready.get_mut(start..).map_or(Ok(0), |portion| self.decode(portion));
        ready.truncate(start.saturating_add(*result.as_ref().unwrap_or(&0)));
        self.ready = ready;
        result
    }

    /// Decodes into `buffer`, within the limit on output.
    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        if self.left == 0 {
            // The limit is reached by what goes beyond it.
            if self.frames.decode(&mut [0])? > 0 {
                self.frames.end();
                let text = format!(
                    "more than {} decoded bytes (limit `output`; --max-output raises it)",
                    self.limits.output
                );
                self.findings.push(Finding::new(Code::OutputLimit, text));
            }
            return Ok(0);
        }
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.frames.decode(buffer.get_mut(..wanted).unwrap_or_default())?;
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }

    /// Tells what stopped the decoder in the midst of its output.
    fn tell(&mut self, stop: Stop) -> io::Result<()> {
        let (code, text, offset) = match stop {
            Stop::Medium(error) => return Err(error),
            Stop::Fault(Fault::Window(asked), offset) => {
                let limit = self.limits.window;
                let text = format!(
                    "a window of {asked} bytes is asked for (limit `window`: {limit}; --allow-large-window raises it)"
                );
                (Code::OutputLimit, text, offset)
            }
            Stop::Fault(Fault::Damaged(code, text), offset) => (code, text, offset),
        };
        self.findings.push(Finding::new(code, text).at(offset));
        Ok(())
    }
}

impl Read for Decoder {
    /// Gives what could be decoded and then 0, damaged or not; fails only where the medium does.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.taken < self.ready.len() {
            let count = self.ready().read(buffer)?;
            self.taken = self.taken.saturating_add(count);
            return Ok(count);
        }
        match self.decode(buffer) {
            Ok(count) => Ok(count),
            Err(stop) => self.tell(stop).map(|()| 0),
        }
    }
}

/// What stopped a decoder before it gave anything.
fn refusal(stop: Stop, limits: &Limits) -> Error {
    let place = String::from("archive");
    match stop {
        Stop::Medium(error) => Error::io(place)(error),
        Stop::Fault(Fault::Window(asked), _) => Error::Limit {
            place,
            what: format!("the compressed stream asks for a window of {asked} bytes"),
            limit: "window",
            value: limits.window,
            option: "; --allow-large-window raises it",
        },
        Stop::Fault(Fault::Damaged(_, what), offset) => Error::Malformed { place, offset, what },
    }
}

/// Passes frames to be skipped, and tells the format by what follows them.
fn recognise(input: &mut Compressed) -> Result<Compression, Stop> {
    let mut skipped = false;
    while let Some(length) = frames::skippable(input.peek(frames::HEAD)?) {
        frames::pass(input, length)?;
        skipped = true;
    }
    match Compression::of(input.peek(frames::HEAD)?) {
        Compression::None if skipped => Ok(Compression::Zstd),
        compression => Ok(compression),
    }
}
