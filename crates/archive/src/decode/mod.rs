//! Compressed streams.
use std::io::{self, BufRead, Read};

use crate::finding::Finding;
use crate::{Error, Limits};

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
}

impl Compression {
    /// By the first bytes.
    pub fn of(_head: &[u8]) -> Self {
        Self::None
    }
    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        "none"
    }
}

/// A stream being decoded.
pub(crate) struct Decoder {
    input: Box<dyn BufRead + Send>,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Decoder")
    }
}

impl Decoder {
    pub(crate) fn new(input: Box<dyn BufRead + Send>, _limits: &Limits) -> Result<Self, Error> {
        Ok(Self { input })
    }
    pub(crate) fn compression(&self) -> Compression {
        Compression::None
    }
    pub(crate) fn peek(&mut self, _count: usize) -> Result<&[u8], Error> {
        self.input.fill_buf().map_err(Error::io("archive"))
    }
    pub(crate) fn finish(self) -> Vec<Finding> {
        Vec::new()
    }
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}
