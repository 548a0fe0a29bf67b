//! Records with random values: for every message that the schema has.

use super::{Part, Record, Value};
use crate::Message;
use crate::schema::{self, Field};

/// The number of the first field that no message has.
const UNKNOWN: u32 = 1000;

/// A source of decisions: bytes that a property test makes and shrinks, again from the start when they are used up.
#[derive(Clone, Debug)]
pub struct Choices<'a> {
    bytes: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl<'a> Choices<'a> {
    /// Decisions by these bytes; without any, all are 0.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter().cycle() }
    }

    fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or_default()
    }

    /// A number below a limit of at most 256.
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()).checked_rem(limit).unwrap_or_default()
    }

    fn one_of<T: Copy + Default>(&mut self, items: &[T]) -> T {
        items.get(self.below(items.len())).copied().unwrap_or_default()
    }

    /// 64 bits; those at the borders of varints and types more often than others.
    fn bits(&mut self) -> u64 {
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
            i64::MAX.cast_unsigned(),
            i64::MIN.cast_unsigned(),
            u64::MAX - 1,
            u64::MAX,
        ];
        match self.below(2) {
            0 => self.one_of(&BORDERS),
            _ => u64::from_le_bytes(std::array::from_fn(|_| self.byte())) >> self.below(64),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(9)).map(|_| self.byte()).collect()
    }

    fn name(&mut self) -> Vec<u8> {
        (0..self.below(9)).map(|_| self.one_of(b"a/=\0\x7f\xff")).collect()
    }

    /// Text with what JSON has to escape.
    fn text(&mut self) -> String {
        (0..self.below(9))
            .map(|_| self.one_of(&['a', '/', '"', '\\', '\n', '\0', '=', 'é', '\u{1f600}']))
            .collect()
    }
}

/// Makes records of any message by its choices.
#[derive(Clone, Debug)]
pub struct Random<'a> {
    choices: Choices<'a>,
    unknown: bool,
    incomplete: bool,
    utf8: bool,
    zero: &'static [&'static str],
}

impl<'a> Random<'a> {
    /// Records with all required fields, some optional ones, and lists of a few values.
    pub fn new(choices: &'a [u8]) -> Self {
        let choices = Choices::new(choices);
        Self { choices, unknown: false, incomplete: false, utf8: false, zero: &[] }
    }

    /// With fields that the schema does not have, between those that it has.
    #[must_use]
    pub fn with_unknown(self, unknown: bool) -> Self {
        Self { unknown, ..self }
    }

    /// Without some required fields.
    #[must_use]
    pub fn incomplete(self, incomplete: bool) -> Self {
        Self { incomplete, ..self }
    }

    /// With strings that are UTF-8, as they need not be, and names that any reader of JSON understands.
    #[must_use]
    pub fn with_utf8(self) -> Self {
        Self { utf8: true, ..self }
    }

