//! bzip2 streams: blocks with a checksum each, then one over these.

use bzip2::{Decompress, Status};

use super::compressed::Compressed;
use super::frames::{Fault, Frame};
use super::pump::{Engine, Pump};
use crate::finding::Finding;

pub(super) fn open(input: Compressed, _window: u64) -> Box<dyn Frame> {
    Box::new(Bzip2 { input, data: Pump::new(Decompress::new(false)) })
}

struct Bzip2 {
    input: Compressed,
    data: Pump<Decompress>,
}

impl Engine for Decompress {
    fn totals(&self) -> (u64, u64) {
        (self.total_in(), self.total_out())
    }

    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<bool, Fault> {
        match self.decompress(input, output) {
            Ok(Status::MemNeeded) => Err(Fault::damaged("the decoder got no memory")),
            Ok(status) => Ok(status == Status::StreamEnd),
            // The library does not tell these two apart.
            Err(bzip2::Error::Data) => Err(Fault::damaged("a block or its checksum is wrong")),
            Err(error) => Err(Fault::damaged(error)),
        }
    }
}

impl Frame for Bzip2 {
    fn decode(&mut self, buffer: &mut [u8], _: &mut Vec<Finding>) -> Result<usize, Fault> {
        self.data.decode(&mut self.input, buffer)
    }

    fn input(&mut self) -> &mut Compressed {
        &mut self.input
    }

    fn into_input(self: Box<Self>) -> Compressed {
        self.input
    }
}
