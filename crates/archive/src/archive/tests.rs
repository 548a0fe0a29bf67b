//! Opening: from bytes, files, directories and streams, and what is refused.

use std::io::{Cursor, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use icecore_synth::{Header, ImageStream, Tar, image};
use proptest::prelude::*;

use super::*;
use crate::finding::Code;
use crate::{Keep, Limits, MemberName};

fn checkpoint() -> Tar {
    Tar::new().file("config.dump", "{}").directory("checkpoint/").file("checkpoint/pstree.img", "tree")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn open(bytes: &[u8]) -> Result<Archive, Error> {
    Archive::open(Arc::new(bytes.to_vec()), &Options::default())
}

fn streamed(bytes: &[u8], options: &Options) -> Result<Archive, Error> {
    Archive::open_stream(Box::new(Cursor::new(bytes.to_vec())), options)
}

fn codes(archive: &Archive) -> Vec<Code> {
    archive.findings().iter().map(|finding| finding.code).collect()
}

/// Names and contents, as far as they can be read.
fn contents(archive: &Archive) -> Vec<(String, Option<Vec<u8>>)> {
    let content = |member: &Member| member.bytes(("image", 1 << 20)).ok().map(std::borrow::Cow::into_owned);
    archive.members().iter().map(|member| (member.name.to_string(), content(member))).collect()
}

#[test]
fn all_ways_to_the_same_bytes_give_the_same_members() {
    let folder = tempfile::tempdir().unwrap();
    let plain = checkpoint().finish();
    let truth = contents(&open(&plain).unwrap());
    assert_eq!(truth.len(), 3);
    for (name, bytes, compression) in
        [("a.tar", plain.clone(), Compression::None), ("lies.png", gzip(&plain), Compression::Gzip)]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let unmapped = Options::default().map(false);
        let named = [
            Archive::open_path(&path, &Options::default()).unwrap(),
            Archive::open_path(&path, &unmapped).unwrap(),
        ];
        for archive in &named {
            assert_eq!(archive.file_name(), Some(name));
            assert_eq!(archive.length(), bytes.len() as u64);
        }
        let nameless = [open(&bytes).unwrap(), streamed(&bytes, &Options::default()).unwrap()];
        assert!(nameless.iter().all(|archive| archive.file_name().is_none()));
        for archive in named.iter().chain(&nameless) {
            assert_eq!(contents(archive), truth, "{name}");
            assert_eq!((archive.kind(), archive.compression()), (Kind::Tar, compression));
            assert_eq!(archive.findings(), []);
        }
    }
}

#[test]
fn what_is_not_there_is_told_with_its_path() {
    let error = Archive::open_path("/nowhere/a.tar", &Options::default()).unwrap_err();
    assert!(matches!(&error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound));
    assert!(error.to_string().starts_with("/nowhere/a.tar: "), "{error}");
}

#[test]
fn bytes_of_nothing_known_are_refused_with_what_they_begin_with() {
    for (bytes, expected) in [
        (&b""[..], "an empty file; an export that failed leaves one"),
        (b"x", "1 bytes that begin with x"),
        (b"PK\x03\x04zip file", r"12 bytes that begin with PK\x03\x04zip\x20;"),
        (b"<html><p>", r"9 bytes that begin with <html><p;"),
        (&[0; 512], r"512 bytes that begin with \0\0\0\0\0\0\0\0"),
    ] {
        let refused = [open(bytes).unwrap_err(), streamed(bytes, &Options::default()).unwrap_err()];
        for error in refused {
            assert!(matches!(error, Error::UnknownContainer { .. }), "{error}");
            let text = error.to_string();
            let found = text.trim_start_matches("not a checkpoint: ");
            assert!(found.starts_with(expected), "{text}");
            assert!(text.contains("expected a tar (plain, gzip, zstd, xz, bzip2 or lz4)"), "{text}");
        }
    }
    let inside = open(&gzip(b"plain text")).unwrap_err().to_string();
    assert!(inside.contains(r"10 bytes that begin with plain\x20te;"), "{inside}");
}

#[test]
fn compression_in_compression_is_refused() {
    let twice = gzip(&gzip(&checkpoint().finish()));
    for error in [open(&twice).unwrap_err(), streamed(&twice, &Options::default()).unwrap_err()] {
        assert!(error.to_string().contains("gzip inside gzip"), "{error}");
    }
}

#[test]
fn a_lone_image_is_told_by_any_of_its_magics() {
    for magic in [0x5831_3116_u32, 0x5456_4319, 0x5510_5940] {
        for bytes in [magic.to_le_bytes(), magic.to_be_bytes()] {
            let archive = open(&[&bytes[..], b"more"].concat()).unwrap();
            assert_eq!((archive.kind(), archive.members().len(), archive.roots().len()), (Kind::Image, 1, 1));
            assert_eq!(archive.members().get(b"image").unwrap().size, 8);
        }
    }
    assert_eq!(open(&image::inventory()).unwrap().kind(), Kind::Image);
    assert!(open(&0x5831_3117_u32.to_le_bytes()).is_err());
    assert!(open(&[0x16, 0x31, 0x31]).is_err());
}

/// Images without a head, as CRIU has written pages and some others, are told by their file's name alone.
#[test]
fn a_file_is_an_image_by_its_name_where_nothing_else_tells() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Archive::open_path(path, &Options::default())
    };
    let archive = write("pages-1.img", &[7; 4096]).unwrap();
    assert_eq!(archive.kind(), Kind::Image);
    assert_eq!(archive.members().get(b"pages-1.img").unwrap().size, 4096);
    assert!(write("pages-1.bin", &[7; 4096]).is_err());
    assert!(write("empty.img", b"").is_err());
    // A tar of that name is a tar all the same.
    assert_eq!(write("lies.img", &checkpoint().finish()).unwrap().kind(), Kind::Tar);
}

