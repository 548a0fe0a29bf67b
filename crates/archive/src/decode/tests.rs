//! What holds for every format. The samples come from the formats' own tools, not from the crates that decode them.

use std::io::{BufReader, Write};

use flate2::Crc;
use proptest::prelude::*;

use super::*;

mod rows;

/// What the samples hold: "frozen " forty times.
fn content() -> Vec<u8> {
    b"frozen ".repeat(40)
}

const GZIP: &str = "1f8b08000000000000034b2bcaaf4acd53481ba5502900f338191218010000";
const BZIP2: &str = "425a6839314159265359c5b8b40600003b91804000030190102000310c0052a069c1304d89c1304f09827c5dc914e1\
                     424316e2d018";
const XZ: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a3e00117000e5d00331c8a238310bdda8eea714000000000002767\
                  935d6fa38ffb00012a9802000000d7561d2eb1c467fb020000000004595a";
/// Two blocks, checked by CRC32 each.
const XZ_BLOCKS: &str = "fd377a585a000001\
                         6922de360200210116000000742fe5a3e0008b000e5d00331c8a238310bdda6781b14000000000009065bf9b\
                         0200210116000000742fe5a3e0008b000e5d00331c8a238310bdda6781b14000000000009065bf9b\
                         0002268c01268c011ecf13333e300d8b020000000001595a";
const LZ4: &str = "04224d186440a7110000007f66726f7a656e200700f9506f7a656e2000000000fa51c914";
const LZ4_SIZED: &str =
    "04224d186c401801000000000000df110000007f66726f7a656e200700f9506f7a656e2000000000fa51c914";
const ZSTD: &str = "28b52ffd04587500003866726f7a656e2001000e528b1122ac3afc";
const ZSTD_SIZED: &str = "28b52ffd6418007500003866726f7a656e2001000e528b1122ac3afc";

const SAMPLES: [(Compression, &str); 8] = [
    (Compression::Gzip, GZIP),
    (Compression::Bzip2, BZIP2),
    (Compression::Xz, XZ),
    (Compression::Xz, XZ_BLOCKS),
    (Compression::Lz4, LZ4),
    (Compression::Lz4, LZ4_SIZED),
    (Compression::Zstd, ZSTD),
    (Compression::Zstd, ZSTD_SIZED),
];

/// A frame that both zstd and LZ4 skip.
const SKIPPABLE: &[u8] = b"\x5a\x2a\x4d\x18\x05\0\0\0notes";

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn decoder(bytes: &[u8], limits: &Limits) -> Result<Decoder, Error> {
    // A small buffer, so that everything that matters lies across its borders.
    Decoder::new(Box::new(BufReader::with_capacity(7, io::Cursor::new(bytes.to_vec()))), limits)
}

/// Everything that comes out, and the findings.
fn decode_within(bytes: &[u8], limits: &Limits) -> Result<(Vec<u8>, Vec<Finding>), Error> {
    let mut decoder = decoder(bytes, limits)?;
    let mut output = Vec::new();
    decoder.read_to_end(&mut output).map_err(Error::io("test"))?;
    Ok((output, decoder.finish()))
}

fn decode(bytes: &[u8]) -> (Vec<u8>, Vec<Finding>) {
    decode_within(bytes, &Limits::default()).unwrap()
}

fn codes(findings: &[Finding]) -> Vec<(Code, Option<u64>)> {
    findings.iter().map(|finding| (finding.code, finding.offset)).collect()
}

#[test]
fn samples_decode() {
    for (compression, hex) in SAMPLES {
        let sample = bytes(hex);
        assert_eq!(Compression::of(&sample), compression);
        assert_eq!(decoder(&sample, &Limits::default()).unwrap().compression(), compression);
        assert_eq!(decode(&sample), (content(), vec![]), "{compression:?}");
    }
}

#[test]
fn what_is_not_compressed_runs_through() {
    assert_eq!(Compression::of(b"config.dump"), Compression::None);
    for plain in [&b""[..], b"config.dump", &[0; 200_000]] {
        let limits = Limits::default().output(3);
        assert_eq!(decode_within(plain, &limits).unwrap(), (plain.to_vec(), vec![]));
    }
}

