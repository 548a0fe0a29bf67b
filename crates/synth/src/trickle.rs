//! The slowest reader there can be.

use std::io::{self, Read};

/// Reads the bytes one at a time, and is interrupted before each.
#[derive(Debug)]
pub struct Trickle<'a> {
    bytes: &'a [u8],
    is_interrupted: bool,
}

impl<'a> Trickle<'a> {
    /// A reader of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, is_interrupted: false }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }
}

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = buffer.len().min(1);
        self.bytes.read(buffer.get_mut(..count).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_comes_behind_an_interruption() {
        let (mut trickle, mut buffer) = (Trickle::new(b"ab"), [0; 4]);
        let mut read = || trickle.read(&mut buffer).map_err(|error| error.kind());
        let interrupted = Err(io::ErrorKind::Interrupted);
        assert_eq!([read(), read(), read(), read()], [interrupted, Ok(1), interrupted, Ok(1)]);
        assert_eq!([read(), read()], [interrupted, Ok(0)]);
    }
}
