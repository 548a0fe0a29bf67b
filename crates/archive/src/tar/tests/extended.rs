//! What stands in front of a header: extended headers of PAX, long names of GNU.

use bstr::ByteSlice as _;

use super::*;

#[test]
fn records_replace_the_fields_of_the_header() {
    let tar = Tar::new()
        .pax(&[
            ("path", b"a/long/path"),
            ("size", b"7"),
            ("uid", b"4294967296"),
            ("gid", b"4294967297"),
            ("mtime", b"1764102646.123456789"),
            ("uname", b"alice"),
            ("gname", b"staff"),
        ])
        .member(Header::file("short").size(0).owner(1, 2).mtime(3).field(Field::Owner, "bob"), "content")
        .finish();
    let listed = list(&tar).sound();
    let member = listed.only();
    assert_eq!(member.raw_name().as_ref(), "a/long/path");
    assert_eq!((member.uid, member.gid), (1 << 32, (1 << 32) + 1));
    assert_eq!(member.mtime, Timestamp { seconds: 1_764_102_646, nanoseconds: 123_456_789 });
    assert_eq!(member.owner_names(), ("alice".into(), "staff".into()));
    assert_eq!(content(member).unwrap(), b"content");
}

fn seconds(time: Option<Timestamp>) -> Option<(i64, u32)> {
    time.map(|time| (time.seconds, time.nanoseconds))
}

#[test]
fn other_times_are_records_of_their_own() {
    let tar = Tar::new()
        .pax(&[("atime", b"5.5"), ("ctime", b"-1.25"), ("LIBARCHIVE.creationtime", b"7")])
        .file("all", "")
        .pax(&[("atime", b"now"), ("ctime", b"")])
        .file("none", "")
        .file("plain", "")
        .finish();
    let listed = list(&tar).sound();
    let times = |index: usize| {
        let member = &listed.members[index];
        [seconds(member.atime()), seconds(member.ctime()), seconds(member.btime())]
    };
    assert_eq!(times(0), [Some((5, 500_000_000)), Some((-2, 750_000_000)), Some((7, 0))]);
    assert_eq!((times(1), times(2)), ([None; 3], [None; 3]));
}

/// `tar --incremental` fills two fields of GNU's header; in ustar, the same bytes are the name's front part.
#[test]
fn other_times_stand_in_headers_of_gnu() {
    let fields = |header: Header| header.at(345, b"00000000017\x0000000000020\0");
    let tar = Tar::new()
        .member(fields(Header::file("gnu").gnu()), "")
        .pax(&[("atime", b"1")])
        .member(fields(Header::file("both").gnu()), "")
        .member(Header::file("unset").gnu(), "")
        .member(fields(Header::file("ustar")), "")
        .finish();
    let listed = list(&tar).sound();
    let times = |index: usize| [listed.members[index].atime(), listed.members[index].ctime()].map(seconds);
    assert_eq!(times(0), [Some((15, 0)), Some((16, 0))]);
    assert_eq!(times(1), [Some((1, 0)), Some((16, 0))]);
    assert_eq!((times(2), times(3)), ([None; 2], [None; 2]));
}

#[test]
fn records_are_of_one_member_only() {
    let tar = Tar::new().pax(&[("path", b"long"), ("uid", b"5")]).file("a", "").file("b", "").finish();
    let listed = list(&tar).sound();
    assert_eq!(listed.names(), ["long", "b"]);
    assert_eq!((listed.members[0].uid, listed.members[1].uid), (5, 0));
    assert_eq!(listed.members[1].pax_records().count(), 0);
}

#[test]
fn values_are_bytes_of_any_kind() {
    let values: [&[u8]; 5] = [b"a\nb=c\n", b"caf\xe9", b"=", b"12 x=y\n", &[0xff; 300]];
    for value in values {
        let tar = Tar::new().pax(&[("path", value), ("SCHILY.xattr.user.x", value)]).file("a", "").finish();
        let listed = list(&tar).sound();
        assert_eq!(listed.only().raw_name().as_ref(), value);
        let xattrs: Vec<_> = listed.only().xattrs().collect();
        assert_eq!(xattrs, [("user.x".into(), value.into())]);
    }
}

#[test]
fn unknown_records_are_kept_in_their_order() {
    let records: [(&str, &[u8]); 4] = [
        ("VENDOR.key", b"1"),
        ("SCHILY.xattr.security.capability", b"\x01\0\0\x02"),
        ("comment", b"x"),
        ("hdrcharset", b"BINARY"),
    ];
    let listed = list(&Tar::new().pax(&records).file("a", "").finish()).sound();
    let kept: Vec<_> =
        listed.only().pax_records().map(|(key, value)| (key.to_string(), value.as_bytes())).collect();
    assert_eq!(kept, records.map(|(key, value)| (key.to_owned(), value)));
    assert_eq!(listed.only().xattrs().count(), 1);
}

