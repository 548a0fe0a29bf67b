//! Bytes as an archive: opened, listed, read, and opened again where a member is an archive itself.

use std::sync::Arc;

use icecore_archive::{Archive, Error, Keep, Limits, Member, MemberName, Options};

/// Opens bytes as an archive in all ways and reads everything in it.
///
/// # Panics
/// If what must hold does not: names are normal, no member has more bytes than it says, what is kept of a compressed
/// archive does not change what is listed.
pub fn archive(data: &[u8]) {
    let opened = [Keep::Metadata, Keep::Everything].map(|keep| open(data, keep));
    let names = |archive: &Archive| -> Vec<MemberName> {
        archive.members().iter().map(|member| member.name.clone()).collect()
    };
    match &opened {
        [Ok(some), Ok(all)] => assert_eq!(names(some), names(all), "what is kept changes what is listed"),
        [Err(_), Err(_)] => {}
        [some, all] => panic!("what is kept decides whether it opens: {some:?}, {all:?}"),
    }
    for archive in opened.iter().flatten() {
        inspect(archive);
        for member in archive.members().iter().filter(|member| member.is_file()).take(100) {
            if let Ok(inner) = archive.open_member(member) {
                inspect(&inner);
            }
        }
    }
}

/// Opens with limits that a fuzzer can reach.
fn open(data: &[u8], keep: Keep) -> Result<Archive, Error> {
    let limits = Limits::default()
        .members(5_000)
        .name(4 << 10)
        .pax_header(64 << 10)
        .sparse_chunks(5_000)
        .document(1 << 20)
        .image(1 << 20)
        .output(16 << 20)
        .window(8 << 20)
        .memory(1 << 20)
        .spool(16 << 20)
        .descriptors(500)
        .markers(5_000);
    Archive::open(Arc::new(data.to_vec()), &Options::default().limits(limits).keep(keep))
}

fn inspect(archive: &Archive) {
    archive.members().iter().for_each(read);
    for root in archive.roots() {
        root.iter().take(100).for_each(|(_, member)| read(member));
        let _ = root.file("config.dump").map(Member::head);
    }
    for finding in archive.findings() {
        assert!(!finding.text.is_empty() && !finding.code.name().is_empty());
    }
}

fn read(member: &Member) {
    assert_eq!(MemberName::new(member.name.as_bytes()), member.name, "a name that is not normal");
    assert!(member.available() <= member.size, "{member:?}");
    assert!(member.head().len() <= 1024);
    if let Ok(bytes) = member.bytes(("document", 64 << 10)) {
        assert!(bytes.len() as u64 <= member.size, "{member:?}");
    }
    let _ = (member.to_owned(), member.owner_names(), member.xattrs().count());
}
