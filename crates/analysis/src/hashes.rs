//! SHA-256 of whatever can be read.

use std::fmt;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use icecore::archive::{Reader, SharedSource, Source};
use sha2::Digest as _;

/// The SHA-256 of some bytes; shown in 64 lower-case hexadecimal digits, as `sha256sum` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

/// How much is read at once, in bytes.
const CHUNK: usize = 64 << 10;

impl Sha256 {
    /// Of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Of all that a reader gives, in constant memory.
    ///
    /// # Errors
    /// What the reader says.
    pub fn of_reader(reader: &mut impl Read) -> io::Result<Self> {
        Self::of_reader_and(reader, |_| {})
    }

    /// The same, and every chunk is shown to `visit` on its way.
    ///
    /// # Errors
    /// What the reader says.
    pub fn of_reader_and(reader: &mut impl Read, mut visit: impl FnMut(&[u8])) -> io::Result<Self> {
        let mut hasher = sha2::Sha256::new();
        let mut buffer = vec![0; CHUNK];
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(0) => return Ok(Self(hasher.finalize().into())),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let chunk = buffer.get(..count).unwrap_or_default();
            hasher.update(chunk);
            visit(chunk);
        }
    }
}

/// Why a content has no sum.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is a file of holes that would take hours to hash, as one of a terabyte which is stored in a kilobyte.
    #[error("{size} bytes, of which {stored} are stored: holes of more than {HOLES} bytes are not hashed")]
    Sparse {
        /// Bytes with holes.
        size: u64,
        /// Bytes that are stored.
        stored: u64,
    },
}

/// Bytes of holes that are hashed: half a minute of zeros.
pub const HOLES: u64 = 16 << 30;

/// Bytes of holes that may still be hashed, in all files of one answer together: [`HOLES`] to begin with. They are stored
/// nowhere, so that an archive of a kilobyte could ask for years of them.
#[derive(Debug)]
pub struct HoleAllowance(AtomicU64);

impl Default for HoleAllowance {
    fn default() -> Self {
        Self(AtomicU64::new(HOLES))
    }
}

impl HoleAllowance {
    /// Takes what the holes of a content need; `false`, and nothing is taken, if so much is not left.
    pub fn take(&self, source: &dyn Source) -> bool {
        let holes = source.len().saturating_sub(stored(source));
        let rest = |left: u64| left.checked_sub(holes);
        holes == 0 || self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest).is_ok()
    }
}

/// Bytes of a content that are stored rather than holes.
pub fn stored(source: &dyn Source) -> u64 {
    let (mut stored, mut at) = (0_u64, 0);
    while let Some(run) = source.next_data(at) {
        stored = stored.saturating_add(run.end.saturating_sub(run.start));
        at = run.end.max(at.saturating_add(1));
    }
    stored
}

impl Sha256 {
    /// Of the content of a file, holes included.
    ///
    /// # Errors
    /// If it cannot be read, ends early, or is nearly all holes: [`HOLES`].
    pub fn of_source(source: &SharedSource) -> Result<Self, Error> {
        Self::of_source_and(source, |_| {})
    }

    /// The same, and every chunk is shown to `visit` on its way, those of holes too.
    ///
    /// # Errors
    /// As [`Sha256::of_source`].
    pub fn of_source_and(source: &SharedSource, mut visit: impl FnMut(&[u8])) -> Result<Self, Error> {
        let (size, stored) = (source.len(), stored(source.as_ref()));
        if size.saturating_sub(stored) > HOLES {
            return Err(Error::Sparse { size, stored });
        }
        if let Some(bytes) = source.as_slice() {
            let mut hasher = sha2::Sha256::new();
            for chunk in bytes.chunks(CHUNK) {
                hasher.update(chunk);
                visit(chunk);
            }
            return Ok(Self(hasher.finalize().into()));
        }
        let mut read = 0_u64;
        let sum = Self::of_reader_and(&mut Reader::new(source.clone()), |chunk| {
            read = read.saturating_add(chunk.len() as u64);
            visit(chunk);
        })?;
        if read < size {
            let text = format!("ends after {read} of its {size} bytes");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text).into());
        }
        Ok(sum)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use icecore::archive::{Piece, Pieces};
    use icecore_synth::Trickle;

    use super::*;

    /// The values of FIPS 180-4, appendix B, and of no bytes.
    #[test]
    fn known_hashes() {
        let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        for (bytes, hash) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (long, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        ] {
            assert_eq!(Sha256::of(bytes.as_bytes()).to_string(), hash);
            assert_eq!(Sha256::of_reader(&mut bytes.as_bytes()).unwrap().to_string(), hash);
            assert_eq!(Sha256::of_reader(&mut Trickle::new(bytes.as_bytes())).unwrap().to_string(), hash);
        }
    }

    /// Bytes that no slice shows, of a length that may be more than they are.
    #[derive(Debug)]
    struct Windowed(Vec<u8>, u64);

    impl Source for Windowed {
        fn len(&self) -> u64 {
            self.1
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read_at(offset, buffer)
        }
    }

    #[test]
    fn what_ends_early_has_no_sum() {
        let source = |length| -> SharedSource { Arc::new(Windowed(b"abc".to_vec(), length)) };
        assert_eq!(Sha256::of_source(&source(3)).unwrap(), Sha256::of(b"abc"));
        let why = Sha256::of_source(&source(4)).unwrap_err().to_string();
        assert_eq!(why, "ends after 3 of its 4 bytes");
    }

    #[test]
    fn holes_are_zeros_unless_there_are_too_many() {
        let sparse = |length: u64| -> SharedSource {
            let base: SharedSource = Arc::new(b"xyz".to_vec());
            Arc::new(Pieces::new(vec![base], vec![Piece { start: 2, length: 3, base: 0, offset: 0 }], length))
        };
        assert_eq!(Sha256::of_source(&sparse(6)).unwrap(), Sha256::of(b"\0\0xyz\0"));
        assert_eq!(stored(sparse(1 << 50).as_ref()), 3);
        // Files of holes share what there is of time; one without is always hashed.
        let left = HoleAllowance::default();
        let asked = [HOLES - 7, 13, 9, 1 << 50].map(|length| left.take(sparse(length).as_ref()));
        assert_eq!(asked, [true, true, false, false]);
        assert!(left.take(&b"xyz".to_vec()));
        assert!(matches!(Sha256::of_source(&sparse(1 << 50)), Err(Error::Sparse { stored: 3, .. })));
    }

    #[test]
    fn every_chunk_is_seen_once() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * CHUNK + 7).collect();
        let mut seen = Vec::new();
        let hash =
            Sha256::of_reader_and(&mut bytes.as_slice(), |chunk| seen.extend_from_slice(chunk)).unwrap();
        assert_eq!((seen == bytes, hash), (true, Sha256::of(&bytes)));
    }

    #[test]
    fn an_error_of_the_reader_is_the_answer() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        assert_eq!(Sha256::of_reader(&mut Broken).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