#[test]
fn a_number_that_is_none_leaves_the_header_in_charge() {
    let tar = Tar::new()
        .pax(&[("uid", b"-1"), ("gid", b"x"), ("size", b"seven"), ("mtime", b"yesterday")])
        .member(Header::file("a").owner(1, 2).mtime(3), "content")
        .finish();
    let listed = list(&tar).sound();
    let member = listed.only();
    assert_eq!((member.uid, member.gid, member.mtime.seconds), (1, 2, 3));
    assert_eq!(content(member).unwrap(), b"content");
}

/// POSIX: an empty value deletes what was said before.
#[test]
fn an_empty_value_leaves_the_header_in_charge() {
    let tar = Tar::new()
        .pax_global(&[("path", b"everywhere"), ("uname", b"all"), ("uid", b"9")])
        .pax(&[("path", b""), ("uname", b""), ("uid", b""), ("size", b""), ("mtime", b""), ("linkpath", b"")])
        .member(Header::file("own").owner(1, 2).field(Field::Owner, "bob"), "content")
        .finish();
    let listed = list(&tar);
    assert_eq!(listed.codes(), [Code::PaxGlobal]);
    let member = listed.only();
    assert_eq!((member.raw_name().as_bytes(), member.uid), (&b"own"[..], 1));
    assert_eq!(member.owner_names().0, "bob");
    assert_eq!(content(member).unwrap(), b"content");
}

#[test]
fn a_size_from_a_record_is_checked_like_any_other() {
    for size in ["18446744073709551615", "9223372036854775807"] {
        let listed =
            list(&Tar::new().file("good", "").pax(&[("size", size.as_bytes())]).file("bad", "").finish());
        assert_eq!(listed.names(), ["good"]);
        assert_eq!(listed.codes(), [Code::BadSize]);
        assert!(listed.findings[0].text.contains(size));
    }
    // A smaller size than the body has: what is left is no header.
    let listed = list(&Tar::new().pax(&[("size", b"3")]).file("a", [b'x'; 600]).finish());
    assert_eq!(content(&listed.members[0]).unwrap(), b"xxx");
    assert_eq!(listed.codes(), [Code::BadHeader]);
}

#[test]
fn global_records_hold_for_all_behind_them_and_local_ones_win() {
    let tar = Tar::new()
        .file("before", "")
        .pax_global(&[("uid", b"7"), ("uname", b"seven")])
        .file("first", "")
        .pax(&[("uid", b"8")])
        .file("second", "")
        .pax_global(&[("uid", b"9")])
        .file("third", "")
        .finish();
    let listed = list(&tar);
    let owners: Vec<_> =
        listed.members.iter().map(|member| (member.uid, member.owner_names().0.to_string())).collect();
    let named = |uid, name: &str| (uid, name.to_owned());
    assert_eq!(owners, [named(0, ""), named(7, "seven"), named(8, "seven"), named(9, "seven")]);
    assert_eq!(listed.codes(), [Code::PaxGlobal, Code::PaxGlobal]);
    assert_eq!(listed.findings[0].offset, Some(512));
}

#[test]
fn of_two_extended_headers_the_later_wins() {
    for flag in [b'x', b'X'] {
        let records = icecore_synth::pax_records(&[("path", b"second"), ("gid", b"2")]);
        let tar = Tar::new()
            .pax(&[("path", b"first"), ("uid", b"1")])
            .member(Header::new(flag, "PaxHeaders"), records)
            .file("a", "")
            .finish();
        let listed = list(&tar).sound();
        let member = listed.only();
        assert_eq!((member.raw_name().as_bytes(), member.uid, member.gid), (&b"second"[..], 1, 2));
    }
}

#[test]
fn a_key_given_twice_is_told() {
    let listed =
        list(&Tar::new().pax(&[("path", b"x"), ("uid", b"1"), ("path", b"y")]).file("a", "").finish());
    assert_eq!(listed.names(), ["y"]);
    assert_eq!(listed.told(), [(Code::PaxRepeated, Some(0))]);
    assert!(listed.findings[0].text.contains("repeats path;"), "{}", listed.findings[0].text);
}