#[test]
fn frames_follow_each_other() {
    for (compression, hex) in SAMPLES {
        let sample = bytes(hex);
        let output = decode(&sample.repeat(3));
        assert_eq!(output, (content().repeat(3), vec![]), "{compression:?}");
    }
}

#[test]
fn what_follows_is_counted() {
    for (compression, hex) in SAMPLES {
        let sample = bytes(hex);
        let (output, findings) = decode(&[&sample[..], b"junk"].concat());
        assert_eq!(output, content(), "{compression:?}");
        assert_eq!(codes(&findings), [(Code::CompressedTrailing, Some(sample.len() as u64))]);
        assert!(findings[0].text.starts_with("4 bytes follow"), "{}", findings[0].text);
    }
    let (_, findings) = decode(&[&bytes(GZIP)[..], &[0; 1000]].concat());
    assert!(findings[0].text.starts_with("1000 bytes of zeros follow"), "{}", findings[0].text);
}

#[test]
fn xz_is_padded_with_zeros_in_fours() {
    let sample = bytes(XZ);
    let padded = [&sample[..], &[0; 8], &sample, &[0; 4]].concat();
    assert_eq!(decode(&padded), (content().repeat(2), vec![]));
    let (_, findings) = decode(&[&sample[..], &[0; 7]].concat());
    assert_eq!(codes(&findings), [(Code::CompressedTrailing, Some(sample.len() as u64 + 4))]);
}

#[test]
fn frames_to_be_skipped_are_skipped() {
    for (compression, hex) in [(Compression::Zstd, ZSTD), (Compression::Lz4, LZ4)] {
        let sample = bytes(hex);
        let stream = [SKIPPABLE, SKIPPABLE, &sample, SKIPPABLE, &sample, SKIPPABLE].concat();
        assert_eq!(Compression::of(&stream), compression);
        assert_eq!(decoder(&stream, &Limits::default()).unwrap().compression(), compression);
        assert_eq!(decode(&stream), (content().repeat(2), vec![]));
        let (output, findings) = decode(&[&sample[..], &SKIPPABLE[..10]].concat());
        assert_eq!(output, content());
        assert_eq!(codes(&findings), [(Code::StreamDamaged, Some(sample.len() as u64))]);
    }
    assert_eq!(Compression::of(SKIPPABLE), Compression::Zstd);
    assert_eq!(decode(SKIPPABLE), (vec![], vec![]));
    let cut = decoder(&SKIPPABLE[..10], &Limits::default()).unwrap_err();
    assert!(cut.to_string().contains("claims 13 bytes, 10 are there"), "{cut}");
}

#[test]
fn a_cut_is_told_and_takes_nothing_along() {
    for (compression, hex) in SAMPLES {
        let sample = bytes(hex);
        for length in compression.format().magic.len()..sample.len() {
            match decode_within(&sample[..length], &Limits::default()) {
                Ok((output, findings)) => {
                    assert!(!output.is_empty() && content().starts_with(&output));
                    assert_eq!(
                        codes(&findings),
                        [(Code::StreamDamaged, Some(length as u64))],
                        "{compression:?}"
                    );
                    assert!(findings[0].text.contains("is cut off"), "{}", findings[0].text);
                }
                Err(error) => {
                    assert!(matches!(error, Error::Malformed { .. }), "{error}");
                    assert!(error.to_string().contains("is cut off"), "{error}");
                }
            }
        }
        // Without its last byte, all of the content is there.
        let (output, _) = decode(&sample[..sample.len() - 1]);
        assert_eq!(output, content(), "{compression:?}");
    }
}

/// A sample with one byte of a checksum wrong, and the sample behind it.
fn with_wrong_byte(hex: &str, at: usize) -> Vec<u8> {
    let sample = bytes(hex);
    let mut wrong = sample.clone();
    wrong[at] ^= 0x55;
    [wrong, sample].concat()
}

#[test]
fn a_wrong_checksum_ends_nothing() {
    for (hex, at, offset) in [(GZIP, 23, 23), (LZ4, 33, 32), (ZSTD, 24, 23), (XZ_BLOCKS, 48, 52)] {
        let (output, findings) = decode(&with_wrong_byte(hex, at));
        assert_eq!(output, content().repeat(2), "{hex}");
        assert_eq!(codes(&findings), [(Code::ChecksumWrong, Some(offset))], "{hex}");
    }
}

