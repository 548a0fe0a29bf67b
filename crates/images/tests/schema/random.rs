//! Random records of every message, written by the schema tables and not by our declarations, through our
//! readers and writers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use icecore_images::json::{self, Form, Tree};
use icecore_images::{ByteOrder, Descriptor, Image, Kind, Writer, messages};
use proptest::prelude::*;

use crate::rows::{self, Row};

/// The fields of each message, by rising number.
static MESSAGES: LazyLock<BTreeMap<&'static str, Vec<Row>>> = LazyLock::new(|| {
    let mut messages = BTreeMap::<_, Vec<Row>>::new();
    rows::fields().for_each(|row| messages.entry(row["message"]).or_default().push(row));
    messages.values_mut().for_each(|fields| fields.sort_by_key(number));
    messages
});

static ENUMS: LazyLock<BTreeMap<&'static str, Vec<i32>>> = LazyLock::new(|| {
    let mut enums = BTreeMap::<_, Vec<i32>>::new();
    rows::enums().for_each(|row| enums.entry(row["enum"]).or_default().push(row["value"].parse().unwrap()));
    enums
});

fn number(row: &Row) -> u32 {
    row["number"].parse().unwrap()
}

/// A source of decisions: bytes that proptest makes and shrinks.
struct Choices<'a>(std::iter::Cycle<std::slice::Iter<'a, u8>>);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        *self.0.next().unwrap()
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    /// Numbers at the borders of varints and types more often than others.
    fn number(&mut self) -> u64 {
        const BORDERS: [u64; 14] = [
            0,
            1,
            0x7f,
            0x80,
            0x3fff,
            0x4000,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
            0x1_0000_0000,
            i64::MAX as u64,
            i64::MIN as u64,
            u64::MAX - 1,
            u64::MAX,
        ];
        match self.below(2) {
            0 => BORDERS[self.below(BORDERS.len())],
            _ => u64::from_le_bytes(std::array::from_fn(|_| self.byte())) >> self.below(64),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(9)).map(|_| self.byte()).collect()
    }
}

/// Writes records as protobuf says, with a table of names for what it needs to know.
struct Maker<'a> {
    choices: Choices<'a>,
    /// Whether fields of unknown numbers are put between those that are known.
    unknown: bool,
    /// Fields that say how much payload follows: none does.
    no_payload: bool,
}

