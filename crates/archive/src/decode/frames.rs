//! The row of frames that a compressed stream is: one after another, what stands between them, what follows them.

use std::io::{self, BufRead};

use super::compressed::Compressed;
use super::{Between, Format};
use crate::Limits;
use crate::finding::{Code, Finding};

/// One frame being decoded.
pub(super) trait Frame: Send {
    /// Decodes some bytes into `buffer`, which is not empty; 0 only at the end of the frame. What is wrong without
    /// ending the frame goes to `remarks`.
    ///
    /// # Errors
    /// Only once everything in front of the fault was delivered.
    fn decode(&mut self, buffer: &mut [u8], remarks: &mut Vec<Finding>) -> Result<usize, Fault>;

    /// The compressed bytes, which stand behind what was decoded.
    fn input(&mut self) -> &mut Compressed;

    /// The compressed bytes again, once the frame is at its end.
    fn into_input(self: Box<Self>) -> Compressed;
}

/// Begins a frame whose magic comes next, with a limit on its window or dictionary in bytes. Nothing is read yet.
pub(super) type Open = fn(Compressed, u64) -> Box<dyn Frame>;

/// What ends a frame before its end.
#[derive(Debug)]
pub(super) enum Fault {
    /// It asks for a window or dictionary of so many bytes, which is above the limit.
    Window(u64),
    /// Its bytes are wrong; how.
    Damaged(Code, String),
}

impl Fault {
    pub(super) fn damaged(text: impl ToString) -> Self {
        Self::Damaged(Code::StreamDamaged, text.to_string())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::damaged(error)
    }
}

/// What ends the row of frames before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The medium failed.
    Medium(io::Error),
    /// A frame is wrong, near this offset in the compressed bytes.
    Fault(Fault, u64),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Medium(error)
    }
}

/// How many bytes tell what comes next: the longest magic, or the head of a frame to be skipped.
pub(super) const HEAD: usize = 8;

/// The length of the frame to be skipped that begins here, its head included.
pub(super) fn skippable(head: &[u8]) -> Option<u64> {
    let [0x50..=0x5f, 0x2a, 0x4d, 0x18, length @ ..] = head.first_chunk::<HEAD>()? else { return None };
    Some(u64::from(u32::from_le_bytes(*length)).saturating_add(HEAD as u64))
}

/// Passes what is no frame.
pub(super) fn pass(input: &mut Compressed, length: u64) -> Result<(), Stop> {
    let start = input.position();
    let there = input.skip(length)?;
    if there < length {
        let text = format!(
            "the frame to be skipped at compressed offset {start:#x} claims {length} bytes, {there} are there"
        );
        return Err(Stop::Fault(Fault::damaged(text), start));
    }
    Ok(())
}

/// All frames of a stream.
pub(super) struct Frames {
    format: Format,
    window: u64,
    /// How many bytes behind the stream are counted.
    patience: u64,
    state: State,
    findings: Vec<Finding>,
}

enum State {
    Between(Compressed),
    Inside(Box<dyn Frame>),
    Over,
}

impl Frames {
    pub(super) fn new(format: Format, input: Compressed, limits: &Limits) -> Self {
        let state = State::Between(input);
        Self { format, window: limits.window, patience: limits.output, state, findings: Vec::new() }
    }

    /// Decodes some bytes into `buffer`, which is not empty; 0 at the end, and ever after a fault.
    pub(super) fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(0),
                State::Between(input) => self.state = self.next(input)?,
                State::Inside(mut frame) => match frame.decode(buffer, &mut self.findings) {
                    Ok(0) => self.state = State::Between(frame.into_input()),
                    Ok(count) => {
                        self.state = State::Inside(frame);
                        return Ok(count);
                    }
                    Err(fault) => return Err(self.stop(frame.input(), fault)),
                },
            }
        }
    }

    /// Reads nothing more.
    pub(super) fn end(&mut self) {
        self.state = State::Over;
    }

    /// What was wrong without ending anything.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    fn next(&mut self, mut input: Compressed) -> Result<State, Stop> {
        loop {
            let head = input.peek(HEAD)?;
            if head.is_empty() {
                return Ok(State::Over);
            }
            if head.starts_with(self.format.magic) {
                return Ok(State::Inside((self.format.open)(input, self.window)));
            }
            let passed = match self.format.between {
                Between::Skippable => skippable(head),
                Between::Padding => head.starts_with(&[0; 4]).then_some(4),
                Between::Nothing => None,
            };
            let Some(passed) = passed else { return self.trailing(input) };
            pass(&mut input, passed)?;
        }
    }

    /// Counts what follows the last frame.
    fn trailing(&mut self, mut input: Compressed) -> Result<State, Stop> {
        let start = input.position();
        let mut zeros = true;
        let mut count = 0_u64;
        while count < self.patience {
            let bytes = input.fill_buf()?;
            let length = bytes.len();
            if length == 0 {
                break;
            }
            zeros = zeros && bytes.iter().all(|&byte| byte == 0);
            input.consume(length);
            count = count.saturating_add(length as u64);
        }
        let at_least = if count < self.patience { "" } else { "at least " };
        let what = if zeros { "bytes of zeros" } else { "bytes" };
        let text = format!(
            "{at_least}{count} {what} follow the {} stream, which ends at compressed offset {start:#x}; they were not decoded",
            self.format.name
        );
        self.findings.push(Finding::new(Code::CompressedTrailing, text).at(start));
        Ok(State::Over)
    }

    /// Puts a fault into words, unless the medium was to blame.
    fn stop(&self, input: &mut Compressed, fault: Fault) -> Stop {
        if let Some(failure) = input.take_failure() {
            return Stop::Medium(failure);
        }
        let Format { name, unit, .. } = self.format;
        let position = input.position();
        let fault = match fault {
            Fault::Damaged(code, _) if input.ended() => {
                let text = format!(
                    "the {name} stream is cut off: it ends at compressed offset {position:#x} inside of a {unit}"
                );
                Fault::Damaged(code, text)
            }
            Fault::Damaged(code, text) => {
                let text = format!("{name} {unit} damaged near compressed offset {position:#x}: {text}");
                Fault::Damaged(code, text)
            }
            window @ Fault::Window(_) => window,
        };
        Stop::Fault(fault, position)
    }
}