    /// With 0 in fields of these names: those that say how much payload follows.
    #[must_use]
    pub fn with_zero(self, zero: &'static [&'static str]) -> Self {
        Self { zero, ..self }
    }

    /// A record of that message; messages in it down to a depth.
    ///
    /// # Panics
    /// If the schema has no message of that name.
    pub fn record(&mut self, name: &str, depth: u32) -> Record {
        let mut record = Record::new(name);
        for field in record.message {
            if self.unknown && self.choices.below(4) == 0 {
                let unknown = self.unknown_field();
                record.parts.push(Part::Unknown(unknown));
            }
            let values: Vec<_> = (0..self.count(field, depth)).map(|_| self.value(field, depth)).collect();
            if !values.is_empty() {
                record.parts.push(Part::Known(field, values));
            }
        }
        record
    }

    /// How many values a field gets.
    fn count(&mut self, field: &Field, depth: u32) -> usize {
        let ends = field.message_kind().is_some() && depth == 0;
        match field.label {
            "required" if self.incomplete => self.choices.below(4).min(1),
            "required" => 1,
            _ if ends => 0,
            "optional" => self.choices.below(2),
            _ => self.choices.below(4),
        }
    }

    fn value(&mut self, field: &Field, depth: u32) -> Value {
        if let Some(message) = field.message_kind() {
            return Value::Message(self.record(message, depth.saturating_sub(1)));
        }
        match field.kind {
            // Names of sockets are quoted in JSON; here they have nothing that is quoted by its place in a line.
            "bytes" if self.utf8 && field.options == "conv=unix_name" => Value::Bytes(self.choices.name()),
            "string" if self.utf8 => Value::Bytes(self.choices.text().into_bytes()),
            "string" | "bytes" => Value::Bytes(self.choices.bytes()),
            _ if self.zero.contains(&field.name) => Value::Number(0),
            kind => Value::Number(self.number(kind)),
        }
    }

    /// A number that a type has.
    fn number(&mut self, kind: &str) -> i128 {
        let bits = self.choices.bits();
        let [a, b, c, d, ..] = bits.to_le_bytes();
        let low = i32::from_le_bytes([a, b, c, d]);
        match kind.strip_prefix("enum:") {
            // Values that have no name, too: those of a later CRIU.
            Some(name) if self.choices.below(3) > 0 => {
                let values = schema::enums().get(name).map_or(&[][..], Vec::as_slice);
                self.choices.one_of(values).1.into()
            }
            Some(_) => low.into(),
            None => match kind {
                "bool" => (bits & 1).into(),
                "uint32" => low.cast_unsigned().into(),
                "int32" | "sint32" => low.into(),
                "int64" | "sint64" => bits.cast_signed().into(),
                _ => bits.into(),
            },
        }
    }

    /// A field of any wire type, groups among them.
    fn unknown_field(&mut self) -> Message {
        let number = UNKNOWN.saturating_add(self.choices.byte().into());
        let bits = self.choices.bits();
        match self.choices.below(5) {
            0 => Message::new().varint(number, bits),
            1 => Message::new().fixed64(number, bits),
            2 => Message::new().bytes(number, self.choices.bytes()),
            3 => Message::new().fixed32(number, self.choices.byte().into()),
            _ => Message::new().group(number, &Message::new().varint(5, 7)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes without order, by Knuth's generator.
    fn choices(seed: u64) -> Vec<u8> {
        let next = |state: &u64| {
            Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
        };
        std::iter::successors(next(&seed), next).map(|state| state.to_be_bytes()[0]).take(509).collect()
    }

    fn present(record: &Record) -> Vec<&'static str> {
        let known = record.parts.iter().filter_map(|part| match part {
            Part::Known(field, _) => Some(field.name),
            Part::Unknown(_) => None,
        });
        known.collect()
    }

    #[test]
    fn required_fields_are_there_and_all_others_sometimes() {
        for (name, fields) in schema::messages() {
            let bytes: Vec<_> = (0..64).map(choices).collect();
            let records: Vec<_> = bytes.iter().map(|bytes| Random::new(bytes).record(name, 3)).collect();
            for field in fields {
                let count = records.iter().filter(|record| present(record).contains(&field.name)).count();
                match field.label {
                    "required" => assert_eq!(count, records.len(), "{field:?}"),
                    _ => assert!(count > 0 && count < records.len(), "{field:?} {count}"),
                }
            }
        }
    }

    #[test]
    fn the_same_choices_make_the_same_record() {
        let make = |seed| Random::new(&choices(seed)).with_unknown(true).record("core_entry", 3);
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn what_is_asked_for_is_done() {
        let bytes = choices(3);
        let utf8 = Random::new(&bytes).with_utf8().record("utsns_entry", 1);
        assert!(std::str::from_utf8(utf8.encode().as_bytes()).is_ok());
        let zero = Random::new(&bytes).with_zero(&["bytes"]).record("pipe_data_entry", 1);
        assert!(zero.parts.iter().any(|part| matches!(part, Part::Known(field, values)
            if field.name == "bytes" && *values == [Value::Number(0)])));
        let unknown = Random::new(&bytes).with_unknown(true).record("mm_entry", 1);
        assert_ne!(unknown, unknown.known());
        let incomplete = Random::new(&bytes).incomplete(true).record("mm_entry", 1);
        assert!(incomplete.parts.len() < unknown.parts.len());
    }

    #[test]
    fn a_message_that_nests_itself_ends() {
        let record = Random::new(&[3]).record("aa_namespace", 2);
        assert!(record.encode().as_bytes().len() < 1 << 10);
    }
}
