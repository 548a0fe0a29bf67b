//! Digests: the names of blobs, and what their bytes must hash to.

use std::fmt;
use std::io;

use sha2::{Sha256, Sha512};

use crate::source::{SharedSource, read_full_at};

/// A digest as descriptors have it: an algorithm that is known here, and its hash in lower-case hex.
///
/// Nothing else passes [`Digest::parse`], so no digest holds a byte that means something in a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest {
    algorithm: Algorithm,
    hex: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// Hexadecimal digits of a hash.
    fn digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

/// How much is read at once for hashing, in bytes.
const CHUNK: usize = 128 << 10;

impl Digest {
    /// Takes `sha256:` and 64, or `sha512:` and 128 digits of lower-case hex. `None`: it is anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, hex) = text.split_once(':')?;
        let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)?;
        let is_hex = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (is_hex && hex.len() == algorithm.digits()).then(|| Self { algorithm, hex: hex.into() })
    }

    /// The algorithm as it stands in front of the colon, which is the name of its directory as well.
    pub(super) fn algorithm(&self) -> &'static str {
        self.algorithm.name()
    }

    /// The hash.
    pub(super) fn hex(&self) -> &str {
        &self.hex
    }

    /// The first twelve digits, by which people know an image.
    pub(super) fn short(&self) -> &str {
        self.hex.get(..12).unwrap_or(&self.hex)
    }

    /// The digest that the bytes really have, with the same algorithm. Reads all of them.
    pub(super) fn of(&self, source: &SharedSource) -> io::Result<Self> {
        let hex = match self.algorithm {
            Algorithm::Sha256 => hash::<Sha256>(source)?,
            Algorithm::Sha512 => hash::<Sha512>(source)?,
        };
        Ok(Self { algorithm: self.algorithm, hex })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.algorithm(), self.hex)
    }
}

fn hash<D: sha2::Digest>(source: &SharedSource) -> io::Result<String> {
    let mut hasher = D::new();
    if let Some(bytes) = source.as_slice() {
        hasher.update(bytes);
    } else {
        let (mut buffer, mut offset) = (vec![0; CHUNK], 0_u64);
        loop {
            let count = read_full_at(source.as_ref(), offset, &mut buffer)?;
            hasher.update(buffer.get(..count).unwrap_or_default());
            offset = offset.saturating_add(count as u64);
            if count < buffer.len() {
                break;
            }
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// From the standard, FIPS 180: the hash of `abc`.
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_digest_is_hashed_with_its_own_algorithm() {
        let source: SharedSource = Arc::new(b"abc".to_vec());
        let digest = Digest::parse(ABC).unwrap();
        assert_eq!(digest.of(&source).unwrap(), digest);
        assert_eq!(digest.short(), "ba7816bf8f01");
        let long = Digest::parse(&format!("sha512:{}", "0".repeat(128))).unwrap();
        assert!(long.of(&source).unwrap().hex().starts_with("ddaf35a193617abacc417349ae204131"));
    }

    /// No source in memory: read in portions, the last of which is a whole one.
    #[test]
    fn large_sources_are_hashed_in_portions() {
        use crate::source::{Piece, Pieces};
        let length = 2 * CHUNK;
        let memory: SharedSource = Arc::new(vec![0; length]);
        let holes = Pieces::new(Vec::new(), Vec::<Piece>::new(), length as u64);
        let digest = Digest::parse(ABC).unwrap();
        assert_eq!(digest.of(&(Arc::new(holes) as SharedSource)).unwrap(), digest.of(&memory).unwrap());
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let a = "a".repeat(64);
        for text in [
            String::new(),
            String::from("sha256:"),
            String::from("sha256:../../../../etc/hostname"),
            format!("SHA256:{a}"),
            format!("sha256:{}", "A".repeat(64)),
            format!("sha256:{}", "g".repeat(64)),
            format!("sha256:{}", "a".repeat(63)),
            format!("sha256:{}", "a".repeat(65)),
            format!("sha512:{a}"),
            format!("md5:{}", "a".repeat(32)),
            format!("../sha256:{a}"),
            format!("sha256:{}é", "a".repeat(62)),
            a,
        ] {
            assert_eq!(Digest::parse(&text), None, "{text}");
        }
    }
}
