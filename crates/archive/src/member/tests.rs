//! Members made by hand: what they say of themselves, and what comes of asking for their bytes.

use super::*;
use crate::archive::lone;
use crate::source::{Piece, Pieces};

fn with(content: Content) -> Member {
    Member { content, ..lone(Arc::new(Vec::new()), b"dir/name") }
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
    assert_eq!(with(Content::NotKept(Arc::from(&b"first"[..]))).head(), b"first");
    assert_eq!(with(Content::None).head(), b"");
    assert_eq!(with(Content::Damaged("why".into())).head(), b"");
}

#[test]
fn what_has_no_bytes_says_why() {
    let cases = [
        (with(Content::NotKept(Arc::from(&b""[..]))), "member `dir/name` was not kept"),
        (with(Content::Damaged("the map is wrong".into())), "dir/name, offset 0x0: the map is wrong"),
        (
            Member { kind: MemberKind::Directory, ..with(Content::None) },
            "member `dir/name` is a dir, not a file",
        ),
        (Member { kind: MemberKind::Fifo, ..with(Content::None) }, "member `dir/name` is a fifo, not a file"),
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
        assert_eq!(Member { size, available, ..with(Content::None) }.is_cut(), cut);
    }
}

#[test]
fn what_most_members_lack_is_empty() {
    let member = with(Content::None);
    assert_eq!(member.owner_names(), ("".into(), "".into()));
    assert_eq!((member.is_sparse(), member.pax_records().len(), member.xattrs().count()), (false, 0, 0));
}

#[test]
fn attributes_are_the_records_with_their_prefix() {
    let record = |key: &str, value: &[u8]| (BString::from(key), BString::from(value));
    let pax = vec![
        record("path", b"x"),
        record("SCHILY.xattr.user.note", b"a=b\n"),
        record("SCHILY.xattr.", b"no name"),
        record("SCHILY.xattr.security.capability", &[1, 0, 0, 2, 0xff]),
        record("LIBARCHIVE.xattr.user.note", b"YT1i"),
    ];
    let extra = Extra { owner: "root".into(), group: "wheel".into(), pax, sparse: true, ..Extra::default() };
    let member = Member { extra: Some(Box::new(extra)), ..with(Content::None) };
    let found: Vec<_> = member.xattrs().map(|(key, value)| (key.to_string(), value.len())).collect();
    assert_eq!(found, [("user.note".into(), 4), (String::new(), 7), ("security.capability".into(), 5)]);
    assert_eq!((member.owner_names(), member.is_sparse()), (("root".into(), "wheel".into()), true));
}

#[test]
fn bodies_become_contents() {
    let body = |body| match Content::from(body) {
        Content::Source(source) => source.len(),
        Content::NotKept(head) => head.len() as u64 + 1000,
        content => panic!("{content:?}"),
    };
    assert_eq!(body(Body::Kept(bytes(3))), 3);
    assert_eq!(body(Body::Cut(bytes(2))), 2);
    assert_eq!(body(Body::Head(Arc::from(&b"head"[..]))), 1004);
}
