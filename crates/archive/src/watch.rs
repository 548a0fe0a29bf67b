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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn reading_and_consuming_are_told_as_one_count() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let list = told.clone();
        let watch = Watch::new(move |done| list.lock().unwrap().push(done));
        let mut watched = Watched::new(&b"0123456789"[..], watch);
        let mut buffer = [0; 4];
        assert_eq!(watched.read(&mut buffer).unwrap(), 4);
        assert_eq!(watched.fill_buf().unwrap(), b"456789");
        watched.consume(5);
        let mut rest = Vec::new();
        watched.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"9");
        let told = told.lock().unwrap();
        assert_eq!(told[..2], [4, 9]);
        assert!(told.is_sorted() && told.last() == Some(&10));
    }

    #[test]
    fn looking_is_not_progress() {
        let watch = Watch::new(|_| panic!("nothing was read"));
        let mut watched = Watched::new(&b"abc"[..], watch);
        assert_eq!(watched.fill_buf().unwrap(), b"abc");
        assert_eq!(watched.fill_buf().unwrap(), b"abc");
    }

    #[test]
    fn an_error_is_handed_on() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("disk on fire"))
            }
        }
        let mut watched =
            Watched::new(io::BufReader::new(Broken), Watch::new(|_| panic!("nothing was read")));
        assert_eq!(watched.read(&mut [0]).unwrap_err().to_string(), "disk on fire");
        assert_eq!(format!("{:?}", watched.watch), "Watch");
    }
}
