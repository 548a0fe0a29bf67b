//! SHA-256 of whatever can be read.

use std::fmt;
use std::io::{self, Read};

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

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads one byte at a time, and is interrupted before each.
    struct Halting<'a>(&'a [u8], bool);

    impl Read for Halting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = self.0.len().min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

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
            assert_eq!(Sha256::of_reader(&mut Halting(bytes.as_bytes(), false)).unwrap().to_string(), hash);
        }
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
