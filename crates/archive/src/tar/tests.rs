//! Whole archives written header by header: what is listed, where it lies, and what is told.
//!
//! Each is read twice, from a source and from a stream, and both must say the same.

use std::sync::Arc;

use icecore_synth::{Checksum, Field, Header, Tar};
use proptest::prelude::*;

use super::*;
use crate::finding::{Code, Finding};
use crate::input::{SourceInput, StreamInput};
use crate::source::Spool;
use crate::{MemberKind, Timestamp};

mod damage;
mod ends;
mod extended;
mod headers;
mod sparse;

/// What an archive holds and what is told of it.
struct Listed {
    members: Vec<Member>,
    findings: Vec<Finding>,
}

fn list(bytes: &[u8]) -> Listed {
    list_within(bytes, &Limits::default())
}

fn list_within(bytes: &[u8], limits: &Limits) -> Listed {
    let at_hand = read(&mut SourceInput::new(Arc::new(bytes.to_vec())), limits);
    let passing = read(&mut StreamInput::new(bytes, Spool::new(1 << 20, 1 << 30)), limits);
    assert_eq!(at_hand.findings, passing.findings);
    assert_eq!(at_hand.members.len(), passing.members.len());
    for (one, other) in at_hand.members.iter().zip(&passing.members) {
        assert_eq!(facts(one), facts(other));
        assert_eq!(content(one), content(other), "{}", one.name);
    }
    at_hand
}

fn read(input: &mut dyn Input, limits: &Limits) -> Listed {
    let mut findings = Findings::default();
    let members = index(input, &|_, _| true, limits, &mut findings).unwrap();
    Listed { members, findings: findings.into_vec() }
}

/// Everything that is said of a member but its content.
fn facts(member: &Member) -> String {
    let Member { name, kind, mode, size, offset, uid, gid, mtime, .. } = member;
    let place = (name, member.raw_name(), kind, size, member.available(), offset);
    let header = (mode, member.mode_type(), uid, gid, mtime, member.link(), member.device());
    let pax: Vec<_> = member.pax_records().collect();
    let rest = (member.is_sparse(), member.owner_names(), pax);
    format!("{place:?} {header:?} {rest:?}")
}

/// The bytes of a member, up to a mebibyte, or why there are none.
fn content(member: &Member) -> Result<Vec<u8>, String> {
    member.bytes(("image", 1 << 20)).map(std::borrow::Cow::into_owned).map_err(|error| error.to_string())
}

impl Listed {
    /// The one member that there is.
    fn only(&self) -> &Member {
        let [member] = &self.members[..] else {
            panic!("{} members, {:?}", self.members.len(), self.findings)
        };
        member
    }

    fn names(&self) -> Vec<String> {
        self.members.iter().map(|member| member.raw_name().to_string()).collect()
    }

    /// Codes and places of what was told.
    fn told(&self) -> Vec<(Code, Option<u64>)> {
        self.findings.iter().map(|finding| (finding.code, finding.offset)).collect()
    }

    fn codes(&self) -> Vec<Code> {
        self.findings.iter().map(|finding| finding.code).collect()
    }

    /// Nothing was told.
    fn sound(self) -> Self {
        assert_eq!(self.findings, []);
        self
    }
}

#[test]
fn a_tar_is_told_by_its_first_header() {
    let sound = Tar::new().file("a", "x").finish();
    let wrong = |header: Header| Tar::new().member(header.checksum(Checksum::Wrong), "x").finish();
    let cases: [(&str, Vec<u8>, bool); 9] = [
        ("a sound header", sound.clone(), true),
        ("half a header", sound[..511].to_vec(), false),
        ("nothing", Vec::new(), false),
        ("an empty tar", vec![0; 1024], true),
        ("one block of zeros", vec![0; 512], false),
        ("zeros and something", [&[0; 1023][..], b"x"].concat(), false),
        ("a wrong checksum with the magic", wrong(Header::file("a")), true),
        ("a wrong checksum with GNU's magic", wrong(Header::file("a").gnu()), true),
        ("a wrong checksum and no magic", wrong(Header::file("a").v7()), false),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(is_tar(&bytes), expected, "{what}");
    }
}

#[test]
fn bodies_are_padded_to_blocks() {
    for (size, whole) in [(0, 0), (1, 512), (511, 512), (512, 512), (513, 1024), (u64::MAX, u64::MAX)] {
        assert_eq!(padded(size), whole);
    }
    let tar = Tar::new().file("a", [1; 511]).file("b", [2; 512]).file("c", [3; 513]).file("d", "").finish();
    let listed = list(&tar).sound();
    let places: Vec<_> = listed.members.iter().map(|member| (member.offset, member.size)).collect();
    assert_eq!(places, [(512, 511), (1536, 512), (2560, 513), (4096, 0)]);
    assert_eq!(content(&listed.members[2]).unwrap(), [3; 513]);
}

