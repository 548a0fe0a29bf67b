//! Decoders that are handed bytes and hand bytes back, which gzip and bzip2 have.

use std::io::BufRead;

use super::compressed::Compressed;
use super::frames::Fault;

/// Decodes from one slice into another.
pub(super) trait Engine: Send {
    /// How many bytes it took and how many it gave, ever.
    fn totals(&self) -> (u64, u64);

    /// Goes on; `true` at the end of its data.
    ///
    /// # Errors
    /// If the data is wrong; what was decoded before counts in [`Engine::totals`] all the same.
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<bool, Fault>;
}

/// Runs an engine over compressed bytes.
pub(super) struct Pump<E> {
    engine: E,
    /// How the data ended, while the last bytes are still to be delivered.
    end: Option<Result<(), Fault>>,
}

impl<E: Engine> Pump<E> {
    pub(super) fn new(engine: E) -> Self {
        Self { engine, end: None }
    }

    /// Decodes some bytes; 0 at the end of the engine's data.
    pub(super) fn decode(&mut self, input: &mut Compressed, buffer: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if let Some(end) = self.end.take() {
                return end.map(|()| 0);
            }
            let bytes = input.fill_buf()?;
            let dry = bytes.is_empty();
            let (took, gave) = self.engine.totals();
            let result = self.engine.run(bytes, buffer);
            let totals = self.engine.totals();
            let took = usize::try_from(totals.0.saturating_sub(took)).unwrap_or(usize::MAX);
            let gave = usize::try_from(totals.1.saturating_sub(gave)).unwrap_or(usize::MAX);
            input.consume(took);
            self.end = match result {
                Ok(true) => Some(Ok(())),
                Ok(false) if took == 0 && gave == 0 => Some(Err(Fault::damaged(if dry {
                    "the data ends here"
                } else {
                    "the decoder does not go on"
                }))),
                Ok(false) => None,
                Err(fault) => Some(Err(fault)),
            };
            if gave > 0 {
                return Ok(gave);
            }
        }
    }
}
