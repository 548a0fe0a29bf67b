//! Streams written by hand, as the streamer writes them and as it never would.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::Options;

/// A marker and what follows it, as bytes.
fn frame(number: u64, key: u8, value: &[u8], data: &[u8]) -> Vec<u8> {
    let mut marker = Vec::new();
    if number > 0 {
        marker.push(0x08);
        marker.extend(varint(number));
    }
    marker.push(key);
    marker.extend_from_slice(value);
    let mut bytes = u32::try_from(marker.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(marker);
    bytes.extend_from_slice(data);
    bytes
}

fn varint(number: u64) -> Vec<u8> {
    let mut number = number;
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

fn name(number: u64, name: &str) -> Vec<u8> {
    frame(number, 0x12, &[&varint(name.len() as u64), name.as_bytes()].concat(), b"")
}

fn data(number: u64, bytes: &[u8]) -> Vec<u8> {
    frame(number, 0x18, &varint(bytes.len() as u64), bytes)
}

fn file_end(number: u64) -> Vec<u8> {
    frame(number, 0x20, &[1], b"")
}

fn stream_end(number: u64) -> Vec<u8> {
    frame(number, 0x28, &[1], b"")
}

/// What is served: names with contents, and the findings.
type Served = (Vec<(String, Vec<u8>)>, Vec<Finding>);

fn served(shards: &[Vec<u8>], options: &Options) -> Served {
    let named = |(index, bytes): (usize, &Vec<u8>)| {
        let source: SharedSource = Arc::new(bytes.clone());
        Shard { name: format!("shard `{index}`"), source }
    };
    let shards = shards.iter().enumerate().map(named).collect();
    let mut findings = Findings::default();
    let contents = merged(shards, Compression::None, &options.limits, &mut findings).unwrap();
    let content = |member: &Member| member.bytes(("image", 1 << 20)).unwrap().into_owned();
    let list = contents.members.iter().map(|member| (member.name.to_string(), content(member))).collect();
    (list, findings.into_vec())
}

fn serve(shards: &[Vec<u8>]) -> Served {
    served(shards, &Options::default())
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

fn files(list: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    list.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
}

/// Two files that take turns, over two shards.
fn turns() -> [Vec<u8>; 2] {
    let first = [name(0, "pages-1.img"), data(2, b"12"), data(5, b"34"), file_end(9), stream_end(10)];
    let second = [data(1, b"0"), name(3, "pagemap-1.img"), name(4, "pages-1.img"), name(6, "pagemap-1.img")];
    let third = [data(7, b"map"), file_end(8)];
    [first.concat(), [second.concat(), third.concat()].concat()]
}

#[test]
fn shards_are_merged_by_number() {
    let expected = files(&[("pages-1.img", b"01234"), ("pagemap-1.img", b"map")]);
    let [first, second] = turns();
    assert_eq!(serve(&[first.clone(), second.clone()]), (expected.clone(), vec![]));
    assert_eq!(serve(&[second, first]), (expected, vec![]));
}

#[test]
fn offsets_are_those_of_the_first_piece() {
    let shards = [[name(0, "a"), data(1, b"")].concat(), [data(2, b"xy"), stream_end(3)].concat()];
    let sources = shards.map(|bytes| Shard { name: String::new(), source: Arc::new(bytes) });
    let contents = merged(sources.into(), Compression::None, &Limits::default(), &mut Findings::default());
    let members = contents.unwrap().members;
    let member = members.get(b"a").unwrap();
    assert_eq!((member.offset, member.size, member.available()), (8, 2, 2));
    let source = member.source().unwrap();
    assert_eq!(source.as_slice(), Some(&b"xy"[..]), "one piece is borrowed");
}

#[test]
fn a_shard_that_is_there_twice_counts_once() {
    let [first, second] = turns();
    let (list, findings) = serve(&[first.clone(), second.clone(), first]);
    assert_eq!(list, serve(&turns()).0);
    assert_eq!(codes(&findings), [Code::StreamTwice]);
    assert_eq!(findings[0].text, "5 markers are there more than once, the first is 0; they count once");
}

#[test]
fn a_gap_is_named_and_nothing_is_joined_across_it() {
    let stream = [name(0, "a"), data(1, b"before"), data(4, b"behind"), file_end(5), stream_end(8)].concat();
    let (list, findings) = serve(&[stream]);
    assert_eq!(list, files(&[("a", b"before")]));
    assert_eq!(codes(&findings), [Code::StreamGap]);
    let text = &findings[0].text;
    assert!(text.contains("marker 2 is missing, 4 in all"), "{text}");
    assert_eq!(findings[0].member, Some(crate::MemberName::new(b"a")));
}

#[test]
fn numbers_at_the_end_of_64_bits_cost_nothing() {
    let stream = [name(0, "a"), data(u64::MAX - 1, b"x"), stream_end(u64::MAX)].concat();
    let (list, findings) = serve(&[stream]);
    assert_eq!((list, codes(&findings)), (files(&[("a", b"")]), vec![Code::StreamGap]));
    assert!(findings[0].text.contains("18446744073709551613 in all"), "{}", findings[0].text);
}

#[test]
fn a_missing_end_is_told() {
    let (list, findings) = serve(&[[name(0, "a"), data(1, b"x"), file_end(2), name(3, "b")].concat()]);
    assert_eq!((list, codes(&findings)), (files(&[("a", b"x"), ("b", b"")]), vec![Code::StreamNoEnd]));
    assert!(findings[0].text.ends_with("one member may be incomplete"), "{}", findings[0].text);
}

#[test]
fn data_in_front_of_any_name_is_told() {
    let (list, findings) = serve(&[[data(0, b"stray"), name(1, "a"), stream_end(2)].concat()]);
    assert_eq!((list, codes(&findings)), (files(&[("a", b"")]), vec![Code::StreamStray]));
    assert!(findings[0].text.contains("marker 0 announces 5 bytes at offset 0x6"), "{}", findings[0].text);
    assert_eq!(findings[0].offset, Some(6));
}

#[test]
fn data_beyond_the_shard_cuts_the_member() {
    let cut = [name(0, "a"), frame(1, 0x18, &varint(4_294_967_295), b"all there is")].concat();
    let more = [data(2, b"not joined"), stream_end(3)].concat();
    let sources = [cut, more].map(|bytes| Shard { name: String::new(), source: Arc::new(bytes) });
    let mut findings = Findings::default();
    let contents = merged(sources.into(), Compression::None, &Limits::default(), &mut findings).unwrap();
    let member = contents.members.get(b"a").unwrap();
    assert_eq!((member.size, member.available(), member.is_cut()), (4_294_967_305, 12, true));
    assert_eq!(member.bytes(("image", 100)).unwrap().as_ref(), b"all there is");
}

#[test]
fn damaged_markers_end_their_shard() {
    let good = [name(0, "a"), data(1, b"x")].concat();
    for (damage, code) in [(&b"\x01\x28\0\0"[..], Code::BadSize), (b"\x02\0\0\0\x30\x01", Code::BadHeader)] {
        let (list, findings) = serve(&[[&good[..], damage, &file_end(2), &stream_end(3)].concat()]);
        assert_eq!((list, codes(&findings)), (files(&[("a", b"x")]), vec![code, Code::StreamNoEnd]));
        assert_eq!(findings[0].offset, Some(good.len() as u64));
    }
}

#[test]
fn what_follows_the_end_is_told() {
    let stream = [name(0, "a"), stream_end(1)].concat();
    let (_, findings) = serve(&[[&stream[..], b"junk"].concat()]);
    assert_eq!(codes(&findings), [Code::TrailingData]);
    let (list, findings) = serve(&[stream, name(2, "b")]);
    assert_eq!((list, codes(&findings)), (files(&[("a", b"")]), vec![Code::TrailingData]));
}

#[test]
fn limits_are_kept_and_told() {
    let stream =
        [name(0, "a"), name(1, "b"), data(2, b"x"), name(3, "a"), data(4, b"y"), stream_end(5)].concat();
    let options = Options::default().limits(Limits::default().members(1));
    let (list, findings) = served(std::slice::from_ref(&stream), &options);
    assert_eq!((list, codes(&findings)), (files(&[("a", b"y")]), vec![Code::TooManyMembers]));
    let options = Options::default().limits(Limits::default().markers(3));
    let (list, findings) = served(&[stream], &options);
    assert_eq!(list, files(&[("a", b""), ("b", b"x")]));
    assert_eq!(codes(&findings), [Code::TooManyMembers, Code::StreamNoEnd]);
}

#[test]
fn streams_are_told_from_other_things() {
    let [first, second] = turns();
    for stream in [&first[..], &second, &first[..20], &name(7, "x"), &data(3, &[7; 2000]), &file_end(2)] {
        assert!(is_stream(stream), "{stream:x?}");
    }
    let magics: [&[u8]; 9] = [
        b"",
        b"\0\0\0",
        &[0; 1024],
        b"\x02\0\0\0",
        b"\x02\0\0\0\x20\x01\0\0\0\0\0\0\0\0",
        b"\x02\0\0\0\x01\0\0\0\x03\0\0\0",
        b"\x16\x31\x31\x58\x19\x43\x56\x54",
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff",
        b"config.dump\0\0\0\0\0",
    ];
    for other in magics {
        assert!(!is_stream(other), "{other:x?}");
    }
}

/// A list of members as a directory gives it.
fn directory(contents: &[&[u8]]) -> (tempfile::TempDir, Vec<Member>) {
    let folder = tempfile::tempdir().unwrap();
    for (index, bytes) in contents.iter().enumerate() {
        std::fs::write(folder.path().join(format!("img-{index}")), bytes).unwrap();
    }
    let list =
        super::super::directory::list(folder.path(), &Options::default(), &mut Findings::default()).unwrap();
    (folder, list)
}

#[test]
fn a_directory_of_shards_holds_nothing_else() {
    let options = Options::default();
    let opener = Opener { options: &options };
    let found = |contents: &[&[u8]]| {
        let (_folder, list) = directory(contents);
        shards(&list, &opener, &mut Findings::default()).unwrap().map(|contents| contents.members.len())
    };
    let [first, second] = turns();
    assert_eq!(found(&[&first, &second]), Some(2));
    assert_eq!(found(&[&second, b"", &first]), Some(2), "nothing was written to a shard");
    assert_eq!(found(&[&first, &second, b"read me"]), None);
    assert_eq!(found(&[&second]), None, "no file name is first");
    assert_eq!(found(&[]), None);
}

#[test]
fn shards_are_compressed_one_by_one() {
    let options = Options::default();
    let opener = Opener { options: &options };
    let [first, second] = turns();
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    std::io::Write::write_all(&mut lz4, &second).unwrap();
    let second = lz4.finish().unwrap();
    let (_folder, list) = directory(&[&first, &second]);
    let mut findings = Findings::default();
    let contents = shards(&list, &opener, &mut findings).unwrap().unwrap();
    assert_eq!((contents.kind, contents.compression), (Some(Kind::Stream), Compression::Lz4));
    assert_eq!(contents.members.get(b"pages-1.img").unwrap().bytes(("image", 9)).unwrap().as_ref(), b"01234");
    assert_eq!(findings.into_vec(), []);

    // A shard that is cut is told with its name, and what it has is served; one with nothing left is a gap.
    for (length, text, code) in [
        (second.len() - 2, "shard `img-1`: the lz4 stream is cut off", None),
        (20, "shard `img-1`: archive, offset 0x14: the lz4 stream is cut off", Some(Code::StreamGap)),
    ] {
        let (_folder, list) = directory(&[&first, &second[..length]]);
        let mut findings = Findings::default();
        assert!(shards(&list, &opener, &mut findings).unwrap().is_some());
        let findings = findings.into_vec();
        assert!(findings[0].text.starts_with(text), "{}", findings[0].text);
        assert_eq!(findings.get(1).map(|finding| finding.code), code);
    }
}

/// A million markers, in the worst order and of one number: a quadratic step would never end.
#[test]
fn many_markers_are_merged() {
    let backwards: Vec<u8> = (0..500_000).rev().flat_map(|number| data(number, b"")).collect();
    let equal: Vec<u8> = (0..500_000).flat_map(|_| name(0, "a")).collect();
    let (list, findings) = serve(&[backwards, equal]);
    assert_eq!(list.len(), 0);
    assert!(findings.len() < 100);
}

proptest! {
    /// Frames in any order with any numbers, some of them damaged: no panic, and no more bytes than there are.
    #[test]
    fn nothing_panics(
        frames in prop::collection::vec(
            (0_u64..12, 0_u8..6, prop::collection::vec(any::<u8>(), 0..12)),
            0..24,
        ),
        noise in prop::collection::vec(any::<u8>(), 0..16),
        at: prop::sample::Index,
    ) {
        let mut stream = Vec::new();
        for (number, kind, bytes) in frames {
            stream.extend(match kind {
                0 | 1 => data(number, &bytes),
                2 => name(number, &String::from_utf8_lossy(&bytes)),
                3 => file_end(number),
                4 => stream_end(number),
                _ => frame(number, 0x18, &varint(1 << 30), &bytes),
            });
        }
        let (left, right) = stream.split_at(at.index(stream.len().saturating_add(1)));
        let shards = [left.to_vec(), right.to_vec(), noise];
        let (list, _) = serve(&shards);
        let served: usize = list.iter().map(|(_, content)| content.len()).sum();
        prop_assert!(served <= shards.iter().map(Vec::len).sum());
        let _ = is_stream(&stream);
    }
}
