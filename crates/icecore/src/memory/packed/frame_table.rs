//! Where the blocks of a file of LZ4 frames are, and which of them are sound.
//!
//! The length of a decoded block stands nowhere, so one pass over the file has to find all of them. It checks what can be
//! checked: headers, blocks, checksums, the claimed size.

use icecore_archive::{SharedSource, read_full_at};

use super::LARGEST_BLOCK;
use super::checksum::Xxh32;
use super::frames::History;

/// The blocks of all frames.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// By rising place in the content, without a gap.
    pub(super) blocks: Vec<Block>,
    /// Bytes of content.
    pub(super) length: u64,
}

/// A block of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// Where its content begins, in bytes.
    pub(super) logical: u64,
    /// Where its bytes begin in the file.
    pub(super) physical: u64,
    /// Bytes that it has there.
    stored: u32,
    /// Bytes of content; of a damaged block, what the one in front of it has.
    pub(super) length: u32,
    pub(super) form: BlockForm,
}

/// How a block has its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockForm {
    /// As it is.
    Plain,
    /// In LZ4.
    Lz4,
    /// In LZ4 that copies from blocks in front of it. `first` is the first block of its frame.
    Linked { first: usize },
    /// It cannot be decoded, or a checksum says that it must not be trusted.
    Damaged,
}

/// Something that is wrong, and where in the file, in bytes.
#[derive(Debug)]
pub(in crate::memory) struct Fault {
    pub(in crate::memory) offset: u64,
    pub(in crate::memory) what: String,
}

/// The content of a block, given what was in front of it.
pub(super) fn decode(file: &SharedSource, block: &Block, history: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0; usize::try_from(block.stored).unwrap_or(0)];
    let read = read_full_at(file.as_ref(), block.physical, &mut bytes).map_err(|error| error.to_string())?;
    if read < bytes.len() {
        return Err(format!("{read} of the {} bytes of a block are there", bytes.len()));
    }
    match block.form {
        BlockForm::Plain => Ok(bytes),
        BlockForm::Damaged => {
            Err("a damaged LZ4 block, or one of a frame whose checksum does not fit".to_owned())
        }
        BlockForm::Lz4 => expand(&bytes, block.length, &[]),
        BlockForm::Linked { .. } => expand(&bytes, block.length, history),
    }
}

/// Decodes LZ4 of at most so many bytes.
fn expand(bytes: &[u8], most: u32, history: &[u8]) -> Result<Vec<u8>, String> {
    let mut content = vec![0; usize::try_from(most).unwrap_or(0)];
    let decoded = lz4_flex::block::decompress_into_with_dict(bytes, &mut content, history);
    let length = decoded.map_err(|error| format!("no LZ4 block: {error}"))?;
    content.truncate(length);
    Ok(content)
}

impl Table {
    /// Reads a file from front to back.
    pub(super) fn read(file: &SharedSource, faults: &mut Vec<Fault>) -> Self {
        let mut pass = Pass { file, at: 0, table: Self::default(), faults };
        if let Err(what) = pass.frames() {
            let offset = pass.at;
            pass.faults.push(Fault { offset, what });
        }
        pass.table
    }

    /// The block that has a byte of the content, and its index.
    pub(super) fn at(&self, logical: u64) -> Option<(usize, Block)> {
        let index = self.blocks.partition_point(|block| block.logical <= logical).checked_sub(1)?;
        let block = self.blocks.get(index)?;
        (logical < block.logical.saturating_add(block.length.into())).then_some((index, *block))
    }
}

/// What the header of a frame says.
#[derive(Debug, Clone, Copy)]
struct Header {
    independent: bool,
    block_checksums: bool,
    content_checksum: bool,
    content_size: Option<u64>,
    /// The most bytes of content that a block has.
    largest: u32,
}

const FRAME: u32 = 0x184d_2204;
/// Frames that are not content; the lowest four bits are free.
const SKIPPABLE: u32 = 0x184d_2a50;
/// Bit of a block's size: it is stored as it is.
const PLAIN: u32 = 1 << 31;

struct Pass<'a> {
    file: &'a SharedSource,
    at: u64,
    table: Table,
    faults: &'a mut Vec<Fault>,
}