#[test]
fn a_wrong_check_of_bzip2_comes_behind_its_content() {
    let (output, findings) = decode(&with_wrong_byte(BZIP2, 10));
    assert_eq!(output, content());
    assert_eq!(findings[0].code, Code::StreamDamaged);
}

#[test]
fn a_wrong_index_of_xz_comes_behind_its_content() {
    let (output, findings) = decode(&with_wrong_byte(XZ, 56));
    assert_eq!(output, content());
    assert_eq!(findings[0].code, Code::StreamDamaged);
}

#[test]
fn claims_of_size_are_compared() {
    let (output, findings) = decode(&with_wrong_byte(GZIP, 27));
    assert_eq!((output, codes(&findings)), (content().repeat(2), vec![(Code::SizeClaimWrong, Some(27))]));

    let mut zstd = bytes(ZSTD_SIZED);
    zstd[5] += 1;
    let (output, findings) = decode(&zstd);
    assert_eq!((output, codes(&findings)), (content(), vec![(Code::SizeClaimWrong, Some(28))]));
    assert_eq!(findings[0].text, "the zstd frame claims 281 bytes, its content has 280");

    // The header's checksum is one byte, so one of all bytes is right.
    let mut lz4 = bytes(&LZ4_SIZED.repeat(2));
    lz4[6] += 1;
    let decoded = (0..=255).filter_map(|sum| {
        lz4[14] = sum;
        decode_within(&lz4, &Limits::default()).ok()
    });
    let decoded: Vec<_> = decoded.collect();
    assert_eq!(decoded.len(), 1);
    let (output, findings) = &decoded[0];
    assert_eq!(*output, content().repeat(2));
    assert_eq!(codes(findings), [(Code::SizeClaimWrong, Some(40))]);
}

/// A huge size costs nothing, and the window it implies is above the limit.
#[test]
fn a_claim_is_not_allocated() {
    let mut zstd = b"\x28\xb5\x2f\xfd\xc0\x58\0\0\0\0\0\0\0\x40".to_vec();
    zstd.extend_from_slice(&bytes(ZSTD)[6..23]);
    let (output, findings) = decode(&zstd);
    assert_eq!((output, codes(&findings)), (content(), vec![(Code::SizeClaimWrong, Some(31))]));
    zstd[4] = 0xe0;
    zstd.remove(5);
    let refused = decoder(&zstd, &Limits::default()).unwrap_err();
    assert!(matches!(refused, Error::Limit { limit: "window", .. }), "{refused}");
}

#[test]
fn windows_above_the_limit_are_refused_with_both_numbers() {
    let mut zstd = bytes(ZSTD);
    zstd[5] = 0xa8;
    let mut xz = bytes(XZ);
    xz[16] = 40;
    let mut crc = Crc::new();
    crc.update(&xz[12..20]);
    xz[20..24].copy_from_slice(&crc.sum().to_le_bytes());
    for (stream, asked) in [(zstd, "2147483648"), (xz, "4294967295")] {
        let refused = decoder(&stream, &Limits::default()).unwrap_err().to_string();
        for part in [asked, "134217728", "--allow-large-window"] {
            assert!(refused.contains(part), "{refused}");
        }
        assert_eq!(decode_within(&stream, &Limits::default().window(1 << 32)).unwrap(), (content(), vec![]));
        // Behind something that was delivered it is the end, not a refusal.
        let hex = if stream[0] == 0xfd { XZ } else { ZSTD };
        let (output, findings) = decode(&[bytes(hex), stream].concat());
        assert_eq!((output, codes(&findings)[0].0), (content(), Code::OutputLimit));
    }
}

#[test]
fn a_window_at_the_limit_is_taken() {
    let limits = Limits::default().window(8 << 20);
    assert_eq!(decode_within(&bytes(XZ), &limits).unwrap().0, content());
    assert!(decode_within(&bytes(XZ), &Limits::default().window((8 << 20) - 1)).is_err());
}

