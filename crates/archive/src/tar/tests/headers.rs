//! The fields of headers, in the forms that writers have for them.

use super::*;

/// A tar of one member with this header.
fn one(header: Header, body: &[u8]) -> Listed {
    list(&Tar::new().member(header, body).finish())
}

#[test]
fn every_field_reads_back() {
    let header = Header::file("name")
        .mode(0o100_640)
        .owner(1000, 100)
        .mtime(1_764_102_646)
        .field(Field::Owner, "alice")
        .field(Field::Group, "staff")
        .field(Field::Prefix, "deep/er");
    let listed = one(header, b"content").sound();
    let member = listed.only();
    assert_eq!(member.raw_name().as_ref(), "deep/er/name");
    assert_eq!((member.mode, member.mode_type()), (0o640, 0o100_000));
    assert_eq!((member.uid, member.gid), (1000, 100));
    assert_eq!(member.mtime, Timestamp { seconds: 1_764_102_646, nanoseconds: 0 });
    assert_eq!(member.owner_names(), ("alice".into(), "staff".into()));
    assert_eq!((member.link(), member.device()), (None, None));
    assert_eq!(content(member).unwrap(), b"content");
}

#[test]
fn sizes_have_many_forms() {
    let mut base_256 = [0; 12];
    (base_256[0], base_256[11]) = (0x80, 7);
    let forms: [&[u8]; 9] = [
        b"00000000007\0",
        b"00000000007 ",
        b"000000000007",
        b"          7 ",
        b"          7\0",
        b"7",
        b"7 \0\0\0junk",
        b"\t7\0",
        &base_256,
    ];
    for form in forms {
        let listed = one(Header::file("a").field(Field::Size, form), b"content").sound();
        assert_eq!(content(listed.only()).unwrap(), b"content", "{form:?}");
    }
    for zero in [&b""[..], b"            ", b"0", b"\0 7"] {
        let listed = one(Header::file("a").field(Field::Size, zero), b"").sound();
        assert_eq!(listed.only().size, 0, "{zero:?}");
    }
}

#[test]
fn a_size_that_is_none_ends_the_listing() {
    let sizes: [(Header, &str); 7] = [
        (Header::file("bad").field(Field::Size, "9"), "no number"),
        (Header::file("bad").field(Field::Size, "0x10"), "no number"),
        (Header::file("bad").field(Field::Size, "-7"), "no number"),
        (Header::file("bad").field(Field::Size, "7,5"), "no number"),
        (Header::file("bad").base256(Field::Size, -1), "-1"),
        (Header::file("bad").base256(Field::Size, i128::from(i64::MAX)), "9223372036854775807"),
        (Header::file("bad").base256(Field::Size, 1 << 80), "1208925819614629174706176"),
    ];
    for (header, found) in sizes {
        let listed = list(&Tar::new().file("good", "x").member(header, "").file("behind", "").finish());
        assert_eq!(listed.names(), ["good"]);
        assert_eq!(listed.told(), [(Code::BadSize, Some(1024))]);
        let text = &listed.findings[0].text;
        assert!(text.contains("`bad`") && text.contains(&format!("is {found}:")), "{text}");
    }
}

/// A size that fits a file system but not the archive is a cut, and costs nothing.
#[test]
fn a_size_beyond_the_archive_is_a_cut() {
    for size in [1, 513, 1 << 33, i64::MAX.cast_unsigned() - 1] {
        let listed = list(&Tar::new().member(Header::file("a").size(size), "").bytes());
        let member = listed.only();
        assert_eq!((member.size, member.available(), member.is_cut()), (size, 0, true));
        assert_eq!(listed.told(), [(Code::ArchiveCut, Some(0))]);
    }
}

#[test]
fn numbers_that_only_describe_are_0_where_they_are_none() {
    let header = Header::file("a")
        .field(Field::Mode, "rw-r--r-")
        .field(Field::Uid, "root")
        .base256(Field::Gid, -2)
        .base256(Field::Mtime, 1 << 70);
    let listed = one(header, b"").sound();
    let member = listed.only();
    assert_eq!((member.mode, member.uid, member.gid, member.mtime), (0, 0, 0, Timestamp::default()));
}

#[test]
fn large_and_negative_numbers_are_binary() {
    let header = Header::file("a").number(Field::Uid, u64::from(u32::MAX)).base256(Field::Mtime, -86_400);
    let listed = one(header, b"").sound();
    assert_eq!(listed.only().uid, u64::from(u32::MAX));
    assert_eq!(listed.only().mtime, Timestamp { seconds: -86_400, nanoseconds: 0 });
}

#[test]
fn flags_are_kinds() {
    let kinds = [
        (0, "a", MemberKind::File),
        (b'0', "a", MemberKind::File),
        (b'7', "a", MemberKind::File),
        (0, "a/", MemberKind::Directory),
        (b'0', "a/", MemberKind::Directory),
        (b'1', "a", MemberKind::Hardlink),
        (b'2', "a", MemberKind::Symlink),
        (b'3', "a", MemberKind::CharacterDevice),
        (b'4', "a", MemberKind::BlockDevice),
        (b'5', "a", MemberKind::Directory),
        (b'6', "a", MemberKind::Fifo),
    ];
    for (flag, name, kind) in kinds {
        let listed = one(Header::new(flag, name).link("target"), b"").sound();
        let member = listed.only();
        assert_eq!(member.kind, kind, "{flag}");
        let is_link = matches!(kind, MemberKind::Hardlink | MemberKind::Symlink);
        assert_eq!(member.link().map(ToString::to_string), is_link.then(|| "target".into()), "{flag}");
        assert_eq!(member.source().is_ok(), kind == MemberKind::File, "{flag}");
    }
}