#[test]
fn damage_in_a_header_is_told_where_it_is() {
    let sound = b"9 path=b\n9 uid=41\n";
    for (damage, what) in [
        (&b"99 gid=1\n"[..], "longer than its header"),
        (b"gid=1\n", "no length"),
        (b"7 gid1\n", "does not end with a newline"),
        (b"x gid=1\n", "no number"),
        (b"7 gid1\n\n", "does not end with a newline"),
    ] {
        let body = [&sound[..], damage].concat();
        let tar = Tar::new().file("first", "").member(Header::new(b'x', "p"), &body).file("a", "").finish();
        let listed = list(&tar);
        assert_eq!(listed.names(), ["first", "b"], "{what}");
        assert_eq!((listed.members[1].uid, listed.members[1].gid), (41, 0));
        // Behind the first member, its header, and the sound records.
        assert_eq!(listed.told(), [(Code::BadPax, Some(512 + 512 + sound.len() as u64))], "{what}");
    }
}

#[test]
fn gnu_names_and_links_have_any_length() {
    for length in [1, 100, 101, 511, 512, 513, 5000] {
        let (name, target) = ("n".repeat(length), "t".repeat(length + 1));
        let tar = Tar::new()
            .long_link(&target)
            .long_name(&name)
            .symlink("short", "short")
            .file("next", "")
            .finish();
        let listed = list(&tar).sound();
        assert_eq!(listed.names(), [name.as_str(), "next"]);
        assert_eq!(listed.members[0].link().unwrap(), &target);
    }
}

#[test]
fn a_gnu_name_ends_at_its_nul_or_without_one() {
    for body in [&b"name\0"[..], b"name", b"name\0junk", b"name\0\0\0"] {
        let listed =
            list(&Tar::new().member(Header::new(b'L', "././@LongLink"), body).file("a", "").finish());
        assert_eq!(listed.sound().names(), ["name"]);
    }
}

#[test]
fn a_record_wins_over_a_gnu_name() {
    let tar = Tar::new()
        .long_name("gnu")
        .long_link("gnu-target")
        .pax(&[("path", b"pax"), ("linkpath", b"pax-target")])
        .symlink("own", "own-target")
        .finish();
    let listed = list(&tar).sound();
    assert_eq!(listed.only().raw_name().as_ref(), "pax");
    assert_eq!(listed.only().link().unwrap(), "pax-target");
}

#[test]
fn what_is_too_large_is_passed_over_and_told() {
    let long = "n".repeat(600);
    let limits = Limits::default().name(600).pax_header(500);
    let tar = Tar::new()
        .long_name(&long)
        .file("one", "1")
        .pax(&[("path", long.as_bytes())])
        .file("two", "2")
        .finish();
    let listed = list_within(&tar, &limits);
    assert_eq!(listed.names(), ["one", "two"]);
    let second = 512 + 1024 + 512 + 512;
    assert_eq!(listed.told(), [(Code::HeaderTooLarge, Some(0)), (Code::HeaderTooLarge, Some(second))]);
    assert!(listed.findings[0].text.contains("long name of 601 bytes, above the limit of 600"));
    let claims = Tar::new().member(Header::new(b'x', "p").size(1 << 50), "").bytes();
    assert_eq!(list(&claims).codes(), [Code::HeaderTooLarge, Code::HeaderAlone, Code::NoEndMarker]);
}

/// Nothing says how many extended headers may stand in front of one member.
#[test]
fn extended_headers_of_one_member_have_one_limit() {
    let value = [b'v'; 300];
    let headers = ["user.a", "user.b", "user.c"].map(|key| [(key, &value[..])]);
    let tar = headers.iter().fold(Tar::new(), |tar, header| tar.pax(header)).file("one", "1");
    let tar = tar.pax(&headers[2]).file("two", "2").finish();
    let listed = list_within(&tar, &Limits::default().pax_header(700));
    let keys = |member: &Member| member.pax_records().map(|(key, _)| key.to_string()).collect::<Vec<_>>();
    assert_eq!(
        listed.members.iter().map(keys).collect::<Vec<_>>(),
        [vec!["user.a", "user.b"], vec!["user.c"]]
    );
    assert_eq!(listed.told(), [(Code::HeaderTooLarge, Some(2 * 1024))]);
}

#[test]
fn an_extended_header_may_be_cut() {
    let whole = Tar::new().file("a", "").pax(&[("path", b"b"), ("uid", b"1")]).file("c", "").finish();
    for length in 513..1536 {
        let listed = list(&whole[..length]);
        assert_eq!(listed.names(), ["a"], "{length}");
        assert!(!listed.findings.is_empty(), "{length}");
        assert!(listed.findings.iter().all(|finding| finding.offset.is_some_and(|at| at <= length as u64)));
    }
}
