//! Progress of a long decode, for whoever wants to show it.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

/// A function that is told how many bytes of a stream were read so far.
#[derive(Clone)]
pub(crate) struct Watch(Arc<dyn Fn(u64) + Send + Sync>);

impl Watch {
    pub(crate) fn new(tell: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watch")
    }
}

/// A stream whose reading is watched.
pub(crate) struct Watched<R> {
    stream: R,
    done: u64,
    watch: Watch,
}

impl<R> Watched<R> {
    pub(crate) fn new(stream: R, watch: Watch) -> Self {
        Self { stream, done: 0, watch }
    }
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.done = self.done.saturating_add(count as u64);
        (self.watch.0)(self.done);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Watched<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.stream.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.stream.consume(count);
        self.done = self.done.saturating_add(count as u64);
        (self.watch.0)(self.done);
    }
}
