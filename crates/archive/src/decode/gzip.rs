//! gzip members (RFC 1952): a header, deflate data, a checksum and a length.

use std::io::BufRead;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::compressed::Compressed;
use super::frames::{Fault, Frame};
use super::pump::{Engine, Pump};
use crate::finding::{Code, Finding};

pub(super) fn open(input: Compressed, _window: u64) -> Box<dyn Frame> {
    Box::new(Gzip { input, begun: false, data: Pump::new(Decompress::new(false)), crc: Crc::new() })
}

struct Gzip {
    input: Compressed,
    begun: bool,
    data: Pump<Decompress>,
    crc: Crc,
}

impl Engine for Decompress {
    fn totals(&self) -> (u64, u64) {
        (self.total_in(), self.total_out())
    }

    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<bool, Fault> {
        let status = self.decompress(input, output, FlushDecompress::None).map_err(Fault::damaged)?;
        Ok(status == Status::StreamEnd)
    }
}

impl Frame for Gzip {
    fn decode(&mut self, buffer: &mut [u8], remarks: &mut Vec<Finding>) -> Result<usize, Fault> {
        if !std::mem::replace(&mut self.begun, true) {
            self.header()?;
        }
        let count = self.data.decode(&mut self.input, buffer)?;
        match buffer.get(..count) {
            Some(bytes) if count > 0 => self.crc.update(bytes),
            _ => self.trailer(remarks)?,
        }
        Ok(count)
    }

    fn input(&mut self) -> &mut Compressed {
        &mut self.input
    }

    fn into_input(self: Box<Self>) -> Compressed {
        self.input
    }
}

impl Gzip {
    /// Passes the header; nothing in it is needed, and pgzip's time in it is garbage.
    fn header(&mut self) -> Result<(), Fault> {
        const HEADER_CRC: u8 = 1 << 1;
        const EXTRA: u8 = 1 << 2;
        const NAME: u8 = 1 << 3;
        const COMMENT: u8 = 1 << 4;
        const RESERVED: u8 = 0xe0;

        let [_, _, method, flags, ..] = self.input.array::<10>()?;
        if method != 8 {
            return Err(Fault::damaged(format!("compression method {method}, expected 8 (deflate)")));
        }
        if flags & RESERVED != 0 {
            return Err(Fault::damaged(format!(
                "header flags {flags:#04x}, expected the upper three bits to be 0"
            )));
        }
        if flags & EXTRA != 0 {
            let length = u16::from_le_bytes(self.input.array()?);
            self.input.skip(length.into())?;
        }
        for field in [NAME, COMMENT] {
            if flags & field != 0 {
                self.pass_string()?;
            }
        }
        if flags & HEADER_CRC != 0 {
            self.input.array::<2>()?;
        }
        Ok(())
    }

    /// Passes bytes up to and including the next byte 0.
    fn pass_string(&mut self) -> Result<(), Fault> {
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Err(Fault::damaged("the header ends inside of a string"));
            }
            let end = bytes.iter().position(|&byte| byte == 0);
            let length = end.map_or(bytes.len(), |end| end.saturating_add(1));
            self.input.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn trailer(&mut self, remarks: &mut Vec<Finding>) -> Result<(), Fault> {
        let offset = self.input.position();
        let stored = u32::from_le_bytes(self.input.array()?);
        let length = u32::from_le_bytes(self.input.array()?);
        if stored != self.crc.sum() {
            let text = format!(
                "the gzip member's checksum at compressed offset {offset:#x} is {stored:08x}, its content gives {:08x}",
                self.crc.sum()
            );
            remarks.push(Finding::new(Code::ChecksumWrong, text).at(offset));
        }
        if length != self.crc.amount() {
            let text = format!(
                "the gzip member claims {length} bytes (modulo 2^32), its content has {}",
                self.crc.amount()
            );
            remarks.push(Finding::new(Code::SizeClaimWrong, text).at(offset.saturating_add(4)));
        }
        Ok(())
    }
}
