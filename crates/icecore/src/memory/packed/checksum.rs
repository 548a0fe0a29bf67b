//! XXH32, the checksum of LZ4 frames, over bytes that come in pieces.

const PRIMES: [u32; 5] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1];

/// Bytes that are taken in together: four lanes of four.
const STRIPE: usize = 16;

/// A checksum in the making, with seed 0.
#[derive(Debug)]
pub(super) struct Xxh32 {
    lanes: [u32; 4],
    /// Bytes that do not fill a stripe yet.
    rest: Vec<u8>,
    length: u64,
}

impl Default for Xxh32 {
    fn default() -> Self {
        let [first, second, ..] = PRIMES;
        let lanes = [first.wrapping_add(second), second, 0, 0_u32.wrapping_sub(first)];
        Self { lanes, rest: Vec::with_capacity(STRIPE), length: 0 }
    }
}

impl Xxh32 {
    /// The checksum of bytes that are all there.
    pub(super) fn of(bytes: &[u8]) -> u32 {
        let mut checksum = Self::default();
        checksum.add(bytes);
        checksum.finish()
    }

    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if !self.rest.is_empty() {
            let wanted = STRIPE.saturating_sub(self.rest.len()).min(bytes.len());
            let (now, later) = bytes.split_at(wanted);
            self.rest.extend_from_slice(now);
            bytes = later;
            if self.rest.len() < STRIPE {
                return;
            }
            let stripe = std::mem::take(&mut self.rest);
            self.stripe(&stripe);
        }
        let mut stripes = bytes.chunks_exact(STRIPE);
        for stripe in &mut stripes {
            self.stripe(stripe);
        }
        self.rest.extend_from_slice(stripes.remainder());
    }

    fn stripe(&mut self, stripe: &[u8]) {
        let [first, second, ..] = PRIMES;
        for (lane, word) in self.lanes.iter_mut().zip(words(stripe)) {
            *lane = lane.wrapping_add(word.wrapping_mul(second)).rotate_left(13).wrapping_mul(first);
        }
    }

    pub(super) fn finish(&self) -> u32 {
        let [first, second, third, fourth, fifth] = PRIMES;
        let mut hash = if self.length >= STRIPE as u64 {
            let rotated = self.lanes.iter().zip([1, 7, 12, 18]).map(|(lane, by)| lane.rotate_left(by));
            rotated.fold(0, u32::wrapping_add)
        } else {
            fifth
        };
        let [low, ..] = words(&self.length.to_le_bytes()).collect::<Vec<_>>()[..] else { return hash };
        hash = hash.wrapping_add(low);
        for word in words(&self.rest) {
            hash = hash.wrapping_add(word.wrapping_mul(third)).rotate_left(17).wrapping_mul(fourth);
        }
        for byte in self.rest.chunks_exact(4).remainder() {
            hash =
                hash.wrapping_add(u32::from(*byte).wrapping_mul(fifth)).rotate_left(11).wrapping_mul(first);
        }
        hash = (hash ^ hash >> 15).wrapping_mul(second);
        hash = (hash ^ hash >> 13).wrapping_mul(third);
        hash ^ hash >> 16
    }
}

/// The whole little-endian words of bytes.
fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the specification's reference program.
    #[test]
    fn known_checksums() {
        assert_eq!(Xxh32::of(b""), 0x02cc_5d05);
        assert_eq!(Xxh32::of(b"a"), 0x550d_7456);
        assert_eq!(Xxh32::of(b"abc"), 0x32d1_53ff);
    }

    #[test]
    fn pieces_make_the_same_as_the_whole() {
        let bytes: Vec<u8> = (0..200_u8).collect();
        for cut in 0..bytes.len() {
            let mut checksum = Xxh32::default();
            checksum.add(&bytes[..cut]);
            checksum.add(&bytes[cut..]);
            assert_eq!(checksum.finish(), Xxh32::of(&bytes), "{cut}");
        }
    }
}
