//! LZ4 frames: a header, blocks, an end mark of zeros, and perhaps a checksum.

use std::io::{self, Read};

use lz4_flex::frame::{Error, FrameDecoder};

use super::compressed::Compressed;
use super::frames::{Fault, Frame};
use crate::finding::{Code, Finding};

pub(super) fn open(input: Compressed, _window: u64) -> Box<dyn Frame> {
    Box::new(Lz4 { decoder: FrameDecoder::new(input), begun: false, has_checksum: false })
}

struct Lz4 {
    decoder: FrameDecoder<Compressed>,
    begun: bool,
    has_checksum: bool,
}

/// What stands in place of a block's size where there are no more.
const END_MARK: [u8; 4] = [0; 4];

impl Frame for Lz4 {
    fn decode(&mut self, buffer: &mut [u8], remarks: &mut Vec<Finding>) -> Result<usize, Fault> {
        loop {
            // The decoder gives 0 bytes at the end of the frame, at the end of the input and for an empty block; it
            // reads one block a call, so what comes next tells which of these it was.
            let at_end = self.at_end_mark()?;
            match self.decoder.read(buffer) {
                Ok(0) if at_end => return Ok(0),
                Ok(0) if self.input().ended() => return Err(Fault::damaged("the data ends here")),
                Ok(0) => {}
                Ok(count) => return Ok(count),
                Err(error) => return self.judge(&error, remarks).map(|()| 0),
            }
        }
    }

    fn input(&mut self) -> &mut Compressed {
        self.decoder.get_mut()
    }

    fn into_input(self: Box<Self>) -> Compressed {
        self.decoder.into_inner()
    }
}

impl Lz4 {
    fn at_end_mark(&mut self) -> Result<bool, Fault> {
        const LONGEST_HEADER: usize = 19;
        const LOOK: usize = LONGEST_HEADER + 4;
        const CONTENT_CHECKSUM: u8 = 1 << 2;
        const CONTENT_SIZE: u8 = 1 << 3;
        const DICTIONARY: u8 = 1;

        if std::mem::replace(&mut self.begun, true) {
            return Ok(self.input().peek(END_MARK.len())? == END_MARK);
        }
        let head = self.decoder.get_mut().peek(LOOK)?;
        let flags = head.get(4).copied().unwrap_or_default();
        self.has_checksum = flags & CONTENT_CHECKSUM != 0;
        let header = match (flags & CONTENT_SIZE != 0, flags & DICTIONARY != 0) {
            (false, false) => 7,
            (false, true) => 11,
            (true, false) => 15,
            (true, true) => LONGEST_HEADER,
        };
        Ok(head.get(header..).is_some_and(|behind| behind.starts_with(&END_MARK)))
    }

    /// Takes what the decoder says for a remark at the end of the frame, or for its end.
    fn judge(&mut self, error: &io::Error, remarks: &mut Vec<Finding>) -> Result<(), Fault> {
        let offset = self.input().position();
        match error.get_ref().and_then(|error| error.downcast_ref::<Error>()) {
            Some(Error::ContentChecksumError) => {
                let text = format!(
                    "the checksum of the lz4 frame that ends at compressed offset {offset:#x} does not fit its content"
                );
                remarks.push(Finding::new(Code::ChecksumWrong, text).at(offset.saturating_sub(4)));
            }
            Some(Error::ContentLengthError { expected, actual }) => {
                let text = format!("the lz4 frame claims {expected} bytes, its content has {actual}");
                remarks.push(Finding::new(Code::SizeClaimWrong, text).at(offset));
                // The decoder leaves the checksum where it is, unread.
                if self.has_checksum {
                    self.input().array::<4>()?;
                }
            }
            Some(Error::BlockChecksumError) => {
                let text = String::from("the checksum of a block does not fit its content");
                return Err(Fault::Damaged(Code::ChecksumWrong, text));
            }
            _ => return Err(Fault::damaged(error)),
        }
        Ok(())
    }
}
