//! Zstandard frames (RFC 8878): a header with a window, blocks, and perhaps a checksum.

use std::io::Read;

use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::compressed::Compressed;
use super::frames::{Fault, Frame};
use crate::finding::{Code, Finding};

pub(super) fn open(input: Compressed, window: u64) -> Box<dyn Frame> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(window);
    Box::new(Zstd { input, decoder, begun: false, claim: None, delivered: 0, end: None })
}

struct Zstd {
    input: Compressed,
    decoder: FrameDecoder,
    begun: bool,
    /// The size of the content, where the header claims one.
    claim: Option<u64>,
    delivered: u64,
    /// How the blocks ended, while the last bytes are still to be delivered.
    end: Option<Result<(), Fault>>,
}

impl Frame for Zstd {
    fn decode(&mut self, buffer: &mut [u8], remarks: &mut Vec<Finding>) -> Result<usize, Fault> {
        if !std::mem::replace(&mut self.begun, true) {
            self.header()?;
        }
        loop {
            let count = self.decoder.read(buffer)?;
            self.delivered = self.delivered.saturating_add(count as u64);
            if count > 0 {
                return Ok(count);
            }
            match self.end.take() {
                None => self.block(),
                Some(Ok(())) => {
                    self.check(remarks);
                    return Ok(0);
                }
                Some(Err(fault)) => return Err(fault),
            }
        }
    }

    fn input(&mut self) -> &mut Compressed {
        &mut self.input
    }

    fn into_input(self: Box<Self>) -> Compressed {
        self.input
    }
}

impl Zstd {
    fn header(&mut self) -> Result<(), Fault> {
        const HAS_SIZE: u8 = 0xc0 | 1 << 5;

        let descriptor = self.input.peek(5)?.get(4).copied().unwrap_or_default();
        match self.decoder.init(&mut self.input) {
            Ok(()) => {
                self.claim = (descriptor & HAS_SIZE != 0).then(|| self.decoder.content_size());
                Ok(())
            }
            Err(
                FrameDecoderError::WindowSizeTooBig { requested: window, .. }
                | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { got: window }),
            ) => Err(Fault::Window(window)),
            Err(error) => Err(Fault::damaged(error)),
        }
    }

    /// Decodes one block into the decoder's own buffer.
    fn block(&mut self) {
        match self.decoder.decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1)) {
            Ok(_) if self.decoder.is_finished() => self.end = Some(Ok(())),
            Ok(_) => {}
            Err(error) => {
                self.end = Some(Err(Fault::damaged(error)));
                self.release();
            }
        }
    }

    /// Makes the decoder give away the window that it holds back for blocks to come: it is told that the frame ends,
    /// by an empty last block and four bytes in place of a checksum, which nobody looks at.
    fn release(&mut self) {
        const EMPTY_LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];
        // If even this is refused, the window stays where it is, and the fault is told all the same.
        let _ = self.decoder.decode_blocks(&EMPTY_LAST_BLOCK[..], BlockDecodingStrategy::UptoBlocks(1));
    }

    fn check(&self, remarks: &mut Vec<Finding>) {
        let position = self.input.position();
        let stored = self.decoder.get_checksum_from_data();
        let computed = self.decoder.get_calculated_checksum();
        if let (Some(stored), Some(computed)) = (stored, computed)
            && stored != computed
        {
            let offset = position.saturating_sub(4);
            let text = format!(
                "the zstd frame's checksum at compressed offset {offset:#x} is {stored:08x}, its content gives {computed:08x}"
            );
            remarks.push(Finding::new(Code::ChecksumWrong, text).at(offset));
        }
        if let Some(claim) = self.claim.filter(|&claim| claim != self.delivered) {
            let text = format!("the zstd frame claims {claim} bytes, its content has {}", self.delivered);
            remarks.push(Finding::new(Code::SizeClaimWrong, text).at(position));
        }
    }
}
