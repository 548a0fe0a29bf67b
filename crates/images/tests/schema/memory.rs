//! How much memory reading takes: a constant times the input, whatever the input claims.

use allocation_counter::measure;
use icecore_images::json::{self, Form, Tree};
use icecore_images::{ByteOrder, Image, Kind, Record, Writer, messages};
use icecore_synth::Random;
use proptest::prelude::*;

use crate::random::{DEPTH, choices, file_name};

/// Bytes of memory for each byte of a record: a struct with every field may come of two bytes in a list of messages,
/// and the largest struct in a list has some hundred.
const PER_BYTE: u64 = 1 << 10;
/// Bytes besides, for what is small.
const BESIDES: u64 = 64 << 10;

/// The most memory that was in use at one time.
fn peak(work: impl FnOnce()) -> u64 {
    measure(work).bytes_max
}

fn limit(bytes: &[u8]) -> u64 {
    PER_BYTE * bytes.len() as u64 + BESIDES
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn arbitrary_records_take_a_constant_times_their_size(bytes: Vec<u8>) {
        for message in messages::all() {
            let used = peak(|| drop(message.recode(&bytes)));
            prop_assert!(used <= limit(&bytes), "{}: {used} bytes", message.name);
        }
    }

    #[test]
    fn sound_records_take_a_constant_times_their_size(choices in choices()) {
        for message in messages::all() {
            let record = Random::new(&choices).with_unknown(true).record(message.name, DEPTH).encode();
            let used = peak(|| drop(message.recode(record.as_bytes())));
            prop_assert!(used <= limit(record.as_bytes()), "{}: {used} bytes", message.name);
        }
    }

    #[test]
    fn arbitrary_images_take_a_constant_times_their_size(kind in 0..Kind::ALL.len(), body: Vec<u8>) {
        let kind = Kind::ALL[kind];
        let mut writer = Writer::new(kind, kind.row().framing, ByteOrder::Little);
        writer.raw(&body);
        let (name, bytes) = (file_name(kind), writer.finish());
        let image = Image::parse(&name, &bytes).unwrap();
        let used = peak(|| {
            let text = json::to_string(&image, Form::PRETTY);
            let tree: Tree = serde_json::from_str(&text).unwrap();
            json::encode(&tree).unwrap();
        });
        prop_assert!(used <= limit(&bytes), "{kind}: {used} bytes");
    }
}

/// Lengths that claim four gigabytes, in every place that has a length.
#[test]
fn claims_are_not_believed() {
    let claim = b"\xff\xff\xff\xff\x0f";
    for message in messages::all() {
        for field in message.fields {
            let tag = [u8::try_from(u64::from(field.number) << 3 & 0x7f | 2).unwrap()];
            let record = [&tag[..], claim, b"x"].concat();
            let used = peak(|| drop(message.recode(&record)));
            assert!(used <= BESIDES, "{}.{}: {used} bytes", message.name, field.name);
        }
    }
    for kind in Kind::ALL {
        let mut writer = Writer::new(*kind, kind.row().framing, ByteOrder::Little);
        writer.raw(b"\xff\xff\xff\xffx");
        let (name, bytes) = (file_name(*kind), writer.finish());
        let image = Image::parse(&name, &bytes).unwrap();
        let used = peak(|| drop(json::to_string(&image, Form::COMPACT)));
        assert!(used <= BESIDES, "{kind}: {used} bytes");
    }
}

/// The densest input: empty messages in lists, two bytes each. What a byte costs is the size of the struct.
#[test]
fn lists_of_empty_messages_cost_their_structs() {
    for message in messages::all() {
        for field in message.fields.iter().filter(|field| field.number < 16) {
            let tag = u8::try_from(field.number << 3 | 2).unwrap();
            let record = [tag, 0].repeat(10_000);
            let used = peak(|| drop(message.recode(&record)));
            assert!(used <= limit(&record), "{}.{}: {used} bytes", message.name, field.name);
        }
    }
}

/// One record at a time: walking an image takes no more memory than its largest record.
#[test]
fn a_walk_over_many_records_takes_the_memory_of_one() {
    let mut writer = Writer::new(Kind::Pagemap, icecore_images::Framing::Common, ByteOrder::Little);
    writer.record(b"\x08\x01", &[]);
    for _ in 0..100_000 {
        writer.record(b"\x08\x80\x20\x10\x00\x20\x04\x28\x01", &[]);
    }
    let bytes = writer.finish();
    let image = Image::parse("pagemap-7.img", &bytes).unwrap();
    let used = peak(|| {
        let pages = |record: Record<'_, messages::PagemapEntry>| record.message.nr_pages.unwrap();
        let total: u64 = image.records::<messages::PagemapEntry>().map(|record| pages(record.unwrap())).sum();
        assert_eq!(total, 100_000);
    });
    assert_eq!(used, 0);
}
