//! What is not compressed, as a single frame.

use std::io::Read;

use super::compressed::Compressed;
use super::frames::{Fault, Frame};
use crate::finding::Finding;

pub(super) fn open(input: Compressed, _window: u64) -> Box<dyn Frame> {
    Box::new(Plain(input))
}

struct Plain(Compressed);

impl Frame for Plain {
    fn decode(&mut self, buffer: &mut [u8], _: &mut Vec<Finding>) -> Result<usize, Fault> {
        Ok(self.0.read(buffer)?)
    }

    fn input(&mut self) -> &mut Compressed {
        &mut self.0
    }

    fn into_input(self: Box<Self>) -> Compressed {
        self.0
    }
}
