//! Every limit is reached by something, and says so by its name.

use std::sync::Arc;

use icecore_archive::{Archive, Code, Error, Keep, Limits, Options};
use icecore_synth::{Chunk, Dialect, ImageStream, OciLayout, Tar};

fn open(bytes: Vec<u8>, limits: Limits) -> Result<Archive, Error> {
    Archive::open(Arc::new(bytes), &Options::default().keep(Keep::Everything).limits(limits))
}

/// Opens with a limit just wide enough and finds nothing, then with one a step narrower and finds `code`.
fn check(bytes: &[u8], wide: Limits, narrow: Limits, code: Code) -> Archive {
    let sound = open(bytes.to_vec(), wide).unwrap();
    assert!(sound.findings().is_empty(), "{:?}", sound.findings());
    let cut = open(bytes.to_vec(), narrow).unwrap();
    let found: Vec<_> = cut.findings().iter().map(|finding| finding.code).collect();
    assert!(found.contains(&code), "{code:?} is not among {:?}", cut.findings());
    cut
}

fn checkpoint() -> Tar {
    Tar::new().file("inventory.img", b"\x16\x31\x31\x58").file("pstree.img", b"x")
}

#[test]
fn members() {
    let tar = checkpoint().file("a", b"").finish();
    let cut = check(&tar, Limits::default().members(3), Limits::default().members(2), Code::TooManyMembers);
    assert_eq!(cut.members().len(), 2);
}

#[test]
fn name() {
    let long = vec![b'n'; 300];
    let tar = checkpoint().long_name(&long).file("short", b"content").finish();
    // The name has a NUL at its end in the archive.
    let cut = check(&tar, Limits::default().name(301), Limits::default().name(300), Code::HeaderTooLarge);
    assert!(cut.members().get(b"short").is_some());
}

#[test]
fn pax_header() {
    let value = vec![b'v'; 400];
    let tar = checkpoint().pax(&[("user.x", &value)]).file("a", b"content").finish();
    let wide = Limits::default().pax_header(500);
    let cut = check(&tar, wide, Limits::default().pax_header(400), Code::HeaderTooLarge);
    assert!(cut.members().get(b"a").unwrap().pax_records().next().is_none());
}

#[test]
fn sparse_chunks() {
    let data = [1_u8; 512];
    let chunks: Vec<Chunk<'_>> = (0..40_u64).map(|index| (index * 1024, &data[..])).collect();
    for dialect in [Dialect::Gnu, Dialect::Pax10] {
        let tar = checkpoint().sparse(dialect, "sparse", 40 * 1024, &chunks).finish();
        let wide = Limits::default().sparse_chunks(63);
        check(&tar, wide, Limits::default().sparse_chunks(20), Code::BadSparse);
    }
}

#[test]
fn document() {
    let archive = open(checkpoint().file("config.dump", [b' '; 100]).finish(), Limits::default()).unwrap();
    let member = archive.members().file(b"config.dump").unwrap();
    assert_eq!(member.bytes(("document", 100)).unwrap().len(), 100);
    let error = member.bytes(("document", 99)).unwrap_err();
    assert!(matches!(error, Error::Limit { limit: "document", value: 99, .. }), "{error}");
    // The documents of an image layout are bounded by the same limit as soon as it is opened.
    let layout =
        OciLayout::new().image(&[("application/vnd.oci.image.layer.v1.tar", &checkpoint().finish())], &[]);
    let cut = open(layout.tar(), Limits::default().document(50)).unwrap();
    assert!(cut.roots().is_empty() && !cut.findings().is_empty());
}

#[test]
fn image() {
    let gzip = gzip(&checkpoint().file("core-1.img", vec![7; 100_000]).finish());
    for (limit, kept) in [(100_000, true), (99_999, false)] {
        let options = Options::default().limits(Limits::default().image(limit));
        let archive = Archive::open(Arc::new(gzip.clone()), &options).unwrap();
        let source = archive.members().file(b"core-1.img").unwrap().source();
        assert_eq!(source.is_ok(), kept, "{limit}");
        assert!(kept || matches!(source, Err(Error::NotKept(_))));
    }
}

#[test]
fn output() {
    let tar = checkpoint().file("pages-1.img", vec![0; 200_000]).finish();
    let length = tar.len() as u64;
    let wide = Limits::default().output(length);
    let cut = check(&gzip(&tar), wide, Limits::default().output(100_000), Code::OutputLimit);
    let pages = cut.members().get(b"pages-1.img").unwrap();
    assert!(pages.is_cut() && pages.available() < 100_000);
}

#[test]
fn window() {
    let case = icecore_tests::broken_cases(&["compression"]);
    let case = case.iter().find(|broken| broken.case.name == "zstd-window").unwrap();
    let path = case.case.place("checkpoint.tar.zst");
    let refused = Archive::open_path(&path, &Options::default()).unwrap_err();
    assert!(matches!(refused, Error::Limit { limit: "window", .. }), "{refused}");
    let text = refused.to_string();
    assert!(text.contains("2147483648") && text.contains("--allow-large-window"), "{text}");
}

/// What does not fit into memory goes to the temporary file, what does not fit there is told.
#[test]
fn memory_and_spool() {
    let gzip = gzip(&checkpoint().file("a", vec![1; 50_000]).file("b", vec![2; 50_000]).finish());
    let wide = Limits::default().memory(60_000).spool(60_000);
    let archive = check(&gzip, wide, Limits::default().memory(60_000).spool(40_000), Code::SpoolLimit);
    assert_eq!(archive.members().file(b"a").unwrap().source().unwrap().len(), 50_000);
    assert!(archive.members().file(b"b").unwrap().is_cut());
}

#[test]
fn nesting() {
    let inner = Tar::new().file("x.tar", Tar::new().file("y.tar", Tar::new().finish()).finish()).finish();
    let archive =
        open(checkpoint().file("rootfs-diff.tar", inner).finish(), Limits::default().nesting(2)).unwrap();
    let first = archive.open_member(archive.members().file(b"rootfs-diff.tar").unwrap()).unwrap();
    let second = first.open_member(first.members().file(b"x.tar").unwrap()).unwrap();
    assert!(first.can_open_members() && !second.can_open_members());
    let third = second.open_member(second.members().file(b"y.tar").unwrap()).unwrap_err();
    assert!(matches!(third, Error::Limit { limit: "nesting", value: 2, .. }), "{third}");
}

#[test]
fn descriptors() {
    let layer = checkpoint().finish();
    let image = |layout: OciLayout| layout.image(&[("application/vnd.oci.image.layer.v1.tar", &layer)], &[]);
    let tar = (0..4).fold(OciLayout::new(), |layout, _| image(layout)).tar();
    let cut = open(tar, Limits::default().descriptors(2)).unwrap();
    assert!(
        cut.findings().iter().any(|finding| finding.code == Code::TooManyDescriptors),
        "{:?}",
        cut.findings()
    );
}

#[test]
fn markers() {
    let stream =
        ImageStream::new().file("inventory.img", b"\x16\x31\x31\x58").file("pstree.img", b"x").end().one();
    let cut = open(stream, Limits::default().markers(3)).unwrap();
    assert!(!cut.findings().is_empty() && cut.members().len() < 2, "{:?}", cut.findings());
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
