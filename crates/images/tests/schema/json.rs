//! Records in crit's compact JSON, against JSON made of the same values by the schema's tables alone.

use base64::prelude::{BASE64_STANDARD, Engine};
use icecore_images::json::{self, Form};
use icecore_images::{ByteOrder, Image, Kind, Writer};
use icecore_synth::{Part, Random, Record, Value, schema};
use proptest::prelude::*;
use serde_json::{Map, Number};

use crate::random::{DEPTH, LENGTHS, choices, file_name};

type Json = serde_json::Value;

/// A message: its fields by rising number; lists are lists.
fn message(record: &Record) -> Json {
    let fields = record.parts().iter().map(|part| match part {
        Part::Known(field, values) if field.label == "repeated" => {
            (field.name.to_string(), values.iter().map(|item| value(field, item)).collect())
        }
        Part::Known(field, values) => (field.name.to_string(), value(field, &values[0])),
        Part::Unknown(_) => unreachable!("none was asked for"),
    });
    Json::Object(fields.collect::<Map<_, _>>())
}

fn value(field: &schema::Field, value: &Value) -> Json {
    match value {
        Value::Message(record) => message(record),
        Value::Bytes(bytes) if field.kind == "string" => String::from_utf8(bytes.clone()).unwrap().into(),
        Value::Bytes(bytes) if field.options == "conv=unix_name" => quoted(bytes).into(),
        // At most eight bytes are one line, which ends with a line feed.
        Value::Bytes(bytes) if bytes.is_empty() => "".into(),
        Value::Bytes(bytes) => format!("{}\n", BASE64_STANDARD.encode(bytes)).into(),
        Value::Number(number) if field.kind == "bool" => (*number != 0).into(),
        Value::Number(number) => {
            let names = field.enum_kind().map_or(&[][..], |name| &schema::enums()[name]);
            match names.iter().find(|(_, value)| i128::from(*value) == *number) {
                Some((name, _)) => (*name).into(),
                None => Number::from_i128(*number).unwrap().into(),
            }
        }
    }
}

/// Quoted-printable: so few bytes need no line breaks.
fn quoted(bytes: &[u8]) -> String {
    let quote = |&byte: &u8| match byte {
        b'!'..=b'<' | b'>'..=b'~' => char::from(byte).to_string(),
        _ => format!("={byte:02X}"),
    };
    bytes.iter().map(quote).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn values_are_those_of_the_schema(choices in choices()) {
        for kind in Kind::ALL.iter().filter(|kind| kind.messages().next().is_some()) {
            let zero = if kind.row().has_payload() { LENGTHS } else { &[] };
            let name = kind.message_at(0).unwrap().name;
            let record = Random::new(&choices).with_utf8().with_zero(zero).record(name, DEPTH);
            let mut writer = Writer::new(*kind, kind.row().framing, ByteOrder::Little);
            writer.record(record.encode().as_bytes(), &[]);
            let (file, bytes) = (file_name(*kind), writer.finish());
            let text = json::to_string(&Image::parse(&file, &bytes).unwrap(), Form::COMPACT);
            let mut shown: Json = serde_json::from_str(&text).unwrap();
            let entry = &mut shown["entries"][0];
            entry.as_object_mut().unwrap().remove("extra");
            prop_assert_eq!(&*entry, &message(&record), "{}", name);
        }
    }
}
