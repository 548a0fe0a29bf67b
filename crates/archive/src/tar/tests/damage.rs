//! Headers that are wrong, and bodies where there should be none.

use icecore_synth::damage;

use super::*;

fn wrong(header: Header) -> Header {
    header.checksum(Checksum::Wrong)
}

#[test]
fn a_wrong_checksum_whose_size_leads_on_is_taken() {
    for header in [Header::file("b"), Header::file("b").gnu(), Header::new(0, "b"), Header::new(b'7', "b")] {
        let tar = Tar::new().file("a", "1").member(wrong(header), "2").file("c", "3").finish();
        let listed = list(&tar);
        assert_eq!(listed.names(), ["a", "b", "c"]);
        assert_eq!(listed.told(), [(Code::BadHeader, Some(1024))]);
        assert!(listed.findings[0].text.contains("was taken"), "{}", listed.findings[0].text);
        assert_eq!(content(&listed.members[1]).unwrap(), b"2");
    }
    let last = list(&Tar::new().member(wrong(Header::file("only")), "2").finish());
    assert_eq!((last.names(), last.codes()), (vec!["only".to_owned()], vec![Code::BadHeader]));
}

#[test]
fn a_wrong_checksum_whose_size_leads_nowhere_ends_the_listing() {
    let headers = [
        ("a size that is too small", wrong(Header::file("b").size(0))),
        ("a size that is too large", wrong(Header::file("b").size(100_000))),
        ("a size that is none", wrong(Header::file("b").field(Field::Size, "x"))),
        ("a size below 0", wrong(Header::file("b").base256(Field::Size, -1))),
        ("no magic", wrong(Header::file("b").v7())),
        ("a flag that is no member's", wrong(Header::new(b'x', "b"))),
        ("a flag of nobody", wrong(Header::new(b'Z', "b"))),
    ];
    for (what, header) in headers {
        let tar = Tar::new().file("a", "1").member(header, [b'y'; 600]).file("c", "3").finish();
        let listed = list(&tar);
        assert_eq!(listed.names(), ["a"], "{what}");
        assert_eq!(listed.told(), [(Code::BadHeader, Some(1024))], "{what}");
        assert!(listed.findings[0].text.ends_with("the listing ends here"), "{what}");
    }
}

/// What was told of a member that then was not taken is not told.
#[test]
fn a_guess_that_fails_leaves_nothing() {
    let tar = Tar::new().member(wrong(Header::new(b'1', "a").size(9)), [b'x'; 2000]).bytes();
    let listed = list(&tar);
    assert_eq!((listed.members.len(), listed.codes()), (0, vec![Code::BadHeader]));
}

#[test]
fn links_and_directories_with_bodies() {
    let body = [b'x'; 600];
    for (header, code) in [
        (Header::new(b'1', "odd").link("a"), Code::LinkWithBody),
        (Header::new(b'2', "odd").link("a"), Code::StrangeType),
        (Header::new(b'5', "odd/"), Code::StrangeType),
        (Header::new(b'3', "odd"), Code::StrangeType),
        (Header::new(b'6', "odd"), Code::StrangeType),
    ] {
        let tar = Tar::new().file("a", "1").member(header.clone(), body).file("c", "3").finish();
        let listed = list(&tar);
        assert_eq!(listed.members.len(), 3);
        assert_eq!(listed.codes(), [code]);
        assert!(listed.findings[0].text.contains("600 bytes, and a body"), "{}", listed.findings[0].text);
        assert_eq!((listed.members[1].size, content(&listed.members[2]).unwrap()), (0, b"3".to_vec()));
        // Old programs wrote the size of the target, and no body.
        let tar = Tar::new().file("a", "1").member(header.size(600), "").file("c", "3").finish();
        let listed = list(&tar);
        assert_eq!((listed.members.len(), listed.codes()), (3, vec![code]));
        assert!(listed.findings[0].text.contains("but no body"), "{}", listed.findings[0].text);
        assert_eq!(content(&listed.members[2]).unwrap(), b"3");
    }
}

#[test]
fn a_bit_of_the_header_is_a_wrong_checksum_and_takes_nothing_along_from_before() {
    let sound = Tar::new().file("a", "1").file("b", "2").file("c", "3").finish();
    // The last byte of the checksum stands behind its end.
    for offset in (1024..1536).filter(|offset| *offset != 1024 + 155) {
        let listed = list(&damage::flip(&sound, offset, 0));
        assert_eq!(listed.names()[0], "a", "{offset}");
        assert_eq!(content(&listed.members[0]).unwrap(), b"1");
        assert!(listed.codes().contains(&Code::BadHeader), "{offset}");
        // Where neither size, flag nor magic is hit, nothing is lost.
        let structure = [124..136, 156..157, 257..265];
        if !structure.iter().any(|field| field.contains(&(offset - 1024))) {
            assert_eq!(listed.members.len(), 3, "{offset}");
        }
    }
}

#[test]
fn junk_between_members_ends_the_listing_where_it_is() {
    let tar = Tar::new().file("a", "1").raw([b'j'; 512]).file("c", "3").finish();
    let listed = list(&tar);
    assert_eq!(listed.names(), ["a"]);
    assert_eq!(listed.told(), [(Code::BadHeader, Some(1024))]);
}

proptest! {
    /// A byte changed anywhere: members in front of it stay as they are, and a changed header is told.
    #[test]
    fn a_changed_byte_is_told(at: prop::sample::Index, bit in 0_u8..8) {
        let sound = Tar::new().file("a", [1; 600]).pax(&[("path", b"long")]).file("b", [2; 10]).finish();
        let at = at.index(sound.len());
        let listed = list(&damage::flip(&sound, at, bit));
        if at >= 512 + 1024 {
            prop_assert_eq!(content(&listed.members[0]).unwrap(), [1; 600]);
        }
        let bodies = [512..1536, 2048..2560, 3072..3584];
        let unread = bodies.iter().any(|body| body.contains(&at)) || at % 512 == 155 && at < 3584;
        prop_assert!(unread || !listed.findings.is_empty(), "byte {}", at);
    }
}
