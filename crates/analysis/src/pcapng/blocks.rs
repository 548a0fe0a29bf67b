//! The blocks of a pcapng file, little-endian.
//!
//! ```text
//! block   u32 type, u32 total length, body, options, u32 total length
//! option  u16 code, u16 length, value padded to four bytes; code 0 ends them
//! ```
//!
//! Source: the Internet-Draft "PCAP Now Generic (pcapng) Capture File Format".

use std::io::{self, Write};

/// What an option is, by the numbers of its block.
#[derive(Clone, Copy)]
pub(super) struct Code(u16);

impl Code {
    /// Words for people, of any block.
    pub(super) const COMMENT: Self = Self(1);
    /// `shb_userappl`: who wrote the section.
    pub(super) const USER_APPLICATION: Self = Self(4);
    /// `if_name`.
    pub(super) const INTERFACE_NAME: Self = Self(2);
    /// `if_description`.
    pub(super) const INTERFACE_DESCRIPTION: Self = Self(3);
    /// `epb_flags`: the lowest two bits say inbound (1) or outbound (2).
    pub(super) const PACKET_FLAGS: Self = Self(2);
}

/// An option and its value.
pub(super) type BlockOption<'a> = (Code, &'a [u8]);

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
/// The first word of a section's body, by which a reader tells the byte order.
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Version 1.0.
const VERSION: [u16; 2] = [1, 0];
/// The length of a section is not said in advance.
const UNKNOWN_LENGTH: u64 = u64::MAX;

/// A file in the making.
pub(super) struct Blocks<W> {
    out: W,
}

impl<W: Write> Blocks<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }

    /// Begins a section; interfaces are counted anew.
    pub(super) fn section(&mut self, options: &[BlockOption<'_>]) -> io::Result<()> {
        let [major, minor] = VERSION;
        let mut body = BYTE_ORDER_MAGIC.to_le_bytes().to_vec();
        body.extend(major.to_le_bytes());
        body.extend(minor.to_le_bytes());
        body.extend(UNKNOWN_LENGTH.to_le_bytes());
        self.block(SECTION_HEADER, body, options)
    }

    /// Describes the next interface. Times of its packets are microseconds, as nothing else is said.
    pub(super) fn interface(&mut self, link_type: u16, options: &[BlockOption<'_>]) -> io::Result<()> {
        let mut body = link_type.to_le_bytes().to_vec();
        // Reserved; then the longest packet, 0 for any.
        body.extend([0; 6]);
        self.block(INTERFACE_DESCRIPTION, body, options)
    }

    /// A packet of an interface, whole.
    pub(super) fn packet(
        &mut self,
        interface: u32,
        microseconds: u64,
        data: &[u8],
        options: &[BlockOption<'_>],
    ) -> io::Result<()> {
        let length = u32::try_from(data.len()).map_err(|_| too_long())?;
        let [a, b, c, d, e, f, g, h] = microseconds.to_le_bytes();
        let mut body = interface.to_le_bytes().to_vec();
        // The upper half of the time stands first.
        body.extend([e, f, g, h, a, b, c, d]);
        // As much as there was of the packet is here: all of it.
        body.extend(length.to_le_bytes());
        body.extend(length.to_le_bytes());
        body.extend(data);
        pad(&mut body);
        self.block(ENHANCED_PACKET, body, options)
    }

    fn block(&mut self, kind: u32, mut body: Vec<u8>, options: &[BlockOption<'_>]) -> io::Result<()> {
        for &(code, value) in options {
            let value = cut(value);
            let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
            body.extend(code.0.to_le_bytes());
            body.extend(length.to_le_bytes());
            body.extend(value);
            pad(&mut body);
        }
        if !options.is_empty() {
            body.extend([0; 4]);
        }
        // Type and both lengths.
        let total =
            body.len().checked_add(12).and_then(|total| u32::try_from(total).ok()).ok_or_else(too_long)?;
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&total.to_le_bytes())?;
        self.out.write_all(&body)?;
        self.out.write_all(&total.to_le_bytes())
    }
}

/// Zeros up to a multiple of four bytes.
fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// As much of a text as an option can hold, which ends between characters.
fn cut(value: &[u8]) -> &[u8] {
    let Some(head) = value.get(..usize::from(u16::MAX)).filter(|head| head.len() < value.len()) else {
        return value;
    };
    match std::str::from_utf8(head) {
        Ok(_) => head,
        Err(error) => head.get(..error.valid_up_to()).unwrap_or(head),
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a packet of more than 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Blocks<&mut Vec<u8>>) -> io::Result<()>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut Blocks::new(&mut bytes)).unwrap();
        bytes
    }

    #[test]
    fn a_section_says_byte_order_version_and_who_wrote_it() {
        let bytes = written(|blocks| blocks.section(&[(Code::USER_APPLICATION, b"hello")]));
        let expected = [
            &[0x0a, 0x0d, 0x0d, 0x0a, 44, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..],
            &[0xff; 8],
            b"\x04\0\x05\0hello\0\0\0\0\0\0\0",
            &[44, 0, 0, 0],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn an_interface_has_a_link_type_and_no_limit() {
        let bytes = written(|blocks| blocks.interface(101, &[]));
        assert_eq!(bytes, [1, 0, 0, 0, 20, 0, 0, 0, 101, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0]);
    }

    #[test]
    fn a_packet_is_padded_and_its_time_has_its_halves_swapped() {
        let bytes = written(|blocks| blocks.packet(1, 0x0001_0002_0003_0004, b"abcde", &[]));
        let expected = [
            &[6, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 4, 0, 3, 0, 5, 0, 0, 0, 5, 0, 0, 0][..],
            b"abcde\0\0\0",
            &[40, 0, 0, 0],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn a_text_that_no_option_holds_is_cut_between_characters() {
        assert_eq!(cut(b"short"), b"short");
        assert_eq!(cut(&[b'x'; 65_535]).len(), 65_535);
        assert_eq!(cut(&[b'x'; 65_536]).len(), 65_535);
        // 65,535 is a multiple of three; with one byte in front the last character would be cut.
        let text = format!("x{}", "…".repeat(30_000));
        assert_eq!(cut(text.as_bytes()).len(), 65_533);
        assert!(std::str::from_utf8(cut(text.as_bytes())).is_ok());
    }
}
