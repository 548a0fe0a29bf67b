//! Streams of criu-image-streamer: frames of markers, each perhaps followed by data, spread over shards.

use crate::Message;

/// A stream in the making. Markers are numbered as they are written.
///
/// ```
/// use icecore_synth::ImageStream;
///
/// let stream = ImageStream::new().file("pstree.img", "content");
/// assert_eq!(stream.clone().end().shards(3).len(), 3);
/// let cut_off = stream.one();
/// # assert!(!cut_off.is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct ImageStream {
    frames: Vec<Vec<u8>>,
    sequence: u64,
}

impl ImageStream {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A whole file: its name, its bytes in pieces of 100, and its end.
    #[must_use]
    pub fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let named = self.name(name);
        bytes.as_ref().chunks(100).fold(named, |stream, piece| stream.data(piece)).end_of_file()
    }

    /// Makes a file the current one.
    #[must_use]
    pub fn name(self, name: impl AsRef<[u8]>) -> Self {
        self.marker(|marker| marker.bytes(2, name), &[])
    }

    /// Data of the current file.
    #[must_use]
    pub fn data(self, bytes: &[u8]) -> Self {
        self.data_claiming(bytes.len() as u64, bytes)
    }

    /// Data whose marker claims another length.
    #[must_use]
    pub fn data_claiming(self, length: u64, bytes: &[u8]) -> Self {
        self.marker(|marker| marker.varint(3, length), bytes)
    }

    /// The end of the current file.
    #[must_use]
    pub fn end_of_file(self) -> Self {
        self.marker(|marker| marker.varint(4, 1), &[])
    }

    /// The end of the image: without it a stream was cut off.
    #[must_use]
    pub fn end(self) -> Self {
        self.marker(|marker| marker.varint(5, 1), &[])
    }

    /// Gives the next marker this number.
    #[must_use]
    pub fn number(mut self, sequence: u64) -> Self {
        self.sequence = sequence;
        self
    }

    /// A frame of any bytes; its length is told truly.
    #[must_use]
    pub fn frame(mut self, message: &[u8]) -> Self {
        self.frames.push(framed(message, &[]));
        self
    }

    fn marker(mut self, body: impl FnOnce(Message) -> Message, data: &[u8]) -> Self {
        // As proto3 has it, the number 0 is not written.
        let marker = Message::new();
        let marker = if self.sequence == 0 { marker } else { marker.varint(1, self.sequence) };
        self.sequence = self.sequence.wrapping_add(1);
        self.frames.push(framed(body(marker).as_bytes(), data));
        self
    }

    /// The stream in one shard.
    pub fn one(self) -> Vec<u8> {
        self.frames.concat()
    }

    /// The stream in `count` shards, marker by marker in turn.
    pub fn shards(self, count: usize) -> Vec<Vec<u8>> {
        let shard = |index| self.frames.iter().skip(index).step_by(count.max(1)).flatten().copied().collect();
        (0..count).map(shard).collect()
    }
}

/// A frame: the marker's length, the marker, and the data it announces.
fn framed(marker: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(marker.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes(), marker, data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first frames of a real capture.
    #[test]
    fn frames_are_those_of_the_streamer() {
        let stream = ImageStream::new().name("note.txt").data(b"kept with the image\n").end_of_file();
        let real = b"\x0a\0\0\0\x12\x08note.txt\x04\0\0\0\x08\x01\x18\x14kept with the image\n\x04\0\0\0\x08\x02\x20\x01";
        assert_eq!(stream.one(), real);
    }

    #[test]
    fn shards_take_turns() {
        let stream = ImageStream::new().name("a").data(b"1").data(b"2").end_of_file().end();
        let whole = stream.clone().one();
        let shards = stream.shards(2);
        assert_eq!(shards.iter().map(Vec::len).sum::<usize>(), whole.len());
        assert!(shards[1].starts_with(b"\x04\0\0\0\x08\x01\x18\x011"));
    }
}
