//! How an archive ends: as it should, early, or with more behind its end.

use icecore_synth::damage;

use super::*;

fn two() -> Tar {
    Tar::new().file("a", [1; 700]).file("b", [2; 100])
}

/// Where the blocks of the archive end, in bytes.
const END: usize = 512 * 5;

#[test]
fn two_blocks_of_zeros_are_the_end_and_more_is_padding() {
    for zeros in [1024, 1536, 10_240 - END, 20_480 - END, 200_000] {
        assert_eq!(list(&two().raw(vec![0; zeros]).bytes()).sound().names(), ["a", "b"]);
    }
    list(&[0; 1024]).sound();
    list(&[0; 10_240]).sound();
}

#[test]
fn an_end_that_is_missing_is_told() {
    for (zeros, code, at) in [
        (0, Code::NoEndMarker, END),
        (512, Code::NoEndMarker, END + 512),
        (511, Code::ArchiveCut, END),
        (700, Code::ArchiveCut, END + 512),
    ] {
        let listed = list(&two().raw(vec![0; zeros]).bytes());
        assert_eq!(listed.names(), ["a", "b"]);
        assert_eq!(listed.told(), [(code, Some(at as u64))], "{zeros}");
    }
}

#[test]
fn a_lone_block_of_zeros_does_not_end_the_listing() {
    let listed = list(&two().raw([0; 512]).file("c", "").finish());
    assert_eq!(listed.names(), ["a", "b", "c"]);
    assert_eq!(listed.told(), [(Code::LoneZeroBlock, Some(END as u64))]);
    let listed = list(&two().raw([0; 512]).raw([b'x'; 512]).file("c", "").bytes());
    assert_eq!(listed.names(), ["a", "b"]);
    assert_eq!(listed.codes()[0], Code::LoneZeroBlock);
    assert!(listed.findings[0].text.contains("no header behind it"));
}

/// An engine that writes over a longer file leaves its tail.
#[test]
fn what_follows_the_end_is_counted() {
    let tail = Tar::new().file("old-1", "x").file("old-2", "").finish();
    let listed = list(&[two().finish(), tail.clone()].concat());
    assert_eq!(listed.names(), ["a", "b"]);
    let behind = END as u64 + 1024;
    assert_eq!(listed.told(), [(Code::TrailingData, Some(behind))]);
    let text = &listed.findings[0].text;
    assert!(text.starts_with(&format!("{} bytes follow", tail.len())), "{text}");
    assert!(text.contains("2 headers of members"), "{text}");
    let listed = list(&two().raw([0; 1024]).raw("junk").bytes());
    assert!(listed.findings[0].text.starts_with("4 bytes follow"), "{}", listed.findings[0].text);
    assert!(listed.findings[0].text.ends_with("no headers among them"), "{}", listed.findings[0].text);
}

#[test]
fn the_whole_tail_is_counted_however_long_it_is() {
    let listed = list(&two().raw([0; 1024]).raw(vec![1; 300_000]).bytes());
    assert!(listed.findings[0].text.starts_with("300000 bytes follow"), "{}", listed.findings[0].text);
}

/// At each length: members in front of the cut are whole, the one at the cut is marked, and something is told there.
#[test]
fn cuts_at_every_byte() {
    let whole = two().finish();
    for (length, cut) in damage::cuts(&whole, 1, whole.len()).enumerate() {
        let listed = list(&cut);
        let expected: &[&str] = match length {
            0..512 => &[],
            512..2048 => &["a"],
            _ => &["a", "b"],
        };
        assert_eq!(listed.names(), expected, "{length}");
        let [finding] = &listed.findings[..] else { panic!("{length}: {:?}", listed.findings) };
        assert!(finding.offset.is_some_and(|at| at <= length as u64), "{length}");
        for (member, body) in listed.members.iter().zip([&[1; 700][..], &[2; 100]]) {
            let there = body.len().min(length.saturating_sub(usize::try_from(member.offset).unwrap()));
            assert_eq!(member.size, body.len() as u64);
            assert_eq!((member.available(), member.is_cut()), (there as u64, there < body.len()), "{length}");
            assert_eq!(content(member).unwrap(), &body[..there], "{length}");
        }
        let inside = listed.members.last().is_some_and(Member::is_cut);
        assert_eq!(finding.member.is_some(), inside, "{length}: {}", finding.text);
    }
    list(&whole).sound();
}

/// A long name or an extended header is about the next member, and here there is none.
#[test]
fn a_header_about_nothing_is_told() {
    let records: [(&str, &[u8]); 1] = [("path", b"lost")];
    let ahead = [
        ("a long name", two().long_name("lost"), true),
        ("a long link", two().long_link("lost"), false),
        ("an extended header", two().pax(&records), false),
        ("both", two().long_name("lost").pax(&records), true),
    ];
    for (what, tar, is_named) in ahead {
        let at = Some(two().position());
        let listed = list(&tar.clone().finish());
        assert_eq!(listed.told(), [(Code::HeaderAlone, at)], "{what}");
        assert_eq!(listed.findings[0].text.contains("`lost`"), is_named, "{what}");
        let listed = list(&tar.clone().bytes());
        assert_eq!(listed.codes(), [Code::HeaderAlone, Code::NoEndMarker], "{what}");
        // With a member behind them they say what they should.
        list(&tar.file("found", "").finish()).sound();
    }
    // A global header is about whatever follows, also nothing; one that is damaged ends the listing by itself.
    assert_eq!(list(&two().pax_global(&records).finish()).codes(), [Code::PaxGlobal]);
}
