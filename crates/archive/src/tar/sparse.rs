//! Sparse members: four ways to say which parts of a file are stored.
//!
//! Old GNU tar puts the map into the header and blocks behind it, PAX 0.0 and 0.1 into extended records, PAX 1.0 in
//! front of the data. All end as a list of chunks over the real size of the file.

use bstr::{BStr, ByteSlice};

use super::facts::Facts;
use super::header::{BLOCK, Block, Header, number};
use crate::source::Piece;

/// Which bytes of a file are stored, in the order in which they follow each other in the archive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Map {
    chunks: Vec<Chunk>,
    /// Bytes of the file with its holes.
    pub(super) real_size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk {
    start: u64,
    length: u64,
}

impl Map {
    /// Checks the chunks against each other and against the `stored` bytes, and gives them as pieces of a source
    /// that holds the stored bytes alone.
    pub(super) fn pieces(&self, stored: u64) -> Result<Vec<Piece>, String> {
        let mut pieces = Vec::with_capacity(self.chunks.len());
        let (mut offset, mut end) = (0_u64, 0_u64);
        for (index, chunk) in self.chunks.iter().enumerate().filter(|(_, chunk)| chunk.length > 0) {
            let Chunk { start, length } = *chunk;
            if start < end {
                return Err(format!(
                    "chunk {index} of the sparse map begins at {start}, in front of {end}, where the one before it ends"
                ));
            }
            end = start.checked_add(length).filter(|end| *end <= self.real_size).ok_or_else(|| {
                format!(
                    "chunk {index} of the sparse map, {length} bytes at {start}, passes the size of {} bytes",
                    self.real_size
                )
            })?;
            pieces.push(Piece { start, length, base: 0, offset });
            offset = offset.saturating_add(length);
        }
        if offset > stored {
            return Err(format!("the sparse map counts {offset} bytes, but {stored} are stored"));
        }
        Ok(pieces)
    }
}

/// The part of a map that stands in an old GNU header, and whether blocks with more of it follow.
pub(super) fn gnu_header(header: &Header<'_>) -> Option<(Map, bool)> {
    let block = header.block;
    let real_size = block.get(483..495).and_then(number).and_then(|size| u64::try_from(size).ok())?;
    let mut map = Map { chunks: Vec::new(), real_size };
    gnu_chunks(block.get(386..482)?, &mut map)?;
    Some((map, *block.get(482)? != 0))
}

/// Adds the chunks of an extension block. `None`: the block is no extension.
pub(super) fn gnu_extension(block: &Block, map: &mut Map) -> Option<bool> {
    const ENTRIES: usize = 21 * 24;
    // What follows the mark is padding; a header would have text there or a checksum that fits.
    let padding = block.get(ENTRIES.saturating_add(1)..)?;
    if padding.iter().any(|&byte| byte != 0) {
        return None;
    }
    gnu_chunks(block.get(..ENTRIES)?, map)?;
    Some(*block.get(ENTRIES)? != 0)
}

fn gnu_chunks(entries: &[u8], map: &mut Map) -> Option<()> {
    for entry in entries.chunks_exact(24) {
        let (start, length) = entry.split_at_checked(12)?;
        if start.first() == Some(&0) {
            break;
        }
        let field = |field| number(field).and_then(|number| u64::try_from(number).ok());
        map.chunks.push(Chunk { start: field(start)?, length: field(length)? });
    }
    Some(())
}

/// What extended records say about a sparse member.
#[derive(Debug)]
pub(super) enum Announced {
    /// The map stands in the records (0.0, 0.1).
    Map(Map),
    /// It stands in front of the data (1.0); the real size.
    InBody(u64),
    /// Something else; why.
    Damaged(&'static str),
}

impl Announced {
    /// Looks for any of the three forms. `None`: the member is not sparse.
    pub(super) fn find(records: Facts<'_>) -> Option<Self> {
        let damaged = |why| Some(Self::Damaged(why));
        if let Some(major) = records.get("GNU.sparse.major") {
            let Some(size) = records.number("GNU.sparse.realsize") else {
                return damaged("the sparse member has no real size");
            };
            return if major == "1" {
                Some(Self::InBody(size))
            } else {
                damaged("the sparse map has a form that is not known")
            };
        }
        let size = records.get("GNU.sparse.size")?;
        let Some(real_size) = size.to_str().ok().and_then(|size| size.parse().ok()) else {
            return damaged("the real size of the sparse member is no number");
        };
        let chunks = match records.get("GNU.sparse.map") {
            Some(map) => pairs(map.split_str(",")),
            None => {
                let starts = records.all("GNU.sparse.offset");
                let lengths = records.all("GNU.sparse.numbytes");
                pairs(starts.zip(lengths).flat_map(|(start, length)| [start.as_bytes(), length.as_bytes()]))
            }
        };
        match chunks {
            Some(chunks) => Some(Self::Map(Map { chunks, real_size })),
            None => damaged("the sparse map holds something that is no number"),
        }
    }