#[test]
fn streams_of_images_are_told_plain_and_compressed() {
    let stream = ImageStream::new().file("pstree.img", "tree").file("pages-1.img", [7; 300]).end().one();
    for (bytes, compression) in [(stream.clone(), Compression::None), (gzip(&stream), Compression::Gzip)] {
        let archive = open(&bytes).unwrap();
        assert_eq!((archive.kind(), archive.compression()), (Kind::Stream, compression));
        assert_eq!(contents(&archive)[1], ("pages-1.img".into(), Some(vec![7; 300])));
        assert_eq!(archive.findings(), []);
    }
}

#[test]
fn keep_says_what_of_a_compressed_archive_stays() {
    let large = vec![3; 100_000];
    let tar =
        checkpoint().file("checkpoint/pages-1.img", &large).file("checkpoint/pages-2.img", &large).finish();
    let kept = |keep: Keep| {
        let archive = Archive::open(Arc::new(gzip(&tar)), &Options::default().keep(keep)).unwrap();
        let kept = contents(&archive).into_iter().filter(|(_, content)| content.is_some());
        kept.map(|(name, _)| name).filter(|name| name.contains("pages")).collect::<Vec<_>>()
    };
    assert_eq!(kept(Keep::Metadata), [""; 0]);
    assert_eq!(kept(Keep::Everything), ["checkpoint/pages-1.img", "checkpoint/pages-2.img"]);
    let one = Keep::MetadataAnd(vec![MemberName::new(b"checkpoint/pages-2.img")]);
    assert_eq!(kept(one), ["checkpoint/pages-2.img"]);
    // What is not compressed lies where it lies.
    assert!(
        contents(&open(&tar).unwrap())
            .iter()
            .filter(|(name, _)| name.contains("pages"))
            .all(|(_, bytes)| bytes.is_some())
    );
}

#[test]
fn progress_counts_the_bytes_that_were_read() {
    let bytes = gzip(
        &checkpoint().file("pages-1.img", (0..=255).cycle().take(200_000).collect::<Vec<u8>>()).finish(),
    );
    let told = Arc::new(AtomicU64::new(0));
    let seen = told.clone();
    let options = Options::default().watch(move |done| seen.store(done, Ordering::Relaxed));
    Archive::open(Arc::new(bytes.clone()), &options).unwrap();
    assert_eq!(told.load(Ordering::Relaxed), bytes.len() as u64);
    told.store(0, Ordering::Relaxed);
    streamed(&bytes, &options).unwrap();
    assert_eq!(told.load(Ordering::Relaxed), bytes.len() as u64);
}

#[test]
fn archives_in_archives_open_down_to_the_limit() {
    let mut bytes = checkpoint().finish();
    for _ in 0..4 {
        bytes = Tar::new().file("inner.tar", &bytes).finish();
    }
    for nesting in 0..4 {
        let options = Options::default().limits(Limits::default().nesting(nesting));
        let mut archive = Archive::open(Arc::new(bytes.clone()), &options).unwrap();
        for _ in 0..nesting {
            assert!(archive.can_open_members());
            archive = archive.open_member(archive.members().get(b"inner.tar").unwrap()).unwrap();
        }
        assert!(!archive.can_open_members());
        let refused = archive.open_member(archive.members().get(b"inner.tar").unwrap()).unwrap_err();
        assert!(matches!(refused, Error::Limit { limit: "nesting", .. }), "{refused}");
    }
}

#[test]
fn only_files_that_are_archives_open() {
    let tar = checkpoint()
        .symlink("link", "config.dump")
        .file("inner.tar.gz", gzip(&checkpoint().finish()))
        .finish();
    let archive = open(&tar).unwrap();
    let member = |name: &str| archive.members().get(name.as_bytes()).unwrap();
    let inner = archive.open_member(member("inner.tar.gz")).unwrap();
    assert_eq!((inner.kind(), inner.compression(), inner.members().len()), (Kind::Tar, Compression::Gzip, 3));
    assert!(inner.roots().is_empty(), "who asks for a member asks for its list");
    assert_eq!(inner.length(), member("inner.tar.gz").size);
    assert!(matches!(archive.open_member(member("link")), Err(Error::NotAFile { .. })));
    assert!(matches!(archive.open_member(member("checkpoint")), Err(Error::NotAFile { .. })));
    assert!(matches!(archive.open_member(member("config.dump")), Err(Error::UnknownContainer { .. })));
}

