//! From bytes to JSON to the same bytes, and from bytes to structs to the same bytes.

use icecore_images::Image;
use icecore_images::json::{self, Form, Tree};

use crate::cases::cases;

#[test]
fn decode_and_encode_give_the_same_bytes() {
    let (mut images, mut bytes, mut big, mut lossy) = (0, 0, 0, 0);
    for case in cases() {
        for file in &case.images {
            let image = Image::parse(&file.path, &file.bytes).unwrap();
            // Some broken images are large, and one form is enough for them.
            let forms = [Form::COMPACT, Form::PRETTY];
            for &form in &forms[usize::from(case.is_broken())..] {
                let text = json::to_string(&image, form);
                let tree: Tree = serde_json::from_str(&text).unwrap();
                let place = format!("{}: {} {}", case.name, file.archive, file.path);
                let encoded = json::encode(&tree).unwrap_or_else(|error| panic!("{place}: {error}"));
                assert_eq!(encoded, file.bytes, "{place} is not the same behind JSON");
                lossy += usize::from(text.contains("\"$"));
            }
            images += 1;
            bytes += file.bytes.len();
            big += usize::from(image.byte_order() == icecore_images::ByteOrder::Big);
        }
    }
    println!("{images} images ({big} big-endian), {bytes} bytes, {lossy} texts with $ keys");
}

/// The structs against the walk by descriptors that JSON uses: two readers that share nothing but the table.
#[test]
fn structs_lose_nothing() {
    let mut records = 0;
    for case in cases() {
        for file in &case.images {
            let image = Image::parse(&file.path, &file.bytes).unwrap();
            // Broken images have records that are not canonical.
            if case.is_broken() {
                continue;
            }
            for entry in image.entries().map(Result::unwrap) {
                let message = entry.message().unwrap();
                let place = || format!("{}: {} {} entry {}", case.name, file.archive, file.path, entry.index);
                assert_eq!(message.recode(entry.bytes).unwrap(), entry.bytes, "{}", place());
                records += 1;
            }
        }
    }
    println!("{records} records");
}