impl Pass<'_> {
    fn frames(&mut self) -> Result<(), String> {
        while self.at < self.file.len() {
            match self.word()? {
                FRAME => self.frame()?,
                magic if magic & !0xf == SKIPPABLE => {
                    let length = self.word()?;
                    self.at = self.at.saturating_add(length.into());
                }
                magic => {
                    self.at = self.at.saturating_sub(4);
                    return Err(format!("magic {magic:#010x}; expected an LZ4 frame, {FRAME:#010x}"));
                }
            }
        }
        Ok(())
    }

    /// One frame, behind its magic.
    fn frame(&mut self) -> Result<(), String> {
        let begun = self.at;
        let header = self.header()?;
        let (first, start) = (self.table.blocks.len(), self.table.length);
        let mut checksum = Xxh32::default();
        let mut history = History::default();
        let mut sound = true;
        loop {
            let size = self.word()?;
            if size == 0 {
                break;
            }
            match self.block(size, &header, first, &history)? {
                Some(content) => {
                    checksum.add(&content);
                    if !header.independent {
                        history.push(&content);
                    }
                }
                None => sound = false,
            }
        }
        let length = self.table.length.saturating_sub(start);
        if let Some(claimed) = header.content_size.filter(|claimed| *claimed != length) {
            let what = format!(
                "the frame claims {claimed} bytes of content, and its blocks have {length}; those count"
            );
            self.faults.push(Fault { offset: begun, what });
        }
        if header.content_checksum {
            let (wanted, found) = (self.word()?, checksum.finish());
            if sound && wanted != found {
                // Which of the blocks is wrong cannot be told, so that none can be trusted.
                for block in self.table.blocks.get_mut(first..).unwrap_or_default() {
                    block.form = BlockForm::Damaged;
                }
                let what = format!("the content has checksum {found:#010x}, the frame says {wanted:#010x}");
                self.faults.push(Fault { offset: self.at.saturating_sub(4), what });
            }
        }
        Ok(())
    }

    fn header(&mut self) -> Result<Header, String> {
        let begun = self.at;
        let [flags, sizes] = self.bytes()?;
        if flags >> 6 != 1 {
            return Err(format!("version {} of an LZ4 frame; expected 1", flags >> 6));
        }
        let content_size = if flags & 8 != 0 { Some(u64::from_le_bytes(self.bytes()?)) } else { None };
        if flags & 1 != 0 {
            return Err("the frame needs a dictionary, which is not in the archive".to_owned());
        }
        let length = usize::try_from(self.at.saturating_sub(begun)).unwrap_or(0);
        let mut header = vec![0; length];
        read_full_at(self.file.as_ref(), begun, &mut header).map_err(|error| error.to_string())?;
        let [wanted] = self.bytes()?;
        let found = Xxh32::of(&header).to_le_bytes();
        if found.get(1) != Some(&wanted) {
            let what = "the checksum of the frame's header does not fit it".to_owned();
            self.faults.push(Fault { offset: begun, what });
        }
        let largest = match sizes >> 4 & 7 {
            code @ 4..=7 => 1_u32 << (u32::from(code).saturating_mul(2).saturating_add(8)),
            code => return Err(format!("size code {code} of blocks; expected 4 to 7")),
        };
        Ok(Header {
            independent: flags & 0x20 != 0,
            block_checksums: flags & 0x10 != 0,
            content_checksum: flags & 4 != 0,
            content_size,
            largest,
        })
    }

    /// Takes one block in; gives its content if it is sound.
    fn block(
        &mut self,
        size: u32,
        header: &Header,
        first: usize,
        history: &History,
    ) -> Result<Option<Vec<u8>>, String> {
        let stored = size & !PLAIN;
        if u64::from(stored) > LARGEST_BLOCK || stored > header.largest {
            return Err(format!("a block of {stored} bytes; expected at most {}", header.largest));
        }
        let form = match (size & PLAIN != 0, header.independent) {
            (true, _) => BlockForm::Plain,
            (false, true) => BlockForm::Lz4,
            (false, false) => BlockForm::Linked { first },
        };
        let (logical, physical) = (self.table.length, self.at);
        let mut block = Block { logical, physical, stored, length: header.largest, form };
        if physical.saturating_add(stored.into()) > self.file.len() {
            return Err(format!("the file ends inside of a block of {stored} bytes"));
        }
        let mut decoded = decode(self.file, &block, history.bytes());
        self.at = physical.saturating_add(stored.into());
        if header.block_checksums {
            decoded = self.checked(&block, decoded)?;
        }
        // Pieces are of one length, but for the last.
        let usual = self.table.blocks.get(first).map_or(header.largest, |block| block.length);
        let length = decoded.as_ref().map(|content| u32::try_from(content.len()).unwrap_or(0));
        block.length = length.unwrap_or(usual);
        let content = decoded.map_err(|what| {
            block.form = BlockForm::Damaged;
            self.faults.push(Fault { offset: physical, what });
        });
        self.table.length = logical.saturating_add(block.length.into());
        self.table.blocks.push(block);
        Ok(content.ok())
    }

    /// Reads the checksum behind a block and holds the stored bytes against it.
    fn checked(
        &mut self,
        block: &Block,
        decoded: Result<Vec<u8>, String>,
    ) -> Result<Result<Vec<u8>, String>, String> {
        let wanted = self.word()?;
        let plain = Block { form: BlockForm::Plain, ..*block };
        let found = Xxh32::of(&decode(self.file, &plain, &[])?);
        Ok(if wanted == found { decoded } else { Err("the checksum of a block does not fit it".to_owned()) })
    }

    fn word(&mut self) -> Result<u32, String> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        let read =
            read_full_at(self.file.as_ref(), self.at, &mut bytes).map_err(|error| error.to_string())?;
        if read < N {
            return Err("the file ends inside of a frame".to_owned());
        }
        self.at = self.at.saturating_add(N as u64);
        Ok(bytes)
    }
}
