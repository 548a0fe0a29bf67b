//! Bytes as a CRIU image: walked, put together again, through crit's JSON and back, and through every reader of content.

use icecore_images::json::{self, Form, Tree};
use icecore_images::raw::{
    bpf, conntrack, ghost_file::GhostFile, ip_dump, iptables, netlink, nftables, seccomp,
};
use icecore_images::{ByteOrder, Entry, Framing, Image, Kind, Writer};

use crate::named;

/// First byte of inputs that pick a kind by its row in the table. No name of an image begins with it.
pub const BY_ROW: u8 = 1;

/// Reads a name, a byte 0, and an image of that name; or [`BY_ROW`], the row of a kind, a byte that says byte order
/// (bit 0) and framing (bits 1 and 2), and what follows the magics.
///
/// # Panics
/// If the image cannot be written again: from its records, or from its JSON.
pub fn image(data: &[u8]) {
    match data {
        [BY_ROW, row, way, body @ ..] => {
            let kind = Kind::ALL[usize::from(*row) % Kind::ALL.len()];
            check_bytes(file_name(kind).as_bytes(), &of_kind(kind, *way, body));
        }
        _ => {
            let (name, bytes) = named(data);
            check_bytes(name, bytes);
        }
    }
}

/// A name that files of a kind have.
fn file_name(kind: Kind) -> String {
    let pattern = kind.row().files[0].pattern;
    ["{u}", "{lu}", "{x}"]
        .into_iter()
        .fold(pattern.replace("{04x}", "0001"), |name, form| name.replace(form, "1"))
}

fn of_kind(kind: Kind, way: u8, body: &[u8]) -> Vec<u8> {
    let usual = kind.row().framing;
    let framing = match (way >> 1) & 3 {
        1 if usual == Framing::Common => Framing::One,
        2 if usual == Framing::Common => Framing::Service,
        _ => usual,
    };
    let order = if way & 1 == 0 { ByteOrder::Little } else { ByteOrder::Big };
    let mut writer = Writer::new(kind, framing, order);
    writer.raw(body);
    writer.finish()
}

fn check_bytes(name: &[u8], bytes: &[u8]) {
    let Ok(image) = Image::parse(name, bytes) else { return };
    rebuild(&image);
    content(&image);
    for form in [Form::COMPACT, Form::PRETTY] {
        let text = json::to_string(&image, form);
        let tree: Tree = serde_json::from_str(&text).expect("what is written as JSON is JSON");
        let encoded = json::encode(&tree).expect("what was shown can be encoded");
        assert!(encoded == bytes, "not the same behind JSON: {text}");
    }
    let _ = json::to_string(&image, Form::NO_PAYLOADS);
}

/// Magics, records and what is in none give the image again.
fn rebuild(image: &Image<'_>) {
    let mut writer = image.writer();
    let mut entries = image.entries();
    for entry in entries.by_ref().map_while(Result::ok) {
        check(&entry);
        writer.record(entry.bytes, entry.payload);
    }
    writer.raw(entries.unframed());
    assert!(writer.finish() == image.bytes(), "{}: not the same from its records", image.name());
}

/// A record lies where it says, and its canonical form is one.
fn check(entry: &Entry<'_>) {
    let image = entry.image();
    let at = usize::try_from(entry.offset).expect("an offset within the image");
    assert!(at <= image.bytes().len().saturating_sub(entry.bytes.len() + entry.payload.len()));
    let Some(message) = entry.message() else { return };
    if let Ok(once) = message.recode(entry.bytes) {
        let twice = message.recode(&once).expect("what was written is read");
        assert!(twice == once, "{}: the canonical form is none", message.name);
    }
    for remark in entry.remarks().listed {
        assert!(remark.offset <= image.bytes().len() as u64, "{remark}");
    }
}

/// The readers of images without records, and of filters: whatever they are given, they end.
fn content(image: &Image<'_>) {
    let messages = netlink::messages(image).count();
    assert!(ip_dump::addresses(image).count() <= messages);
    assert!(ip_dump::routes(image).count() <= messages);
    assert!(ip_dump::rules(image).count() <= messages);
    assert!(conntrack::connections(image).count() <= messages);
    let _ = (iptables::tables(image), nftables::tables(image));
    if let Some(Ok(ghost)) = GhostFile::of(image) {
        ghost.chunks().for_each(drop);
    }
    let filter = image.body();
    let lines = seccomp::disassemble(filter, image.byte_order(), None);
    // The kernel takes 4096 at most, and so many are shown.
    assert_eq!(lines.len(), bpf::instructions(filter, image.byte_order()).take(4096).count());
}
