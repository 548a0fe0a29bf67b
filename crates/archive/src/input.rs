//! An archive read from front to back: from a source, where bodies are passed over for nothing, or from a
//! decoder, where they run past once.

use std::io::{self, Read};
use std::sync::Arc;

use crate::member::Content;
use crate::source::{SharedSource, Spool};

mod ahead;

use ahead::Ahead;

/// Bytes in order, of which bodies are taken or passed over.
pub(crate) trait Input {
    /// How many bytes lie in front of the next one.
    fn position(&self) -> u64;

    /// Fills `buffer` as far as there are bytes, and says how far.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Passes the next `length` bytes over, and says how many of them there were.
    fn skip(&mut self, length: u64) -> io::Result<u64>;

    /// Passes the next `length` bytes and gives them as the content of a member: all of them, if `keep` asks for it or it
    /// costs nothing.
    fn take(&mut self, length: u64, keep: bool) -> io::Result<Taken>;
}

/// A body that was passed.
#[derive(Debug)]
pub(crate) struct Taken {
    /// How many of its bytes were there.
    pub(crate) there: u64,
    /// What is left of them.
    pub(crate) content: Arc<Content>,
    /// How much of it was kept before the limit of the temporary file was reached; `None`: that was not reached.
    pub(crate) cut: Option<u64>,
}

/// How many bytes are remembered of a body that is not kept: enough for any magic and a tar header.
pub(crate) const HEAD: usize = 1024;

/// A source with a position.
#[derive(Debug)]
pub(crate) struct SourceInput {
    source: SharedSource,
    position: u64,
    ahead: Ahead,
    /// The content of every member.
    in_place: Arc<Content>,
}

impl SourceInput {
    pub(crate) fn new(source: SharedSource) -> Self {
        let in_place = Arc::new(Content::InPlace(source.clone()));
        Self { source, position: 0, ahead: Ahead::default(), in_place }
    }
}

impl Input for SourceInput {
    fn position(&self) -> u64 {
        self.position
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.ahead.read(self.source.as_ref(), self.position, buffer)?;
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }

    fn skip(&mut self, length: u64) -> io::Result<u64> {
        let there = length.min(self.source.len().saturating_sub(self.position));
        self.position = self.position.saturating_add(there);
        Ok(there)
    }

    fn take(&mut self, length: u64, _keep: bool) -> io::Result<Taken> {
        let there = self.skip(length)?;
        Ok(Taken { there, content: self.in_place.clone(), cut: None })
    }
}

/// A stream, with a spool for what is kept of it.
#[derive(Debug)]
pub(crate) struct StreamInput<R> {
    stream: R,
    position: u64,
    spool: Spool,
    buffer: Box<[u8]>,
}

/// How much is read from a stream at once, in bytes.
const CHUNK: usize = 128 << 10;

impl<R: Read> StreamInput<R> {
    pub(crate) fn new(stream: R, spool: Spool) -> Self {
        Self { stream, position: 0, spool, buffer: vec![0; CHUNK].into_boxed_slice() }
    }

    /// The stream again, once the archive has been read.
    pub(crate) fn into_stream(self) -> R {
        self.stream
    }

    /// Passes up to `length` bytes to `sink` and says how many there were.
    fn pass(
        &mut self,
        length: u64,
        mut sink: impl FnMut(&mut Spool, &[u8]) -> io::Result<()>,
    ) -> io::Result<u64> {
        let mut left = length;
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            let Some(buffer) = self.buffer.get_mut(..wanted) else { break };
            let count = read_some(&mut self.stream, buffer)?;
            let Some(bytes) = self.buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            sink(&mut self.spool, bytes)?;
            left = left.saturating_sub(count as u64);
            self.position = self.position.saturating_add(count as u64);
        }
        Ok(length.saturating_sub(left))
    }
}