#[test]
fn what_is_not_kept_of_a_stream_leaves_its_head() {
    let tar = Tar::new().file("pages-1.img", [7; 5000]).file("core-1.img", [8; 3000]).finish();
    let mut stream = StreamInput::new(&tar[..], Spool::new(1 << 20, 1 << 30));
    let keep = |name: &MemberName, size: u64| {
        assert!(size == 5000 || size == 3000);
        name.as_bytes().starts_with(b"core")
    };
    let mut findings = Findings::default();
    let members = index(&mut stream, &keep, &Limits::default(), &mut findings).unwrap();
    assert_eq!(findings.into_vec(), []);
    let [pages, core] = &members[..] else { panic!("two members") };
    assert!(content(pages).unwrap_err().contains("was not kept"));
    assert_eq!(pages.head(), [7; 1024]);
    assert_eq!((pages.size, pages.available(), pages.is_cut()), (5000, 5000, false));
    assert_eq!(content(core).unwrap(), [8; 3000]);
    assert_eq!(core.head(), [8; 1024]);
}

#[test]
fn a_spool_that_is_full_cuts_members_and_says_so() {
    let tar = Tar::new().file("a", [1; 700]).file("b", [2; 700]).finish();
    let mut stream = StreamInput::new(&tar[..], Spool::new(0, 700));
    let Listed { members, findings } = read(&mut stream, &Limits::default());
    assert_eq!(content(&members[0]).unwrap(), [1; 700]);
    assert_eq!((members[1].size, members[1].available(), members[1].is_cut()), (700, 0, true));
    assert!(findings.iter().any(|finding| {
        finding.code == Code::SpoolLimit
            && finding.offset == Some(2048)
            && finding.text.contains("`spool`")
            && finding.member.as_ref().is_some_and(|name| name.as_bytes() == b"b")
    }));
}

#[test]
fn a_failing_medium_is_an_error() {
    struct Failing(usize);
    impl io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("disk on fire"));
            }
            let count = buffer.len().min(self.0);
            self.0 -= count;
            // The only header of a tar that is all of one byte would be no header; zeros are its end.
            buffer[..count].fill(0);
            Ok(count)
        }
    }
    for length in [0, 100, 512, 1000, 1024, 2000] {
        let mut stream = StreamInput::new(Failing(length), Spool::new(0, 0));
        let result = index(&mut stream, &|_, _| true, &Limits::default(), &mut Findings::default());
        assert_eq!(result.unwrap_err().to_string(), "disk on fire", "{length}");
    }
}

#[test]
fn members_are_limited() {
    let tar = (0..5).fold(Tar::new(), |tar, number| tar.file(format!("{number}"), "x")).finish();
    let listed = list_within(&tar, &Limits::default().members(3));
    assert_eq!(listed.names(), ["0", "1", "2"]);
    assert_eq!(listed.told(), [(Code::TooManyMembers, Some(3 * 1024))]);
    list_within(&tar, &Limits::default().members(5)).sound();
}

proptest! {
    /// What was written is what is listed: names, kinds, contents, facts.
    #[test]
    fn members_read_back(files in prop::collection::vec(
        ("[a-z]{1,8}(/[a-z ]{1,90}){0,3}", prop::collection::vec(any::<u8>(), 0..1100), any::<u32>(), any::<u64>(), any::<u64>()),
        0..8,
    )) {
        let tar = files.iter().fold(Tar::new(), |tar, (name, body, mode, uid, mtime)| {
            // A field of eight bytes holds 62 bits for sure.
            let (mode, uid, mtime) = (mode & 0o7777, uid >> 2, mtime >> 1);
            tar.pax(&[("path", name.as_bytes())])
                .member(Header::file("short").mode(mode).owner(uid, 7).mtime(mtime), body)
        });
        let listed = list(&tar.finish()).sound();
        prop_assert_eq!(listed.members.len(), files.len());
        for (member, (name, body, mode, uid, mtime)) in listed.members.iter().zip(&files) {
            prop_assert_eq!(&member.raw_name().to_string(), name);
            prop_assert_eq!(content(member).unwrap(), &body[..]);
            prop_assert_eq!((member.mode, member.uid, member.gid), (mode & 0o7777, uid >> 2, 7));
            prop_assert_eq!(member.mtime.seconds.cast_unsigned(), mtime >> 1);
        }
    }

    /// Blocks of anything, sound headers among them: both inputs agree, and nothing is served that is not there.
    #[test]
    fn any_blocks_end(blocks in prop::collection::vec(
        prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte; 512]),
            (any::<u8>(), 0_u64..2000).prop_map(|(flag, size)| Header::new(flag, "n").size(size).block(0).to_vec()),
            prop::sample::select(&b"0157SLKxXg"[..])
                .prop_flat_map(|flag| (Just(flag), 0_u64..1500))
                .prop_map(|(flag, size)| Header::new(flag, "n/").size(size).gnu().block(0).to_vec()),
            prop::collection::vec(any::<u8>(), 0..600),
        ],
        0..12,
    )) {
        let bytes = blocks.concat();
        for member in list(&bytes).members {
            prop_assert!(member.offset <= bytes.len() as u64);
            if !member.is_sparse() {
                prop_assert!(member.available() <= bytes.len() as u64);
            }
        }
    }
}
