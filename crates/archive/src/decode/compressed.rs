//! The compressed bytes as decoders read them: counted, and with a look ahead.

use std::io::{self, BufRead, Read};

/// Compressed bytes in order.
///
/// Decoders wrap the errors of what they read from in errors of their own. So a failure of the medium is kept here,
/// where it can be told from damage.
pub(super) struct Compressed {
    bytes: Box<dyn BufRead + Send>,
    /// Bytes that were looked at and not read yet, but for the first `taken`; they stand in front of `bytes`.
    ahead: Vec<u8>,
    taken: usize,
    position: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl Compressed {
    pub(super) fn new(bytes: Box<dyn BufRead + Send>) -> Self {
        Self { bytes, ahead: Vec::new(), taken: 0, position: 0, ended: false, failure: None }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Whether a decoder asked for more bytes than there are.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// What the medium said, if it failed.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// The next `count` bytes, or as many as there are, without reading them.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.looked_at().len() < count {
            let missing = count.saturating_sub(self.looked_at().len());
            let bytes = match self.bytes.fill_buf() {
                Ok(bytes) => bytes.get(..missing).unwrap_or(bytes),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.fail(error)),
            };
            if bytes.is_empty() {
                break;
            }
            self.ahead.extend_from_slice(bytes);
            let length = bytes.len();
            self.bytes.consume(length);
        }
        let looked_at = self.looked_at();
        Ok(looked_at.get(..count).unwrap_or(looked_at))
    }

    /// Passes `count` bytes, or as many as there are, and says how many that were.
    pub(super) fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 {
            let length = self.fill_buf()?.len();
            if length == 0 {
                break;
            }
            let length = length.min(usize::try_from(left).unwrap_or(usize::MAX));
            self.consume(length);
            left = left.saturating_sub(length as u64);
        }
        Ok(count.saturating_sub(left))
    }

    /// Reads as many bytes as the array has.
    pub(super) fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut array = [0; N];
        self.read_exact(&mut array)?;
        Ok(array)
    }

    fn looked_at(&self) -> &[u8] {
        self.ahead.get(self.taken..).unwrap_or_default()
    }

    fn take_looked_at(&mut self, count: usize) {
        self.taken = self.taken.saturating_add(count);
        if self.taken >= self.ahead.len() {
            self.ahead.clear();
            self.taken = 0;
        }
    }

    fn fail(&mut self, error: io::Error) -> io::Error {
        let shown = io::Error::new(error.kind(), error.to_string());
        self.failure = Some(error);
        shown
    }
}

impl Read for Compressed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = if self.ahead.is_empty() {
            loop {
                match self.bytes.read(buffer) {
                    Ok(count) => break count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.fail(error)),
                }
            }
        } else {
            let count = self.looked_at().read(buffer)?;
            self.take_looked_at(count);
            count
        };
        self.ended |= count == 0 && !buffer.is_empty();
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl BufRead for Compressed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead.is_empty() {
            loop {
                match self.bytes.fill_buf() {
                    Ok([]) => {
                        self.ended = true;
                        return Ok(&[]);
                    }
                    Ok(_) => break,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.fail(error)),
                }
            }
            // Asked again, since a borrow cannot leave the loop; nothing more is read by it.
            return self.bytes.fill_buf();
        }
        Ok(self.looked_at())
    }

    fn consume(&mut self, count: usize) {
        if self.ahead.is_empty() {
            self.bytes.consume(count);
        } else {
            self.take_looked_at(count);
        }
        self.position = self.position.saturating_add(count as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use icecore_synth::Trickle;

    use super::*;

    #[test]
    fn looking_ahead_loses_nothing() {
        let trickle = Trickle::new(b"abcdefgh");
        let mut input = Compressed::new(Box::new(BufReader::new(trickle)));
        assert_eq!(input.peek(3).unwrap(), b"abc");
        assert_eq!((input.position(), input.ended()), (0, false));
        assert_eq!(input.array::<2>().unwrap(), *b"ab");
        assert_eq!(input.peek(2).unwrap(), b"cd");
        assert_eq!(input.skip(3).unwrap(), 3);
        assert_eq!(input.peek(100).unwrap(), b"fgh");
        assert!(!input.ended(), "looking is not reading");
        assert_eq!(input.skip(u64::MAX).unwrap(), 3);
        assert_eq!((input.position(), input.ended()), (8, true));
    }

    #[test]
    fn a_failure_is_kept() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("disk on fire"))
            }
        }
        let mut input = Compressed::new(Box::new(BufReader::new(Broken)));
        assert!(input.array::<1>().is_err());
        assert_eq!(input.take_failure().unwrap().to_string(), "disk on fire");
    }
}
