//! Random records of every message, written by the schema's tables and not by our declarations, through our readers and
//! writers.

use icecore_images::json::{self, Form, Tree};
use icecore_images::{ByteOrder, Image, Kind, Writer, messages};
use icecore_synth::Random;
use proptest::prelude::*;

/// Levels of messages in messages.
pub(crate) const DEPTH: u32 = 3;

/// Fields that say how much payload follows: none does.
pub(crate) const LENGTHS: &[&str] = &[
    "bytes",
    "length",
    "inq_len",
    "outq_len",
    "nsems",
    "qnum",
    "keys_bytes",
    "values_bytes",
    "size",
    "len",
    "chunks",
];

/// What a record is made of.
pub(crate) fn choices() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 64..512)
}

/// A name that files of a kind have.
pub(crate) fn file_name(kind: Kind) -> String {
    let digits = [("{u}", "1"), ("{lu}", "1"), ("{x}", "1"), ("{04x}", "0001")];
    let pattern = kind.row().files[0].pattern.to_string();
    digits.iter().fold(pattern, |name, (form, digits)| name.replace(form, digits))
}

fn order(big: bool) -> ByteOrder {
    if big { ByteOrder::Big } else { ByteOrder::Little }
}

fn read(text: &str) -> Vec<u8> {
    let tree: Tree = serde_json::from_str(text).unwrap();
    json::encode(&tree).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_message_comes_back_from_its_struct(choices in choices()) {
        for message in messages::all() {
            let record = Random::new(&choices).record(message.name, DEPTH).encode();
            let back = message.recode(record.as_bytes()).unwrap();
            prop_assert_eq!(&back, record.as_bytes(), "{}", message.name);
        }
    }

    #[test]
    fn unknown_fields_are_stepped_over(choices in choices()) {
        for message in messages::all() {
            let record = Random::new(&choices).with_unknown(true).record(message.name, DEPTH);
            let back = message.recode(record.encode().as_bytes()).unwrap();
            let known = record.known().encode();
            prop_assert_eq!(&back, known.as_bytes(), "{}", message.name);
        }
    }

    #[test]
    fn every_image_comes_back_from_json(choices in choices(), big: bool, unknown: bool, incomplete: bool) {
        for kind in Kind::ALL.iter().filter(|kind| kind.messages().next().is_some()) {
            let zero = if kind.row().has_payload() { LENGTHS } else { &[] };
            let mut random = Random::new(&choices).with_unknown(unknown).incomplete(incomplete).with_zero(zero);
            let mut writer = Writer::new(*kind, kind.row().framing, order(big));
            for index in 0..if kind.row().single { 1 } else { 3 } {
                let message = kind.message_at(index).unwrap();
                writer.record(random.record(message.name, DEPTH).encode().as_bytes(), &[]);
            }
            let (name, bytes) = (file_name(*kind), writer.finish());
            let image = Image::parse(&name, &bytes).unwrap();
            prop_assert_eq!(image.kind(), *kind);
            for form in [Form::COMPACT, Form::PRETTY] {
                let text = json::to_string(&image, form);
                prop_assert_eq!(&read(&text), &bytes, "{} {}", name, text);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>) {
        for message in messages::all() {
            // Whatever a reader makes of them, writing it and reading that again is the same.
            if let Ok(first) = message.recode(&bytes) {
                prop_assert_eq!(message.recode(&first).unwrap(), first);
            }
        }
    }

    #[test]
    fn arbitrary_images_come_back_from_json(kind in 0..Kind::ALL.len(), big: bool, body: Vec<u8>) {
        let kind = Kind::ALL[kind];
        let mut writer = Writer::new(kind, kind.row().framing, order(big));
        writer.raw(&body);
        let (name, bytes) = (file_name(kind), writer.finish());
        let text = json::to_string(&Image::parse(&name, &bytes).unwrap(), Form::PRETTY);
        prop_assert_eq!(&read(&text), &bytes, "{}", text);
    }

    #[test]
    fn damaged_records_end_in_an_error_or_a_record(choices in choices(), at: prop::sample::Index, byte: u8) {
        for message in messages::all() {
            let mut bytes = Random::new(&choices).record(message.name, DEPTH).encode().as_bytes().to_vec();
            if bytes.is_empty() {
                continue;
            }
            let at = at.index(bytes.len());
            bytes[at] = byte;
            match message.recode(&bytes) {
                Ok(first) => prop_assert_eq!(message.recode(&first).unwrap(), first),
                Err(located) => prop_assert!(located.offset_in(&bytes) <= bytes.len()),
            }
        }
    }
}
