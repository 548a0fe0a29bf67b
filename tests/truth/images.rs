//! `decode | encode` gives every image of every case back, byte for byte.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::command::{icecore, piped};
use icecore_archive::{Archive, Keep, Options};
use icecore_tests::cases;
use serde_json::Value;

/// Images by the names that they have in their archive; containers of a pod have images of the same name.
type Images = BTreeMap<String, Vec<Vec<u8>>>;

#[derive(Default)]
struct Counts {
    archives: usize,
    images: usize,
    bytes: usize,
    big_endian: usize,
}

#[test]
fn decode_and_encode_give_the_same_bytes() {
    let magics = magics();
    let mut counts = Counts::default();
    for case in cases() {
        for archive in case.archives() {
            let mut images = images(&archive.path, &magics);
            check(&archive.path, &mut images, &mut counts);
            let left: Vec<_> = images.iter().filter(|(_, left)| !left.is_empty()).collect();
            assert!(left.is_empty(), "{}: not decoded: {:?}", archive.path.display(), left[0].0);
            counts.archives += 1;
        }
    }
    let Counts { archives, images, bytes, big_endian } = counts;
    eprintln!("{archives} archives, {images} images, {bytes} bytes, {big_endian} of them big-endian images");
    assert!(images > 900 && big_endian > 20, "{images} images, {big_endian} big-endian");
}

/// Decodes an archive, encodes each line, and takes the image that it gives away from those that are expected.
fn check(archive: &Path, images: &mut Images, counts: &mut Counts) {
    let place = archive.display();
    let decoded = icecore(&["decode".as_ref(), archive.as_os_str()]);
    assert_eq!(decoded.code, 0, "{place}: {}", decoded.err);
    for line in decoded.out.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let json: Value = serde_json::from_slice(line).unwrap();
        let member = json["member"].as_str().unwrap();
        let encoded = piped(&["encode", "-"].map(AsRef::as_ref), line.to_vec());
        assert_eq!(encoded.code, 0, "{place}: {member}: {}", encoded.err);
        let expected = images.get_mut(member).unwrap_or_else(|| panic!("{place}: {member} is no image"));
        let same = expected.iter().position(|bytes| *bytes == encoded.out);
        expected.remove(same.unwrap_or_else(|| panic!("{place}: {member} has other bytes")));
        counts.images += 1;
        counts.bytes += encoded.out.len();
        counts.big_endian += usize::from(json["$frame"]["byte_order"] == "big");
    }
}

/// The images with records of all checkpoints in an archive, told by their first words.
fn images(path: &Path, magics: &HashSet<u32>) -> Images {
    let archive = Archive::open_path(path, &Options::default().keep(Keep::Everything)).unwrap();
    let mut images = Images::new();
    for root in archive.roots() {
        for (_, member) in root.iter().filter(|(_, member)| member.is_file()) {
            let head = member.head();
            let word = |at: usize| Some(<[u8; 4]>::try_from(head.get(at..at + 4)?).unwrap());
            let is_known = |word: Option<[u8; 4]>| {
                word.is_some_and(|word| {
                    magics.contains(&u32::from_le_bytes(word)) || magics.contains(&u32::from_be_bytes(word))
                })
            };
            if is_known(word(0)) {
                let bytes = member.bytes(("image", 1 << 30)).unwrap().into_owned();
                images.entry(member.name.to_string()).or_default().push(bytes);
            }
        }
    }
    images
}

/// The first words of images: the magics of head, and those that the schema table has.
fn magics() -> HashSet<u32> {
    let table = include_str!("../../fixtures/schema/images.tsv");
    let kinds = table.lines().filter_map(|line| line.split('\t').nth(1)?.strip_prefix("0x"));
    let kinds = kinds.map(|magic| u32::from_str_radix(magic, 16).unwrap());
    kinds.chain([0x5456_4319, 0x5510_5940]).collect()
}