impl Maker<'_> {
    fn message(&mut self, name: &str, depth: u32) -> Vec<u8> {
        let mut out = Vec::new();
        for row in &MESSAGES[name] {
            if self.unknown && self.choices.below(4) == 0 {
                self.unknown_field(&mut out);
            }
            self.field(row, depth, &mut out);
        }
        out
    }

    fn field(&mut self, row: &Row, depth: u32, out: &mut Vec<u8>) {
        let nests = row["type"].starts_with("message:") && depth == 0 && row["label"] != "required";
        let count = match row["label"] {
            "required" => 1,
            _ if nests => 0,
            "optional" => self.choices.below(2),
            _ => self.choices.below(4),
        };
        if row["packed"] == "yes" {
            let values: Vec<u8> = (0..count).flat_map(|_| self.value(row, depth)).collect();
            if count > 0 {
                varint(u64::from(number(row)) << 3 | 2, out);
                delimited(&values, out);
            }
            return;
        }
        for _ in 0..count {
            let wire_type = match row["type"] {
                "fixed64" => 1,
                "string" | "bytes" => 2,
                other if other.starts_with("message:") => 2,
                _ => 0,
            };
            varint(u64::from(number(row)) << 3 | wire_type, out);
            out.extend(self.value(row, depth));
        }
    }

    fn value(&mut self, row: &Row, depth: u32) -> Vec<u8> {
        const LENGTHS: [&str; 11] = [
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
        let mut out = Vec::new();
        let raw = if self.no_payload && LENGTHS.contains(&row["field"]) { 0 } else { self.choices.number() };
        match row["type"] {
            "uint32" => varint(raw & 0xffff_ffff, &mut out),
            "int32" => varint(raw as i32 as i64 as u64, &mut out),
            "uint64" | "int64" | "sint64" => varint(raw, &mut out),
            "sint32" => varint(raw & 0xffff_ffff, &mut out),
            "fixed64" => out.extend(raw.to_le_bytes()),
            "bool" => varint(raw & 1, &mut out),
            // In compact JSON a name and a number are the same value, so both must come back.
            "string" | "bytes" => delimited(&self.choices.bytes(), &mut out),
            other => match other.split_once(':').unwrap() {
                ("enum", name) => {
                    let known = &ENUMS[name];
                    let value = match self.choices.below(3) {
                        0 => raw as i32,
                        _ => known[self.choices.below(known.len())],
                    };
                    varint(i64::from(value) as u64, &mut out);
                }
                (_, name) => {
                    let inner = self.message(name, depth.saturating_sub(1));
                    delimited(&inner, &mut out);
                }
            },
        }
        out
    }

    fn unknown_field(&mut self, out: &mut Vec<u8>) {
        let number = 1000 + u64::from(self.choices.byte());
        match self.choices.below(4) {
            0 => {
                varint(number << 3, out);
                varint(self.choices.number(), out);
            }
            1 => {
                varint(number << 3 | 1, out);
                out.extend(self.choices.number().to_le_bytes());
            }
            2 => {
                varint(number << 3 | 2, out);
                let bytes = self.choices.bytes();
                delimited(&bytes, out);
            }
            _ => {
                varint(number << 3 | 3, out);
                varint(5 << 3, out);
                varint(7, out);
                varint(number << 3 | 4, out);
            }
        }
    }
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn delimited(bytes: &[u8], out: &mut Vec<u8>) {
    varint(bytes.len() as u64, out);
    out.extend(bytes);
}

fn record(choices: &[u8], name: &str, unknown: bool, no_payload: bool) -> Vec<u8> {
    Maker { choices: Choices(choices.iter().cycle()), unknown, no_payload }.message(name, 3)
}

/// The same choices with unknown fields make other values, so what is expected is found by leaving them out.
fn known_only(record: &[u8], message: &Descriptor) -> Vec<u8> {
    let fields = icecore_images::wire::fields(record).map(Result::unwrap);
    fields
        .filter(|field| field.number < 1000)
        .flat_map(|field| match (message.field(field.number).unwrap().kind, field.value) {
            (icecore_images::FieldType::Message(inner), icecore_images::wire::Value::Delimited(bytes)) => {
                let mut out = Vec::new();
                varint(u64::from(field.number) << 3 | 2, &mut out);
                delimited(&known_only(bytes, inner()), &mut out);
                out
            }
            _ => field.bytes.to_vec(),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_message_comes_back_from_its_struct(choices in proptest::collection::vec(any::<u8>(), 64..512)) {
        for message in messages::all() {
            let record = record(&choices, message.name, false, false);
            prop_assert_eq!(message.recode(&record).unwrap(), record, "{}", message.name);
        }
    }

    #[test]
    fn unknown_fields_are_stepped_over(choices in proptest::collection::vec(any::<u8>(), 64..512)) {
        for message in messages::all() {
            let record = record(&choices, message.name, true, false);
            prop_assert_eq!(message.recode(&record).unwrap(), known_only(&record, message), "{}", message.name);
        }
    }

    #[test]
    fn every_image_comes_back_from_json(
        choices in proptest::collection::vec(any::<u8>(), 64..512),
        big: bool,
        unknown: bool,
    ) {
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        for kind in Kind::ALL.iter().filter(|kind| kind.messages().next().is_some()) {
            let mut writer = Writer::new(*kind, kind.row().framing, order);
            for index in 0..if kind.row().single { 1 } else { 3 } {
                let message = kind.message_at(index).unwrap();
                writer.record(&record(&choices, message.name, unknown, kind.row().has_payload()), &[]);
            }
            let bytes = writer.finish();
            let name = kind.row().files[0].pattern.replace("{u}", "1").replace("{lu}", "1").replace("{x}", "1");
            let image = Image::parse(&name, &bytes).unwrap();
            prop_assert_eq!(image.kind(), *kind);
            for form in [Form::COMPACT, Form::PRETTY] {
                let text = json::to_string(&image, form);
                let tree: Tree = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&json::encode(&tree).unwrap(), &bytes, "{} {}", name, text);
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
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let mut writer = Writer::new(kind, kind.row().framing, order);
        writer.raw(&body);
        let bytes = writer.finish();
        let name = kind.row().files[0].pattern.replace("{u}", "1").replace("{lu}", "1").replace("{x}", "1").replace("{04x}", "0001");
        let image = Image::parse(&name, &bytes).unwrap();
        let text = json::to_string(&image, Form::PRETTY);
        let tree: Tree = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&json::encode(&tree).unwrap(), &bytes, "{}", text);
    }
}
