//! Every case cut at every byte, and with every bit the other way round: it is refused, or comes back to the same bytes.

use icecore_images::json::{self, Form};
use icecore_images::{Image, raw};

use crate::{Case, cases, plugins, there_and_back, whole_files};

/// Names and bytes of all cases.
fn images() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let records = cases().map(|case| (case.file, Case::bytes(case)));
    let plugins = plugins::CASES.iter().map(|(_, file, bytes, _)| (*file, bytes.to_vec()));
    let whole = whole_files::CASES.iter().map(|(_, file, bytes, _)| (*file, bytes.to_vec()));
    records.chain(plugins).chain(whole)
}

#[test]
fn what_is_cut_comes_back() {
    for (file, bytes) in images() {
        for length in 0..bytes.len() {
            if let Some((text, back)) = there_and_back(file, &bytes[..length]) {
                assert_eq!(back, &bytes[..length], "{file} cut to {length}: {text}");
            }
        }
    }
}

#[test]
fn what_has_a_flipped_bit_comes_back() {
    for (file, mut bytes) in images() {
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Some((text, back)) = there_and_back(file, &bytes) {
                assert_eq!(back, bytes, "{file} bit {bit}: {text}");
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// The offset of an error lies in the image, and what is said names the member.
#[test]
fn errors_say_where() {
    for (file, bytes) in images() {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            let image = match Image::parse(file, cut) {
                Ok(image) => image,
                Err(error) => {
                    assert!(error.to_string().starts_with(&format!("{file}: ")), "{error}");
                    continue;
                }
            };
            let mut entries = image.entries();
            for error in entries.by_ref().filter_map(Result::err) {
                let icecore_images::Error::Malformed { member, offset, .. } = &error else {
                    unreachable!("{error}")
                };
                assert_eq!(member, file);
                assert!(*offset <= length as u64, "{error}");
            }
            let mut offsets = image.entries().map_while(Result::ok).map(|entry| entry.offset);
            assert!(offsets.all(|offset| offset <= length as u64), "{file} cut to {length}");
            // What no record has is what is left, to the byte.
            assert!(cut.ends_with(entries.unframed()), "{file} cut to {length}");
        }
    }
}

/// Readers of images without records: whatever they are given, they end.
#[test]
fn whole_files_are_read_whatever_they_are() {
    for (file, bytes) in images() {
        for length in 0..=bytes.len() {
            let Ok(image) = Image::parse(file, &bytes[..length]) else { continue };
            let messages = raw::netlink::messages(&image).count();
            assert!(messages <= length, "{file} cut to {length}");
            assert!(raw::ip_dump::addresses(&image).count() <= messages);
            assert!(raw::ip_dump::routes(&image).count() <= messages);
            assert!(raw::ip_dump::rules(&image).count() <= messages);
            assert!(raw::conntrack::connections(&image).count() <= messages);
            assert!(raw::iptables::tables(&image).len() <= length);
            assert!(raw::nftables::tables(&image).len() <= length);
            assert!(json::to_string(&image, Form::NO_PAYLOADS).is_ascii());
        }
    }
}