#[test]
fn a_root_finds_its_members_by_their_names_from_there() {
    let tar = Tar::new()
        .file("top/config.dump", "{}")
        .file("top/checkpoint/pstree.img", "tree")
        .symlink("top/link", "config.dump")
        .file("other", "x")
        .file("top-x/y", "z")
        .finish();
    let archive = open(&tar).unwrap();
    let [root] = archive.roots() else { panic!("one root") };
    assert_eq!(root.directory, "top");
    assert!(root.get("config.dump").is_some() && root.file("config.dump").is_some());
    assert!(root.get("link").is_some() && root.file("link").is_none());
    assert!(root.get("other").is_none() && root.get("top/config.dump").is_none());
    assert!(root.holds("checkpoint") && !root.holds("config.dump") && !root.holds("check"));
    let names: Vec<_> = root.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["checkpoint/pstree.img", "config.dump", "link"]);
    let empty = Root::empty();
    assert_eq!((empty.iter().count(), empty.holds(""), empty.label), (0, false, None));
}

/// What is found inside of a member is told with the member's name in front.
#[test]
fn findings_of_inner_archives_name_the_member() {
    let inner = Tar::new().file("config.dump", "{}").file("../up", "x").bytes();
    let archive = open(&Tar::new().file("web.tar", &inner).finish()).unwrap();
    assert_eq!((archive.kind(), codes(&archive)), (Kind::Pod, vec![Code::NoEndMarker, Code::NameClimbs]));
    for finding in archive.findings() {
        assert_eq!(finding.member, Some(MemberName::new(b"web.tar")));
    }
    assert!(archive.findings()[1].text.starts_with("`../up` inside: "), "{}", archive.findings()[1].text);
}

#[test]
fn heads_of_tars_are_known() {
    let tar = checkpoint().finish();
    assert!(looks_like_tar(&tar) && looks_like_tar(&gzip(&tar)[..20]) && looks_like_tar(&[0; 1024]));
    for other in [&b""[..], b"{}", &[0; 100], &tar[..500]] {
        assert!(!looks_like_tar(other), "{other:?}");
    }
}

#[test]
fn an_archive_that_is_cut_is_opened_as_far_as_it_goes() {
    let whole = checkpoint().file("rootfs-diff.tar", [5; 2000]).finish();
    for length in (512..whole.len() - 1024).step_by(64) {
        let archive = open(&whole[..length]).unwrap();
        assert!(
            codes(&archive).iter().any(|code| matches!(code, Code::ArchiveCut | Code::NoEndMarker)),
            "{length}"
        );
        let packed = gzip(&whole);
        let cut = packed.len() * length / whole.len();
        if let Ok(archive) = open(&packed[..cut]) {
            assert!(codes(&archive).contains(&Code::StreamDamaged), "{cut}");
        }
    }
}

proptest! {
    /// Whatever it is, it opens or is refused, from a source and from a stream alike.
    #[test]
    fn any_bytes_open_or_are_refused(
        front in prop::sample::select(vec![
            vec![], b"\x1f\x8b\x08\0".to_vec(), b"\x28\xb5\x2f\xfd".to_vec(), b"BZh9".to_vec(), b"\xfd7zXZ\0".to_vec(),
            b"\x04\x22\x4d\x18".to_vec(), b"\x0a\0\0\0\x12\x08note.txt".to_vec(), b"\x19\x43\x56\x54".to_vec(),
            Header::file("config.dump").size(300).block(0).to_vec(),
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..1500),
    ) {
        let bytes = [front, rest].concat();
        let (one, other) = (open(&bytes), streamed(&bytes, &Options::default()));
        prop_assert_eq!(one.is_ok(), other.is_ok());
        if let (Ok(one), Ok(other)) = (one, other) {
            prop_assert_eq!(contents(&one).len(), contents(&other).len());
            prop_assert_eq!((one.kind(), one.compression()), (other.kind(), other.compression()));
        }
    }

    /// A cut anywhere is told, and nothing is served that was not there.
    #[test]
    fn cuts_serve_beginnings(at: prop::sample::Index) {
        let whole = checkpoint().file("a", [9; 3000]).finish();
        let bytes = &whole[..at.index(whole.len())];
        if let Ok(archive) = open(bytes) {
            let truth = contents(&open(&whole).unwrap());
            for ((name, content), (expected, whole)) in contents(&archive).into_iter().zip(truth) {
                prop_assert_eq!(name, expected);
                let (content, whole) = (content.unwrap_or_default(), whole.unwrap_or_default());
                prop_assert!(whole.starts_with(&content));
            }
        }
    }
}
