//! Rows of frames: several contents, empty ones, limits that lie across them, and what stands around them.

use super::*;

/// What the formats' own tools make of nothing.
const EMPTY: [(Compression, &str); 5] = [
    (Compression::Gzip, "1f8b080000000000000303000000000000000000"),
    (Compression::Bzip2, "425a683917724538509000000000"),
    (Compression::Xz, "fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a"),
    (Compression::Lz4, "04224d186440a700000000055dcc02"),
    (Compression::Zstd, "28b52ffd240001000099e9d851"),
];

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn lz4(content: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().content_checksum(true).block_checksums(true);
    let info = info.block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn formats_are_told_by_their_magic_alone() {
    let cases: [(&[u8], Compression); 14] = [
        (b"", Compression::None),
        (b"\x1f", Compression::None),
        (b"\x1f\x8b", Compression::Gzip),
        (b"BZ", Compression::None),
        (b"BZh", Compression::Bzip2),
        (b"bzh9", Compression::None),
        (b"\xfd7zXZ", Compression::None),
        (b"\xfd7zXZ\0", Compression::Xz),
        (b"\x28\xb5\x2f", Compression::None),
        (b"\x28\xb5\x2f\xfd", Compression::Zstd),
        (b"\x04\x22\x4d\x18", Compression::Lz4),
        // The older format of lz4, and LZMA without a container: no engine has ever written one.
        (b"\x02\x21\x4c\x18", Compression::None),
        (b"\x5d\0\0\x80\0", Compression::None),
        (b"PK\x03\x04", Compression::None),
    ];
    for (head, expected) in cases {
        assert_eq!(Compression::of(head), expected, "{head:x?}");
    }
    let names: std::collections::BTreeSet<_> =
        Compression::ALL.iter().map(|compression| compression.name()).collect();
    assert_eq!(names.len(), Compression::ALL.len());
}

#[test]
fn frames_to_be_skipped_have_sixteen_magics_and_a_length() {
    for last in 0x50..=0x5f {
        assert_eq!(frames::skippable(&[last, 0x2a, 0x4d, 0x18, 1, 2, 0, 0]), Some(8 + 0x201));
    }
    assert_eq!(frames::skippable(b"\x50\x2a\x4d\x18\xff\xff\xff\xff"), Some((1 << 32) + 7));
    for other in
        [&b"\x4f\x2a\x4d\x18\0\0\0\0"[..], b"\x60\x2a\x4d\x18\0\0\0\0", b"\x50\x2a\x4d\x18\0\0\0", b""]
    {
        assert_eq!(frames::skippable(other), None, "{other:x?}");
    }
    // A length of 4 GiB is passed by what is there, and then told.
    let refused = decoder(b"\x50\x2a\x4d\x18\xff\xff\xff\xffnotes", &Limits::default()).unwrap_err();
    assert!(refused.to_string().contains("claims 4294967303 bytes, 13 are there"), "{refused}");
}

#[test]
fn nothing_is_a_content_too() {
    for (compression, hex) in EMPTY {
        let empty = bytes(hex);
        assert_eq!(Compression::of(&empty), compression);
        assert_eq!(decode(&empty), (vec![], vec![]), "{compression:?}");
        let (_, sample) = SAMPLES.into_iter().find(|(sample, _)| *sample == compression).unwrap();
        let between = [&empty[..], &bytes(sample), &empty, &empty, &bytes(sample), &empty].concat();
        assert_eq!(decode(&between), (content().repeat(2), vec![]), "{compression:?}");
    }
}

#[test]
fn nothing_that_is_cut_is_refused() {
    for (compression, hex) in EMPTY {
        let empty = bytes(hex);
        for length in compression.format().magic.len()..empty.len() {
            let refused = decoder(&empty[..length], &Limits::default()).unwrap_err();
            assert!(
                matches!(&refused, Error::Malformed { offset, .. } if *offset <= length as u64),
                "{refused}"
            );
        }
    }
}

/// A cut at the border of two frames looks like an end; nothing in the formats could tell.
#[test]
fn a_cut_inside_a_later_frame_keeps_the_earlier_ones() {
    for (compression, hex) in SAMPLES {
        let sample = bytes(hex);
        let magic = compression.format().magic.len();
        for length in magic..sample.len() {
            let (output, findings) = decode(&[&sample[..], &sample[..length]].concat());
            assert!(output.starts_with(&content()), "{compression:?} {length}");
            assert!(content().repeat(2).starts_with(&output));
            assert_eq!(codes(&findings), [(Code::StreamDamaged, Some((sample.len() + length) as u64))]);
        }
        // Less than a magic is no frame.
        for length in 1..magic {
            let (output, findings) = decode(&[&sample[..], &sample[..length]].concat());
            assert_eq!(output, content());
            assert_eq!(codes(&findings), [(Code::CompressedTrailing, Some(sample.len() as u64))]);
        }
    }
}

#[test]
fn a_frame_of_another_format_is_not_decoded() {
    for (one, first) in SAMPLES {
        for (other, second) in SAMPLES.into_iter().filter(|(other, _)| *other != one) {
            let (output, findings) = decode(&[bytes(first), bytes(second)].concat());
            assert_eq!(output, content(), "{one:?} {other:?}");
            assert_eq!(codes(&findings), [(Code::CompressedTrailing, Some(bytes(first).len() as u64))]);
            assert!(findings[0].text.contains(one.name()), "{}", findings[0].text);
        }
    }
}

#[test]
fn the_limit_on_output_counts_all_frames() {
    for (compression, hex) in SAMPLES {
        let three = bytes(&hex.repeat(3));
        for limit in [0, 1, 279, 280, 281, 560, 839] {
            let (output, findings) = decode_within(&three, &Limits::default().output(limit)).unwrap();
            assert_eq!(output.len() as u64, limit, "{compression:?}");
            assert!(content().repeat(3).starts_with(&output));
            assert_eq!(codes(&findings), [(Code::OutputLimit, None)], "{compression:?} {limit}");
        }
        for limit in [840, 841, u64::MAX] {
            assert_eq!(
                decode_within(&three, &Limits::default().output(limit)).unwrap(),
                (content().repeat(3), vec![])
            );
        }
    }
}

#[test]
fn each_byte_of_a_gzip_trailer_counts() {
    let sample = bytes(GZIP);
    let trailer = sample.len() - 8;
    for at in 0..8 {
        let mut wrong = sample.clone();
        wrong[trailer + at] ^= 0x80;
        let (output, findings) = decode(&wrong);
        assert_eq!(output, content());
        let code = if at < 4 { Code::ChecksumWrong } else { Code::SizeClaimWrong };
        assert_eq!(codes(&findings), [(code, Some((trailer + at / 4 * 4) as u64))], "{at}");
    }
    let mut both = sample;
    both[trailer] ^= 1;
    both[trailer + 4] ^= 1;
    assert_eq!(decode(&both).1.len(), 2);
}

#[test]
fn gzip_headers_may_end_anywhere() {
    let plain = bytes(GZIP);
    let mut full = b"\x1f\x8b\x08\x1e\0\0\0\0\0\xff\x03\0abcname\0comment\0\xaa\xbb".to_vec();
    let header = full.len();
    full.extend_from_slice(&plain[10..]);
    assert_eq!(decode(&full), (content(), vec![]));
    for length in 2..=header {
        let refused = decoder(&full[..length], &Limits::default()).unwrap_err();
        assert!(refused.to_string().contains("is cut off"), "{length}: {refused}");
    }
    // A name without an end swallows what follows, and is told as a cut.
    let endless = [&b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"[..], &[b'n'; 100_000]].concat();
    assert!(decoder(&endless, &Limits::default()).unwrap_err().to_string().contains("0x186aa"));
}

#[test]
fn what_follows_is_counted_no_further_than_the_limit() {
    let stream = [&bytes(GZIP)[..], &vec![1; 200_000]].concat();
    let (_, findings) = decode(&stream);
    assert!(findings[0].text.starts_with("200000 bytes follow the gzip stream"), "{}", findings[0].text);
    let (_, findings) = decode_within(&stream, &Limits::default().output(1000)).unwrap();
    assert!(findings[0].text.starts_with("at least "), "{}", findings[0].text);
}

#[test]
fn a_wrong_block_of_lz4_ends_its_frame() {
    let sound = lz4(&noise(200_000));
    assert_eq!(decode(&sound).1, []);
    let mut wrong = sound.clone();
    let at = sound.len() - 5000;
    wrong[at] ^= 1;
    let (output, findings) = decode(&wrong);
    assert!(noise(200_000).starts_with(&output));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, Code::ChecksumWrong);
    assert!(findings[0].text.contains("lz4 frame damaged near compressed offset"), "{}", findings[0].text);
}

proptest! {
    /// Any contents, a frame each, come out one behind the other, however little is asked for at once.
    #[test]
    fn contents_come_back(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 1..4),
        portion in 1_usize..5000,
    ) {
        for encode in [gzip, bzip2, lz4] {
            let stream: Vec<u8> = contents.iter().flat_map(|content| encode(content)).collect();
            let mut decoder = decoder(&stream, &Limits::default()).unwrap();
            let (mut output, mut buffer) = (Vec::new(), vec![0; portion]);
            loop {
                let count = decoder.read(&mut buffer).unwrap();
                if count == 0 {
                    break;
                }
                output.extend_from_slice(&buffer[..count]);
            }
            prop_assert_eq!(output, contents.concat());
            prop_assert_eq!(decoder.finish(), []);
        }
    }

    /// Looking ahead by any amount in between changes nothing.
    #[test]
    fn looks_change_nothing(looks in prop::collection::vec((0_usize..1500, 0_usize..400), 0..8)) {
        for (_, hex) in SAMPLES {
            let stream = bytes(&hex.repeat(3));
            let truth = content().repeat(3);
            let mut decoder = decoder(&stream, &Limits::default()).unwrap();
            let mut output = Vec::new();
            for (look, read) in &looks {
                let rest = &truth[output.len()..];
                let peeked = decoder.peek(*look).unwrap();
                prop_assert!(rest.starts_with(peeked) && peeked.len() >= (*look).min(rest.len()));
                let mut buffer = vec![0; *read];
                let count = decoder.read(&mut buffer).unwrap();
                output.extend_from_slice(&buffer[..count]);
            }
            decoder.read_to_end(&mut output).unwrap();
            prop_assert_eq!(output, truth);
        }
    }
}