#[test]
fn output_is_limited() {
    for (_, hex) in SAMPLES {
        let (output, findings) = decode_within(&bytes(hex), &Limits::default().output(100)).unwrap();
        assert_eq!((&output[..], codes(&findings)), (&content()[..100], vec![(Code::OutputLimit, None)]));
        assert!(findings[0].text.contains("`output`") && findings[0].text.contains("--max-output"));
        assert_eq!(decode_within(&bytes(hex), &Limits::default().output(280)).unwrap(), (content(), vec![]));
    }
}

#[test]
fn broken_headers_are_refused_with_their_offset() {
    for (header, expected) in [
        (&b"\x1f\x8b\x07\0\0\0\0\0\0\0"[..], "compression method 7, expected 8"),
        (b"\x1f\x8b\x08\xff\0\0\0\0\0\0", "header flags 0xff"),
        (b"\x28\xb5\x2f\xfd\x01\x58\x07\0\0\0", "ictionary"),
        (b"\xfd7zXZ\0\xff\xff\0\0\0\0", "xz stream damaged"),
        (b"BZh91AY&SZ", "bzip2 stream damaged"),
        (b"\x04\x22\x4d\x18\xff\xff\xff\xff\xff", "lz4 frame damaged"),
    ] {
        let refused = decoder(&[header, &[0; 40]].concat(), &Limits::default()).unwrap_err();
        assert!(matches!(refused, Error::Malformed { .. }), "{refused}");
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}

#[test]
fn gzip_headers_may_have_everything() {
    let plain = bytes(GZIP);
    let mut full = b"\x1f\x8b\x08\x1e\0\0\0\0\0\xff\x03\0abcname\0comment\0\xaa\xbb".to_vec();
    full.extend_from_slice(&plain[10..]);
    // An empty member between two others: deflate's empty last block, and zeros.
    let empty = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0";
    let stream = [&full[..], empty, &plain].concat();
    assert_eq!(decode(&stream), (content().repeat(2), vec![]));
}

/// Bytes that no format can make much smaller, so that damage lies where it is put.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn damage_in_the_midst_takes_nothing_along_from_before() {
    let content = noise(1_000_000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&content).unwrap();
    let mut bzip2 = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    bzip2.write_all(&content).unwrap();
    let info = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut lz4 = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    lz4.write_all(&content).unwrap();
    // How much is lost in front of the damage: a deflate block's bits, a block of 100 kB, a block of 64 KiB.
    for (stream, slack) in [
        (gzip.finish().unwrap(), 64 << 10),
        (bzip2.finish().unwrap(), 100_000),
        (lz4.finish().unwrap(), 64 << 10),
    ] {
        let mut stream = stream;
        let (whole, findings) = decode(&stream);
        assert!(whole == content && findings.is_empty());
        stream.truncate(600_000);
        let (output, findings) = decode(&stream);
        assert!(content.starts_with(&output));
        assert!(output.len() > 580_000 - slack, "{} of {} bytes", output.len(), content.len());
        assert_eq!(codes(&findings), [(Code::StreamDamaged, Some(600_000))]);
    }
}

/// A zstd decoder holds back a whole window; what it has is delivered when the next block is damaged.
#[test]
fn damage_of_zstd_releases_the_window() {
    let content = noise(100_000);
    let mut stream = b"\x28\xb5\x2f\xfd\x04\x58".to_vec();
    for block in content.chunks(1000) {
        stream.extend_from_slice(&(1000_u32 << 3).to_le_bytes()[..3]);
        stream.extend_from_slice(block);
    }
    let damaged = stream.len() as u64 + 3;
    stream.extend_from_slice(b"\x06\0\0");
    let (output, findings) = decode(&stream);
    assert!(output == content);
    assert_eq!(codes(&findings), [(Code::StreamDamaged, Some(damaged))]);
    assert!(findings[0].text.contains("zstd frame damaged"), "{}", findings[0].text);
}