impl<R: Read> Input for StreamInput<R> {
    fn position(&self) -> u64 {
        self.position
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0_usize;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match read_some(&mut self.stream, rest)? {
                0 => break,
                count => done = done.saturating_add(count),
            }
        }
        self.position = self.position.saturating_add(done as u64);
        Ok(done)
    }

    fn skip(&mut self, length: u64) -> io::Result<u64> {
        self.pass(length, |_, _| Ok(()))
    }

    fn take(&mut self, length: u64, keep: bool) -> io::Result<Taken> {
        if !keep {
            let mut head = Vec::new();
            let there = self.pass(length, |_, bytes| {
                let wanted = HEAD.saturating_sub(head.len()).min(bytes.len());
                head.extend_from_slice(bytes.get(..wanted).unwrap_or_default());
                Ok(())
            })?;
            let content = Arc::new(Content::NotKept(head.into()));
            return Ok(Taken { there, content, cut: None });
        }
        let mut fits = true;
        let there = self.pass(length, |spool, bytes| {
            fits = fits && spool.write(bytes)?;
            Ok(())
        })?;
        let source = self.spool.finish_run()?;
        let cut = (!fits).then(|| source.len());
        Ok(Taken { there, content: Arc::new(Content::Source(source)), cut })
    }
}

/// One read that is tried again when a signal interrupts it.
fn read_some(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use icecore_synth::Trickle;

    use super::*;

    /// Both inputs over the same bytes answer alike.
    #[test]
    fn source_and_stream_agree() {
        let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        let mut source = SourceInput::new(Arc::new(bytes.clone()));
        let mut stream = StreamInput::new(&bytes[..], Spool::new(1 << 20, 1 << 30));
        let both: [&mut dyn Input; 2] = [&mut source, &mut stream];
        for input in both {
            let mut head = [0; 3];
            assert_eq!(input.read(&mut head).unwrap(), 3);
            assert_eq!(head, [0, 1, 2]);
            let taken = input.take(200_000, true).unwrap();
            assert_eq!((taken.there, input.position()), (200_000, 200_003));
            let body = taken.content.stored(3, 200_000).unwrap();
            assert_eq!(body.len(), 200_000);
            let mut first = [0; 1];
            body.read_at(0, &mut first).unwrap();
            assert_eq!(first, [3]);
            assert_eq!(input.take(1 << 40, false).unwrap().there, 99_997);
            assert_eq!(input.read(&mut head).unwrap(), 0);
        }
    }

    #[test]
    fn a_passed_body_leaves_its_head() {
        let bytes = vec![5_u8; 10_000];
        let mut stream = StreamInput::new(&bytes[..], Spool::new(0, 0));
        let taken = stream.take(5_000, false).unwrap();
        assert!(matches!(&*taken.content, Content::NotKept(head) if head.len() == HEAD));
    }

    #[test]
    fn a_body_that_ends_early_is_counted() {
        for keep in [true, false] {
            let bytes = vec![5_u8; 100];
            let mut stream = StreamInput::new(&bytes[..], Spool::new(1 << 20, 1 << 20));
            let mut source = SourceInput::new(Arc::new(bytes.clone()));
            for input in [&mut stream as &mut dyn Input, &mut source] {
                assert_eq!(input.take(60, keep).unwrap().there, 60);
                assert_eq!(input.skip(60).unwrap(), 40);
                assert_eq!(input.skip(60).unwrap(), 0);
                assert_eq!(input.take(60, keep).unwrap().there, 0);
                assert_eq!(input.position(), 100);
            }
        }
    }

    #[test]
    fn what_does_not_fit_the_spool_is_cut() {
        let bytes: Vec<u8> = (0..200).collect();
        let mut stream = StreamInput::new(&bytes[..], Spool::new(0, 50));
        let (first, second) = (stream.take(30, true).unwrap(), stream.take(100, true).unwrap());
        assert_eq!((first.content.stored(0, 30).unwrap().len(), first.cut), (30, None));
        assert_eq!((second.there, second.cut.is_some_and(|kept| kept <= 20)), (100, true));
        // What follows is read from where it is.
        let mut next = [0; 2];
        assert_eq!((stream.read(&mut next).unwrap(), next), (2, [130, 131]));
    }

    /// A stream that gives a byte at a time, with interruptions.
    #[test]
    fn a_trickle_is_read_whole() {
        let bytes: Vec<u8> = (0..250).collect();
        let mut stream = StreamInput::new(Trickle::new(&bytes), Spool::new(1 << 20, 0));
        let mut head = [0; 100];
        assert_eq!(stream.read(&mut head).unwrap(), 100);
        assert_eq!(head[..], bytes[..100]);
        let body = stream.take(100, true).unwrap().content.stored(0, 100).unwrap();
        assert_eq!(body.as_slice(), Some(&bytes[100..200]));
        assert_eq!(stream.take(u64::MAX, false).unwrap().there, 50);
        assert_eq!(stream.into_stream().rest(), b"");
    }
}
