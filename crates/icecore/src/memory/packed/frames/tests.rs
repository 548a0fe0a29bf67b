use std::io::Write as _;
use std::sync::Arc;

use icecore_archive::read_full_at;
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};

use super::*;

/// Bytes that compress, and differ from place to place; four blocks of 64 KiB and a bit.
fn content() -> Vec<u8> {
    let words = (0_u32..).flat_map(|number| (number / 5).wrapping_mul(2_654_435_761).to_le_bytes());
    words.take(4 * 65536 + 100).collect()
}

fn frame(mode: BlockMode, block_checksums: bool, bytes: &[u8]) -> Vec<u8> {
    let info = FrameInfo::new()
        .block_mode(mode)
        .block_size(BlockSize::Max64KB)
        .block_checksums(block_checksums)
        .content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn pages(bytes: Vec<u8>) -> (FramePages, Vec<String>) {
    let mut faults = Vec::new();
    let pages = FramePages::new(Arc::new(bytes), &mut faults);
    (pages, faults.into_iter().map(|fault| format!("{:#x}: {}", fault.offset, fault.what)).collect())
}

fn read(pages: &FramePages, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let count = read_full_at(pages, offset, &mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

#[test]
fn blocks_are_found_in_any_order() {
    let content = content();
    for mode in [BlockMode::Independent, BlockMode::Linked] {
        for checksums in [false, true] {
            let (pages, faults) = pages(frame(mode, checksums, &content));
            assert_eq!((pages.len(), faults.len()), (content.len() as u64, 0), "{mode:?} {faults:?}");
            // From the back to the front, so that linked blocks have to begin anew.
            for offset in [262_200, 200_000, 65_530, 131_071, 0, 70_000] {
                let at = usize::try_from(offset).unwrap();
                let wanted = &content[at..content.len().min(at + 5000)];
                assert_eq!(read(&pages, offset, 5000).unwrap(), wanted, "{mode:?} {offset}");
            }
            assert_eq!(read(&pages, content.len() as u64, 10).unwrap(), b"");
            assert_eq!(read(&pages, 0, usize::MAX >> 40).unwrap().len(), content.len().min(usize::MAX >> 40));
        }
    }
}

#[test]
fn several_frames_and_what_is_to_be_skipped_are_one_content() {
    let skipped = [&0x184d_2a55_u32.to_le_bytes()[..], &7_u32.to_le_bytes(), b"skip me"].concat();
    let parts =
        [frame(BlockMode::Independent, false, b"first "), skipped, frame(BlockMode::Linked, true, b"second")];
    let (pages, faults) = pages(parts.concat());
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(read(&pages, 0, 100).unwrap(), b"first second");
    assert_eq!(pages.position(6), Some((parts[0].len() + parts[1].len() + 11) as u64));
    assert_eq!((pages.unit_end(0), pages.unit_end(6), pages.unit_end(12)), (Some(6), Some(12), None));
}

#[test]
fn a_block_whose_checksum_is_wrong_is_lost_alone() {
    let content = content();
    let mut bytes = frame(BlockMode::Independent, true, &content);
    let (sound, _) = pages(bytes.clone());
    let second = usize::try_from(sound.position(65536).unwrap()).unwrap();
    bytes[second + 10] ^= 1;
    let (pages, faults) = pages(bytes);
    assert!(
        faults[0].starts_with(&format!("{second:#x}")) && faults[0].contains("checksum of a block"),
        "{faults:?}"
    );
    assert!(read(&pages, 65536, 10).is_err());
    assert_eq!(read(&pages, 0, 100).unwrap(), content[..100]);
    assert_eq!(read(&pages, 131_072, 100).unwrap(), content[131_072..131_172]);
    assert_eq!(pages.unit_end(65540), Some(131_072));
}

#[test]
fn content_that_does_not_fit_its_checksum_is_not_trusted() {
    let mut bytes = frame(BlockMode::Independent, false, b"some text that is stored as it is");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let (pages, faults) = pages(bytes);
    assert!(matches!(&faults[..], [fault] if fault.contains("the content has checksum")), "{faults:?}");
    assert!(read(&pages, 0, 4).is_err());
}

#[test]
fn what_is_no_frame_is_told() {
    let sound = frame(BlockMode::Independent, false, &content());
    let mut version = sound.clone();
    version[4] = 0x80;
    let mut dictionary = sound.clone();
    dictionary[4] |= 1;
    let mut size = sound.clone();
    size[5] = 0x10;
    let cases: [(&[u8], &str); 6] = [
        (b"not a frame", "expected an LZ4 frame"),
        (&version, "version 2"),
        (&dictionary, "dictionary"),
        (&size, "size code 1"),
        (&sound[..100], "ends inside of a block"),
        (&sound[..9], "ends inside of a frame"),
    ];
    for (bytes, words) in cases {
        let (_, faults) = pages(bytes.to_vec());
        assert!(faults.iter().any(|fault| fault.contains(words)), "{words}: {faults:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(100))]

    /// Damaged anywhere, a file of frames ends, and gives the bytes that it had or an error.
    #[test]
    fn damage_is_an_error_or_nothing(at in 0_usize..600, byte: u8, linked: bool) {
        let content: Vec<u8> = content().into_iter().take(3000).collect();
        let mode = if linked { BlockMode::Linked } else { BlockMode::Independent };
        let mut bytes = frame(mode, true, &content);
        let place = at.checked_rem(bytes.len()).unwrap();
        bytes[place] = byte;
        let (pages, _) = pages(bytes);
        if let Ok(read) = read(&pages, 0, content.len()) {
            proptest::prop_assert!(content.starts_with(&read) || read.is_empty());
        }
    }
}