    /// The name of the file, where the name in the header is made up.
    pub(super) fn name(records: Facts<'_>) -> Option<&BStr> {
        records.get("GNU.sparse.name")
    }
}

fn pairs<'a>(numbers: impl Iterator<Item = &'a [u8]>) -> Option<Vec<Chunk>> {
    let mut chunks = Vec::new();
    let mut start = None;
    for text in numbers.filter(|text| !text.is_empty()) {
        let number: u64 = text.to_str().ok()?.parse().ok()?;
        match start.take() {
            None => start = Some(number),
            Some(start) => chunks.push(Chunk { start, length: number }),
        }
    }
    start.is_none().then_some(chunks)
}

/// Reads the map in front of the data (1.0): a count, then a start and a length for each chunk, one number a line,
/// padded to whole blocks. `next` gives a block at a time. Answers the map and the bytes it took.
pub(super) fn from_body(
    real_size: u64,
    stored: u64,
    limit: u64,
    mut next: impl FnMut() -> std::io::Result<Option<Block>>,
) -> std::io::Result<Result<(Map, u64), &'static str>> {
    let mut lines = Lines::default();
    let mut map = Map { chunks: Vec::new(), real_size };
    let (mut wanted, mut taken) = (None::<u64>, 0_u64);
    while wanted.is_none_or(|count| (map.chunks.len() as u64) < count) {
        if taken >= stored {
            return Ok(Err("the sparse map is longer than the member"));
        }
        let Some(block) = next()? else { return Ok(Err("the archive ends in a sparse map")) };
        taken = taken.saturating_add(BLOCK as u64);
        let Some(numbers) = lines.feed(&block) else {
            return Ok(Err("the sparse map holds something that is no number"));
        };
        for number in numbers {
            match wanted {
                None => {
                    // Each chunk takes two digits and two newlines at least.
                    if number > limit.min(stored / 4) {
                        return Ok(Err("the sparse map claims more chunks than it has room for"));
                    }
                    wanted = Some(number);
                }
                Some(count) if (map.chunks.len() as u64) < count => lines.add(number, &mut map.chunks),
                Some(_) => break,
            }
        }
    }
    Ok(Ok((map, taken)))
}

/// Numbers that stand one a line, cut anywhere by block borders.
#[derive(Debug, Default)]
struct Lines {
    partial: Option<u64>,
    start: Option<u64>,
}

impl Lines {
    /// The numbers that are complete now. `None`: something that is none.
    fn feed(&mut self, block: &Block) -> Option<Vec<u64>> {
        let mut numbers = Vec::new();
        for &byte in block {
            match byte {
                b'\n' => numbers.extend(self.partial.take()),
                b'0'..=b'9' => {
                    let digit = u64::from(byte.checked_sub(b'0')?);
                    self.partial = Some(self.partial.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
                }
                0 => {}
                _ => return None,
            }
        }
        Some(numbers)
    }

    fn add(&mut self, number: u64, chunks: &mut Vec<Chunk>) {
        match self.start.take() {
            None => self.start = Some(number),
            Some(start) => chunks.push(Chunk { start, length: number }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(chunks: &[(u64, u64)], real_size: u64) -> Map {
        let chunks = chunks.iter().map(|&(start, length)| Chunk { start, length }).collect();
        Map { chunks, real_size }
    }

    #[test]
    fn chunks_become_pieces_behind_each_other() {
        let pieces = map(&[(512, 10), (2048, 20), (4096, 0)], 4096).pieces(30).unwrap();
        assert_eq!(
            pieces,
            [
                Piece { start: 512, length: 10, base: 0, offset: 0 },
                Piece { start: 2048, length: 20, base: 0, offset: 10 },
            ]
        );
    }

    #[test]
    fn lies_are_told() {
        assert!(map(&[(10, 5), (0, 5)], 100).pieces(10).unwrap_err().contains("in front of 15"));
        assert!(map(&[(10, 5), (12, 5)], 100).pieces(10).unwrap_err().contains("in front of 15"));
        assert!(map(&[(90, 20)], 100).pieces(20).unwrap_err().contains("passes the size"));
        assert!(map(&[(u64::MAX, 2)], u64::MAX).pieces(20).unwrap_err().contains("passes the size"));
        assert!(map(&[(0, 20)], 100).pieces(19).unwrap_err().contains("counts 20 bytes, but 19"));
    }

    #[test]
    fn a_map_in_the_body_is_read_across_blocks() {
        let mut text = String::from("200\n");
        for chunk in 0..200_u64 {
            text += &format!("{}\n{}\n", chunk * 8192, 512);
        }
        let mut bytes = text.into_bytes();
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        let length = bytes.len() as u64;
        let mut blocks = bytes.chunks_exact(BLOCK);
        let next = || Ok(blocks.next().map(|block| block.try_into().unwrap()));
        let (map, taken) = from_body(1 << 40, 1 << 20, 1_000_000, next).unwrap().unwrap();
        assert_eq!(taken, length);
        assert_eq!(map.chunks.len(), 200);
        assert_eq!(map.chunks[199], Chunk { start: 199 * 8192, length: 512 });
    }

    #[test]
    fn a_map_cannot_claim_more_than_it_has_room_for() {
        let mut block = [0; BLOCK];
        block[..14].copy_from_slice(b"1000000000000\n");
        let result = from_body(1, 4096, 1_000_000, || Ok(Some(block))).unwrap();
        assert_eq!(result, Err("the sparse map claims more chunks than it has room for"));
    }
}