/// Flags of other programs: a dump directory, a volume label, a multi-volume part, an ACL of Solaris.
#[test]
fn strange_flags_are_listed_with_their_bodies() {
    for flag in [b'D', b'V', b'M', b'A', b'8', 1, 0xff] {
        let listed = one(Header::new(flag, "odd"), b"body");
        let member = listed.only();
        assert_eq!(member.kind, MemberKind::Other(flag));
        assert_eq!(member.kind.name(), "other");
        assert_eq!(content(member).unwrap(), b"body");
        assert_eq!(listed.told(), [(Code::StrangeType, Some(0))]);
        assert!(listed.findings[0].text.contains(&format!("{flag:#04x}")));
    }
}

#[test]
fn devices_have_numbers() {
    for (flag, expected) in [(b'3', Some((1, 3))), (b'4', Some((1, 3))), (b'0', None), (b'6', None)] {
        let header = Header::new(flag, "dev").number(Field::Major, 1).number(Field::Minor, 3);
        assert_eq!(one(header, b"").sound().only().device(), expected);
    }
    // Before ustar there was no room for them.
    let old = Header::new(b'3', "dev").number(Field::Major, 1).v7();
    assert_eq!(one(old, b"").sound().only().device(), Some((0, 0)));
}

#[test]
fn names_fill_their_fields() {
    let (name, prefix, target) = ("n".repeat(100), "p".repeat(155), "t".repeat(100));
    let header = Header::new(b'2', &name).field(Field::Prefix, &prefix).link(&target);
    let listed = one(header, b"").sound();
    assert_eq!(listed.only().raw_name().to_string(), format!("{prefix}/{name}"));
    assert_eq!(listed.only().link().unwrap(), &target);
}

/// GNU has times where ustar has the prefix, and V7 has nothing behind the link.
#[test]
fn a_prefix_belongs_to_ustar_alone() {
    let gnu = Header::file("name").field(Field::Prefix, "00000000000").gnu();
    assert_eq!(one(gnu, b"").sound().only().raw_name().as_ref(), "name");
    let v7 = Header::file("name").field(Field::Prefix, "x").field(Field::Owner, "root").v7();
    let listed = one(v7, b"").sound();
    assert_eq!(listed.only().raw_name().as_ref(), "name");
    assert_eq!(listed.only().owner_names(), ("".into(), "".into()));
}

#[test]
fn names_are_bytes_up_to_the_first_nul() {
    let listed = one(Header::file(b"caf\xe9\0junk"), b"").sound();
    assert_eq!(listed.only().raw_name().as_ref(), &b"caf\xe9"[..]);
    assert_eq!(listed.only().name.as_bytes(), b"caf\xe9");
}

#[test]
fn names_are_normalised_and_kept_as_they_were() {
    for (raw, name) in [("./a", "a"), ("/a", "a"), ("a//b/", "a/b"), ("./", ""), ("../a", "../a")] {
        let listed = list(&Tar::new().member(Header::new(b'5', raw), "").finish());
        assert_eq!(listed.only().raw_name().as_ref(), raw);
        assert_eq!(listed.only().name.as_bytes(), name.as_bytes());
    }
}

#[test]
fn checksums_have_many_forms() {
    let block = Header::file("gr\u{fc}n").block(0);
    let sum = header::number(&block[148..156]).unwrap();
    let forms = [
        format!("{sum:06o}\0 "),
        format!("{sum:06o} \0"),
        format!("{sum:07o}\0"),
        format!("{sum:08o}"),
        format!("{sum:6o}\0 "),
        format!("{sum:o}\0"),
    ];
    for form in forms {
        let header = Header::file("gr\u{fc}n").size(0).field(Field::Checksum, &form);
        one(header.checksum(Checksum::Untouched), b"").sound();
    }
    let signed = Header::file("gr\u{fc}n").checksum(Checksum::Signed);
    one(signed, b"").sound();
    for wrong in ["", "       ", "777777\0 ", "xyz", "-10"] {
        let header = Header::file("a").size(0).field(Field::Checksum, wrong).checksum(Checksum::Untouched);
        assert_eq!(one(header, b"").codes(), [Code::BadHeader], "{wrong:?}");
    }
}

proptest! {
    /// Both forms of numbers give back what was written, in fields of either width.
    #[test]
    fn numbers_read_back(value in any::<u64>(), shift in 0_u32..64) {
        let value = value >> shift;
        let block = Header::file("a").number(Field::Uid, value).number(Field::Mtime, value).block(0);
        let fields = (header::number(&block[108..116]), header::number(&block[136..148]));
        let fits = value < 1 << 55;
        prop_assert_eq!(fields.1, Some(i128::from(value)));
        prop_assert!(!fits || fields.0 == Some(i128::from(value)));
    }

    #[test]
    fn negative_numbers_read_back(value in i64::MIN..0) {
        let block = Header::file("a").base256(Field::Mtime, value.into()).block(0);
        prop_assert_eq!(header::number(&block[136..148]), Some(i128::from(value)));
    }

    #[test]
    fn any_field_is_a_number_or_none(field in prop::collection::vec(any::<u8>(), 0..13)) {
        if let Some(number) = header::number(&field) {
            prop_assert!((-(1 << 96)..1 << 96).contains(&number));
        }
    }
}