/// The reader of xz drops what it decoded in the call that fails; little is asked for at once, so little is lost.
#[test]
fn damage_of_xz_takes_little_along() {
    let content = noise(3000);
    let mut stream = bytes(XZ)[..24].to_vec();
    for (index, chunk) in content.chunks(1000).enumerate() {
        // A stored chunk, the first of which begins a dictionary.
        stream.extend_from_slice(&[if index == 0 { 1 } else { 2 }, 0x03, 0xe7]);
        stream.extend_from_slice(chunk);
    }
    stream.truncate(24 + 3 * 3 + 2500);
    let (output, findings) = decode(&stream);
    assert!(content.starts_with(&output) && output.len() > 2500 - 512, "{} bytes", output.len());
    assert_eq!(codes(&findings), [(Code::StreamDamaged, Some(stream.len() as u64))]);
}

#[test]
fn an_empty_lz4_block_is_not_the_end() {
    let mut sample = bytes(LZ4);
    for empty in [&b"\0\0\0\x80"[..], b"\x01\0\0\0\0"] {
        sample.splice(7..7, empty.iter().copied());
    }
    assert_eq!(decode(&sample), (content(), vec![]));
}

#[test]
fn looking_loses_nothing() {
    let sample = bytes(&GZIP.repeat(3));
    let mut decoder = decoder(&sample, &Limits::default()).unwrap();
    assert_eq!(decoder.peek(500).unwrap()[..500], content().repeat(2)[..500]);
    let mut output = vec![0; 3];
    decoder.read_exact(&mut output).unwrap();
    assert_eq!(decoder.peek(1 << 20).unwrap(), &content().repeat(3)[3..]);
    decoder.read_to_end(&mut output).unwrap();
    assert_eq!(output, content().repeat(3));
    assert_eq!(decoder.finish(), []);
}

#[test]
fn what_nobody_read_is_checked_too() {
    let decoder = decoder(&with_wrong_byte(GZIP, 55 - 31), &Limits::default()).unwrap();
    assert_eq!(codes(&decoder.finish()), [(Code::ChecksumWrong, Some(23))]);
}

#[test]
fn a_failing_medium_is_an_error_and_no_damage() {
    struct Broken(io::Cursor<Vec<u8>>);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("disk on fire")),
                count => Ok(count),
            }
        }
    }
    for (compression, hex) in SAMPLES {
        for cut in [2, 9, 20] {
            let mut cut = bytes(hex)[..bytes(hex).len() - cut].to_vec();
            cut = [bytes(hex), cut].concat();
            let medium = BufReader::new(Broken(io::Cursor::new(cut)));
            let result = Decoder::new(Box::new(medium), &Limits::default())
                .and_then(|mut decoder| decoder.read_to_end(&mut Vec::new()).map_err(Error::io("test")));
            let error = result.unwrap_err();
            assert!(error.to_string().contains("disk on fire"), "{compression:?}: {error}");
        }
    }
}

proptest! {
    /// Bytes behind a magic, and samples with bytes changed: no panic, no more output than is allowed, and what is
    /// refused is refused for damage or a limit.
    #[test]
    fn nothing_panics(
        sample in prop::sample::select(&SAMPLES[..]),
        kept in 0_usize..120,
        noise in prop::collection::vec(any::<u8>(), 0..200),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut stream = bytes(sample.1);
        stream.truncate(kept.max(sample.0.format().magic.len()));
        stream.extend_from_slice(&noise);
        for (at, byte) in changes {
            let at = at.index(stream.len());
            stream[at] = byte;
        }
        let limits = Limits::default().output(1 << 20).window(1 << 24);
        match decode_within(&stream, &limits) {
            Ok((output, _)) => prop_assert!(output.len() <= 1 << 20 || Compression::of(&stream) == Compression::None),
            Err(error) => prop_assert!(matches!(error, Error::Malformed { .. } | Error::Limit { .. }), "{}", error),
        }
    }

    /// Samples with a single bit changed deliver a beginning of what they hold, or say that something is wrong.
    #[test]
    fn a_flipped_bit_is_told(sample in prop::sample::select(&SAMPLES[..]), at: prop::sample::Index, bit in 0..8) {
        let mut stream = bytes(sample.1);
        let at = at.index(stream.len());
        stream[at] ^= 1_u8 << bit;
        if let Ok((output, findings)) = decode_within(&stream, &Limits::default()) {
            let harmless = output == content() || Compression::of(&stream) == Compression::None;
            prop_assert!(harmless || !findings.is_empty(), "byte {} of {:?}", at, sample);
        }
    }
}
