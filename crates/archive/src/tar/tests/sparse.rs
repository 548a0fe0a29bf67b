//! Sparse members in all their dialects, sound and not.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small, and overflow would fail it"
)]

use icecore_synth::{Chunk, Dialect};

use super::*;

/// What a sparse member should read as.
fn laid_out(real_size: usize, chunks: &[Chunk<'_>]) -> Vec<u8> {
    let mut whole = vec![0; real_size];
    for (start, bytes) in chunks {
        let start = usize::try_from(*start).unwrap();
        whole[start..start + bytes.len()].copy_from_slice(bytes);
    }
    whole
}

fn check(real_size: usize, chunks: &[Chunk<'_>]) {
    for dialect in Dialect::ALL {
        let tar = Tar::new()
            .file("before", "1")
            .sparse(dialect, "sparse", real_size as u64, chunks)
            .file("behind", "2")
            .finish();
        let listed = list(&tar).sound();
        assert_eq!(listed.names(), ["before", "sparse", "behind"], "{dialect:?}");
        let member = &listed.members[1];
        assert!(member.is_sparse() && member.is_file() && !member.is_cut(), "{dialect:?}");
        assert_eq!(member.size, real_size as u64);
        assert!(content(member).unwrap() == laid_out(real_size, chunks), "{dialect:?} {real_size}");
        assert_eq!(content(&listed.members[2]).unwrap(), b"2");
    }
}

#[test]
fn holes_may_be_anywhere() {
    check(4096, &[(512, &[1; 512])]);
    check(4096, &[(0, &[1; 100])]);
    check(4096, &[(4000, &[1; 96])]);
    check(1000, &[(0, &[1; 1000])]);
    check(10_000, &[(1, &[1; 1]), (3, &[2; 1]), (9_999, &[3; 1])]);
}

#[test]
fn a_file_may_be_nothing_but_a_hole() {
    check(0, &[]);
    check(100_000, &[]);
    // What GNU tar writes for it: one chunk of no bytes at the end.
    check(4096, &[(4096, b"")]);
}

#[test]
fn chunks_that_touch_are_one() {
    check(30, &[(5, b"abc"), (8, b"def"), (11, b"ghi")]);
}

/// Four chunks fit the header of GNU's form, 21 each block behind it.
#[test]
fn maps_grow_beyond_their_first_block() {
    let data = [9; 10];
    for count in [4, 5, 24, 25, 26, 46, 47, 300] {
        let chunks: Vec<Chunk<'_>> = (0..count).map(|index| (index * 1000, &data[..])).collect();
        check(usize::try_from(count).unwrap() * 1000, &chunks);
    }
}

#[test]
fn what_is_stored_is_told_from_holes() {
    for dialect in Dialect::ALL {
        let tar = Tar::new().sparse(dialect, "s", 1 << 32, &[(1 << 31, b"x")]).finish();
        let listed = list(&tar).sound();
        let source = listed.only().source().unwrap();
        assert_eq!(source.len(), 1 << 32, "{dialect:?}");
        assert_eq!(source.next_data(0), Some(1 << 31..(1 << 31) + 1));
        assert_eq!(source.next_data((1 << 31) + 1), None);
    }
}

/// Neighbours are read whatever the map of the one between them is.
fn check_damaged(tar: Tar, reason: &str) {
    let listed = list(&tar.file("behind", "2").finish());
    let names = listed.names();
    assert_eq!(names.last().map(String::as_str), Some("behind"), "{reason}: {:?}", listed.findings);
    assert_eq!(listed.codes(), [Code::BadSparse], "{reason}");
    assert!(listed.findings[0].text.contains(reason), "{}", listed.findings[0].text);
    let why = content(&listed.members[0]).unwrap_err();
    assert!(why.contains(reason), "{why}");
}

fn announced(records: &[(&str, &[u8])], body: &str) -> Tar {
    Tar::new().pax(records).file("GNUSparseFile.0/s", body)
}

#[test]
fn maps_in_records_are_checked() {
    let size: (&str, &[u8]) = ("GNU.sparse.size", b"100");
    for (map, reason) in [
        ("0,5,3,5", "in front of 5"),
        ("90,20", "passes the size of 100 bytes"),
        ("0,50", "counts 50 bytes, but 10 are stored"),
        ("0,5,9", "no number"),
        ("0,x", "no number"),
        ("0,-1", "no number"),
        ("18446744073709551615,2", "passes the size"),
        ("0,18446744073709551616", "no number"),
    ] {
        check_damaged(announced(&[size, ("GNU.sparse.map", map.as_bytes())], "0123456789"), reason);
    }
    check_damaged(announced(&[("GNU.sparse.size", b"x")], ""), "is no number");
    let pair = [size, ("GNU.sparse.offset", b"0"), ("GNU.sparse.numbytes", b"x")];
    check_damaged(announced(&pair, ""), "no number");
}

#[test]
fn a_form_that_is_not_known_is_told() {
    let major = |major: &'static [u8]| [("GNU.sparse.major", major), ("GNU.sparse.realsize", &b"9"[..])];
    check_damaged(announced(&major(b"2"), "0\n"), "not known");
    check_damaged(announced(&[("GNU.sparse.major", b"1")], "0\n"), "no real size");
    check_damaged(
        announced(&[("GNU.sparse.major", b"1"), ("GNU.sparse.realsize", b"-3")], ""),
        "no real size",
    );
}

#[test]
fn maps_in_front_of_the_data_are_checked() {
    let records: [(&str, &[u8]); 2] = [("GNU.sparse.major", b"1"), ("GNU.sparse.realsize", b"100")];
    let block = |map: &str| format!("{map}{}", "\0".repeat(512 - map.len()));
    for (map, reason) in [
        (block("1\nx\n1\n"), "no number"),
        (block("1\n0\n-1\n"), "no number"),
        (block("999\n0\n1\n"), "more chunks than it has room for"),
        (block("2\n0\n1\n"), "longer than the member"),
        (block("1\n0\n600\n"), "passes the size"),
        (block("1\n0\n50\n"), "counts 50 bytes, but 0 are stored"),
        (block("99999999999999999999\n"), "no number"),
        (block(""), "longer than the member"),
    ] {
        check_damaged(announced(&records, &map), reason);
    }
}

#[test]
fn the_map_of_an_old_header_is_checked() {
    let header = |map: &[u8], size: &[u8]| {
        let header = Header::new(b'S', "s").gnu().size(10).at(386, map).at(483, size);
        Tar::new().member(header, "0123456789")
    };
    check_damaged(header(b"00000000000\x0000000000005x", b"00000000144\0"), "no number");
    check_damaged(header(b"00000000000\x0000000000024\0", b"00000000144\0"), "counts 20 bytes, but 10");
    check_damaged(header(b"00000000000\x0000000000012\0", b"9"), "no number");
    check_damaged(header(b"00000000140\x0000000000012\0", b"00000000144\0"), "passes the size of 100");
}

/// The mark says that more of the map follows, but a header does.
#[test]
fn a_map_that_does_not_go_on_leaves_the_next_member_alone() {
    let map = b"00000000000\x0000000000000\0";
    let header = Header::new(b'S', "s").gnu().size(0).at(386, map).at(482, &[1]).at(483, b"00000000144\0");
    let listed = list(&Tar::new().member(header, "").file("behind", "2").finish());
    assert_eq!(listed.names(), ["s", "behind"]);
    assert_eq!(listed.codes(), [Code::BadSparse]);
    assert!(listed.findings[0].text.contains("no part of one"), "{}", listed.findings[0].text);
    assert_eq!(content(&listed.members[1]).unwrap(), b"2");
}

#[test]
fn chunks_are_limited() {
    let data = [1; 1];
    let chunks: Vec<Chunk<'_>> = (0..100).map(|index| (index * 10, &data[..])).collect();
    for dialect in [Dialect::Gnu, Dialect::Pax10] {
        let tar = Tar::new().sparse(dialect, "s", 1000, &chunks).finish();
        let listed = list_within(&tar, &Limits::default().sparse_chunks(50));
        assert!(listed.codes().contains(&Code::BadSparse), "{dialect:?}");
        assert!(content(&listed.members[0]).is_err());
        list_within(&tar, &Limits::default().sparse_chunks(126)).sound();
    }
}

/// Cut anywhere: no panic, and what is served begins as the file does.
#[test]
fn a_sparse_member_may_be_cut() {
    let chunks: [Chunk<'_>; 6] = [
        (10, &[1; 300]),
        (1000, &[2; 300]),
        (2000, &[3; 300]),
        (3000, &[4; 5]),
        (4000, &[5; 5]),
        (5000, &[6; 5]),
    ];
    let whole = laid_out(6000, &chunks);
    for dialect in Dialect::ALL {
        let tar = Tar::new().sparse(dialect, "s", 6000, &chunks).finish();
        for length in (0..tar.len() - 1024).step_by(7) {
            let listed = list(&tar[..length]);
            assert!(!listed.findings.is_empty() || listed.members[0].is_cut(), "{dialect:?} {length}");
            let Some(member) = listed.members.first().filter(|member| member.is_sparse()) else { continue };
            let Ok(bytes) = content(member) else { continue };
            let there = usize::try_from(member.available()).unwrap().min(whole.len());
            assert_eq!(bytes[..there], whole[..there], "{dialect:?} {length}");
        }
    }
}

proptest! {
    #[test]
    fn any_chunks_read_back(runs in prop::collection::vec((0_usize..700, prop::collection::vec(1_u8.., 0..700)), 0..40), tail in 0_usize..2000) {
        let mut end = 0;
        let placed: Vec<(u64, &[u8])> = runs.iter().map(|(hole, bytes)| {
            let start = end + hole;
            end = start + bytes.len();
            (start as u64, &bytes[..])
        }).collect();
        check(end + tail, &placed);
    }
}
