//! Members made by hand: what they say of themselves, and what comes of asking for their bytes.

use super::*;
use crate::source::{Piece, Pieces};

fn with(content: Content) -> Member {
    Member { content: Some(Arc::new(content)), ..Member::new(MemberKind::File, b"dir/name") }
}

fn bytes(length: usize) -> SharedSource {
    Arc::new((0..=255).cycle().take(length).collect::<Vec<u8>>())
}

/// Bytes that cannot be borrowed.
fn scattered(length: u64) -> SharedSource {
    Arc::new(Pieces::new(Vec::new(), Vec::<Piece>::new(), length))
}

#[test]
fn kinds_have_names_of_their_own() {
    let kinds = [
        MemberKind::File,
        MemberKind::Directory,
        MemberKind::Symlink,
        MemberKind::Hardlink,
        MemberKind::CharacterDevice,
        MemberKind::BlockDevice,
        MemberKind::Fifo,
        MemberKind::Other(b'V'),
    ];
    let names: std::collections::BTreeSet<_> = kinds.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), kinds.len());
    assert_eq!(MemberKind::Other(0).name(), MemberKind::Other(b'V').name());
}

#[test]
fn what_is_in_memory_is_borrowed_and_the_rest_is_copied() {
    let member = with(Content::Source(bytes(300)));
    assert!(matches!(member.bytes(("image", 300)).unwrap(), Cow::Borrowed(bytes) if bytes.len() == 300));
    let member = with(Content::Source(scattered(300)));
    assert!(matches!(member.bytes(("image", 300)).unwrap(), Cow::Owned(bytes) if bytes == [0; 300]));
}

#[test]
fn a_limit_is_told_by_its_name_and_before_anything_is_read() {
    for source in [bytes(300), scattered(300), scattered(1 << 60)] {
        let length = source.len();
        let member = with(Content::Source(source));
        let Error::Limit { place, what, limit, value, .. } = member.bytes(("document", 299)).unwrap_err()
        else {
            panic!("a limit")
        };
        assert_eq!((place.as_str(), limit, value), ("dir/name", "document", 299));
        assert_eq!(what, format!("{length} bytes of content"));
    }
}

#[test]
fn heads_are_1024_bytes_or_what_there_is() {
    for length in [0, 1, 1023, 1024, 1025, 5000] {
        let expected = length.min(1024);
        assert_eq!(with(Content::Source(bytes(length))).head().len(), expected);
        assert_eq!(with(Content::Source(scattered(length as u64))).head(), vec![0; expected]);
    }
    assert_eq!(with(Content::NotKept((*b"first").into())).head(), b"first");
    assert_eq!(Member::new(MemberKind::Directory, b"a").head(), b"");
    assert_eq!(with(Content::Damaged("why".into())).head(), b"");
}

#[test]
fn what_has_no_bytes_says_why() {
    let cases = [
        (with(Content::NotKept(Box::default())), "member `dir/name` was not kept"),
        (with(Content::Damaged("the map is wrong".into())), "dir/name, offset 0x0: the map is wrong"),
        (Member::new(MemberKind::Directory, b"dir/name/"), "member `dir/name` is a dir, not a file"),
        (Member::new(MemberKind::Fifo, b"dir/name"), "member `dir/name` is a fifo, not a file"),
    ];
    for (member, expected) in cases {
        for error in [member.source().unwrap_err(), member.bytes(("image", 9)).unwrap_err()] {
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }
}

#[test]
fn a_member_is_cut_where_less_is_there_than_its_size() {
    for (size, available, cut) in [(0, 0, false), (5, 5, false), (5, 4, true), (5, 0, true)] {
        let mut member = Member { size, ..with(Content::InPlace(bytes(9))) };
        member.set_available(available);
        assert_eq!((member.available(), member.is_cut()), (available, cut));
        assert_eq!(member.source().unwrap().len(), available);
    }
}

#[test]
fn what_most_members_lack_is_empty() {
    let member = Member::new(MemberKind::File, b"a");
    assert_eq!(member.owner_names(), ("".into(), "".into()));
    assert_eq!((member.is_sparse(), member.pax_records().count(), member.xattrs().count()), (false, 0, 0));
    assert_eq!((member.link(), member.device(), member.mode_type()), (None, None, 0));
}

#[test]
fn attributes_are_the_records_with_their_prefix() {
    let records = |pairs: &[(&str, &[u8])]| Records::parse(&icecore_synth::pax_records(pairs)).0;
    let mut member = Member::new(MemberKind::File, b"a");
    let rare = member.rare_mut();
    rare.global = Some(Arc::new(records(&[("SCHILY.xattr.user.all", b"1"), ("comment", b"x")])));
    rare.pax = records(&[
        ("path", b"x"),
        ("SCHILY.xattr.user.note", b"a=b\n"),
        ("SCHILY.xattr.", b"no name"),
        ("SCHILY.xattr.security.capability", &[1, 0, 0, 2, 0xff]),
        ("LIBARCHIVE.xattr.user.note", b"YT1i"),
    ]);
    let found: Vec<_> = member.xattrs().map(|(key, value)| (key.to_string(), value.len())).collect();
    let expected = [("user.all", 1), ("user.note", 4), ("", 7), ("security.capability", 5)];
    assert_eq!(found, expected.map(|(key, length)| (key.to_owned(), length)));
    assert_eq!(member.pax_records().count(), 7);
}

#[test]
fn what_lies_in_the_archive_is_borrowed_from_there() {
    let mut member = Member { offset: 10, size: 20, ..with(Content::InPlace(bytes(300))) };
    let expected: Vec<u8> = (10..30).collect();
    assert!(matches!(member.bytes(("image", 20)).unwrap(), Cow::Borrowed(bytes) if bytes == expected));
    assert_eq!((member.head(), member.source().unwrap().len()), (expected, 20));
    // A claim that passes the end of the archive gives what there is.
    (member.offset, member.size) = (295, 20);
    assert_eq!(member.bytes(("image", 20)).unwrap().len(), 5);
    member.offset = 400;
    assert_eq!((member.bytes(("image", 20)).unwrap().len(), member.head().len()), (0, 0));
}

#[test]
fn names_stand_as_they_are_written() {
    for raw in ["a/b", "a/b/", "./a/b", "a//b", ".", "./", "/a"] {
        let member = Member::new(MemberKind::File, raw.as_bytes());
        assert_eq!(
            (member.raw_name().as_bytes(), &member.name),
            (raw.as_bytes(), &MemberName::new(raw.as_bytes()))
        );
        let mut other = Member::new(MemberKind::Directory, b"x//y");
        other.size = 7;
        let renamed = other.named_as(&member);
        assert_eq!((renamed.raw_name(), &renamed.name, renamed.size), (member.raw_name(), &member.name, 7));
    }
}

#[test]
fn the_mode_is_permissions_and_perhaps_a_type() {
    let mut member = Member::new(MemberKind::File, b"a");
    for (mode, parts) in
        [(0o644, (0o644, 0)), (0o104_755, (0o4755, 0o100_000)), (u32::MAX, (0o7777, 0o170_000))]
    {
        member.set_mode(mode);
        assert_eq!((member.mode, member.mode_type()), parts);
    }
}

/// A listing of a million members has to fit into memory beside all else: names take some 64 bytes more each.
#[test]
fn a_member_is_small() {
    assert!(size_of::<Member>() <= 96, "{} bytes", size_of::<Member>());
}
