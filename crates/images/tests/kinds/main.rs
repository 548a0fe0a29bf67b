//! Every kind of image by bytes that were worked out from CRIU's schema and the layouts of its payloads, none of them
//! with this crate: what is shown of them, the way back, and what becomes of them when they are cut or damaged.
#![expect(clippy::unwrap_used, reason = "tests state facts")]

mod damage;
mod files;
mod namespaces;
mod old_files;
mod old_processes;
mod payloads;
mod plugins;
mod processes;
mod whole_files;

use std::collections::BTreeSet;

use icecore_images::json::{self, Form, Tree};
use icecore_images::{Framing, Image, Kind};
use serde_json::Value;

/// First word of most images.
const COMMON: u32 = 0x5456_4319;
/// First word of images beside a dump.
const SERVICE: u32 = 0x5510_5940;

/// An image and what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    kind: Kind,
    file: &'static str,
    magics: &'static [u32],
    records: &'static [&'static [u8]],
    /// What follows each record; nothing where there is no more.
    payloads: &'static [&'static [u8]],
    big_endian: bool,
    /// The entries in crit's compact JSON.
    entries: &'static str,
}

/// An image of records, written on a little-endian machine.
const fn case(
    kind: Kind,
    file: &'static str,
    magics: &'static [u32],
    records: &'static [&'static [u8]],
    entries: &'static str,
) -> Case {
    Case { kind, file, magics, records, payloads: &[], big_endian: false, entries }
}

impl Case {
    const fn with(self, payloads: &'static [&'static [u8]]) -> Self {
        Self { payloads, ..self }
    }

    const fn big_endian(self) -> Self {
        Self { big_endian: true, ..self }
    }

    fn word(&self, word: u32) -> [u8; 4] {
        if self.big_endian { word.to_be_bytes() } else { word.to_le_bytes() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.magics.iter().flat_map(|magic| self.word(*magic)).collect();
        for (index, record) in self.records.iter().enumerate() {
            bytes.extend(self.word(record.len().try_into().unwrap()));
            bytes.extend(*record);
            bytes.extend(self.payloads.get(index).copied().unwrap_or_default());
        }
        bytes
    }
}

/// All images of records with magics.
fn cases() -> impl Iterator<Item = &'static Case> {
    let lists = [
        processes::CASES,
        files::CASES,
        namespaces::CASES,
        payloads::CASES,
        old_processes::CASES,
        old_files::CASES,
    ];
    lists.into_iter().flatten()
}

/// The image as JSON, and that as an image again.
fn there_and_back(file: &str, bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = json::to_string(&Image::parse(file, bytes).ok()?, Form::COMPACT);
    let tree: Tree = serde_json::from_str(&text).unwrap();
    Some((text, json::encode(&tree).unwrap()))
}

#[test]
fn every_kind_has_a_case() {
    let mut tested: BTreeSet<Kind> = cases().map(|case| case.kind).collect();
    tested.extend(plugins::CASES.iter().map(|(kind, ..)| *kind));
    tested.extend(whole_files::CASES.iter().map(|(kind, ..)| *kind));
    let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !tested.contains(kind)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    for kind in Kind::ALL.iter().filter(|kind| kind.row().has_payload()) {
        let has_payload =
            |case: &&Case| case.kind == *kind && case.payloads.iter().any(|bytes| !bytes.is_empty());
        assert!(cases().any(|case| has_payload(&case)), "no case of {kind} has a payload");
    }
}

#[test]
fn entries_are_shown_as_they_were_written() {
    for case in cases() {
        let bytes = case.bytes();
        let image = Image::parse(case.file, &bytes).unwrap();
        assert_eq!(image.kind(), case.kind, "{}", case.file);
        assert_eq!(image.named().unwrap().kind, case.kind, "{}", case.file);
        assert_eq!(image.entries().count(), case.records.len(), "{}", case.file);
        for (index, entry) in image.entries().map(Result::unwrap).enumerate() {
            assert_eq!(entry.bytes, case.records[index], "{} {index}", case.file);
            assert_eq!(entry.payload, case.payloads.get(index).copied().unwrap_or_default(), "{}", case.file);
        }
        let (text, back) = there_and_back(case.file, &bytes).unwrap();
        let shown: Value = serde_json::from_str(&text).unwrap();
        let expected: Value = serde_json::from_str(&case.expected()).unwrap();
        assert_eq!(shown["entries"], expected, "{}", case.file);
        assert_eq!(shown["magic"], case.kind.row().name, "{}", case.file);
        assert_eq!(back, bytes, "{}", case.file);
    }
}

#[test]
fn structs_give_the_bytes_again() {
    for case in cases() {
        let bytes = case.bytes();
        for entry in Image::parse(case.file, &bytes).unwrap().entries().map(Result::unwrap) {
            assert_eq!(entry.message().unwrap().recode(entry.bytes).unwrap(), entry.bytes, "{}", case.file);
        }
    }
}

/// Records have no byte order; only words of the frame change, and payloads that have numbers.
#[test]
fn frames_of_big_endian_machines_are_read() {
    for case in cases().filter(|case| case.payloads.is_empty()) {
        let little: Value =
            serde_json::from_str(&there_and_back(case.file, &case.bytes()).unwrap().0).unwrap();
        let bytes = case.big_endian().bytes();
        let (text, back) = there_and_back(case.file, &bytes).unwrap();
        let big: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(big["entries"], little["entries"], "{}", case.file);
        assert_eq!(big["$frame"]["byte_order"], "big", "{}", case.file);
        assert_eq!(back, bytes, "{}", case.file);
    }
}

/// Before CRIU 1.6 no image had the head magic.
#[test]
fn frames_of_one_magic_are_read() {
    for case in cases() {
        let alone = Case { magics: &case.magics[case.magics.len() - 1..], ..*case };
        let (text, back) = there_and_back(case.file, &alone.bytes()).unwrap();
        let is_usual = case.kind.row().framing == Framing::One;
        assert_eq!(text.contains(r#""$frame": {"magic": "one""#), !is_usual, "{text}");
        assert_eq!(back, alone.bytes(), "{}", case.file);
    }
}
