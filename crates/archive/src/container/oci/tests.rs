//! Small layouts, each with one thing about it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::finding::Finding;
use crate::source::Source;
use crate::{Archive, Limits, Options};

/// A tar of files.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// The layer of a checkpoint image that names itself in its configuration.
fn layer(id: &str) -> Vec<u8> {
    tar(&[("config.dump", id.as_bytes()), ("checkpoint/pstree.img", b"p")])
}

/// A layout that grows blob by blob.
#[derive(Default)]
struct Layout {
    files: Vec<(String, Vec<u8>)>,
}

impl Layout {
    /// Adds a blob and gives the keys `digest` and `size` of its descriptor.
    fn blob(&mut self, bytes: &[u8]) -> String {
        let keys = keys(bytes);
        let hex = keys.split('"').nth(3).unwrap().split_once(':').unwrap().1;
        let file = (format!("blobs/sha256/{hex}"), bytes.to_vec());
        if !self.files.contains(&file) {
            self.files.push(file);
        }
        keys
    }

    /// Adds an image and gives the descriptor keys of its manifest. `more` is added to the manifest.
    fn image(&mut self, layers: &[&[u8]], more: &str) -> String {
        let config = self.blob(br#"{"created": "2026-01-02T03:04:05Z", "config": {}}"#);
        let layers: Vec<_> = layers.iter().map(|layer| format!("{{{}}}", self.blob(layer))).collect();
        let layers = layers.join(",");
        self.blob(format!(r#"{{"config": {{{config}}}, "layers": [{layers}]{more}}}"#).as_bytes())
    }

    /// Adds an index and gives the descriptor keys of it.
    fn index(&mut self, manifests: &str) -> String {
        self.blob(format!(r#"{{"manifests": [{manifests}]}}"#).as_bytes())
    }

    fn open(self, manifests: &str, limits: Limits) -> Archive {
        self.open_text(
            &format!(r#"{{"manifests": [{manifests}], "annotations": {{"top": "t", "x": "top"}}}}"#),
            limits,
        )
    }

    fn open_text(mut self, index: &str, limits: Limits) -> Archive {
        self.files.push(("index.json".into(), index.into()));
        self.files.push(("oci-layout".into(), b"{}".to_vec()));
        let files: Vec<_> = self.files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        Archive::open(Arc::new(tar(&files)), &Options::default().limits(limits)).unwrap()
    }
}

fn keys(bytes: &[u8]) -> String {
    let hash = <sha2::Sha256 as sha2::Digest>::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r#""digest": "sha256:{hex}", "size": {}"#, bytes.len())
}

fn texts(archive: &Archive, code: Code) -> Vec<&str> {
    let of_code = |finding: &&Finding| finding.code == code;
    archive.findings().iter().filter(of_code).map(|finding| finding.text.as_str()).collect()
}

/// Labels and configurations of the checkpoints.
fn found(archive: &Archive) -> Vec<(Option<String>, String)> {
    let roots = archive.roots().iter();
    let found = roots.map(|root| {
        let config = root.file("config.dump").unwrap().bytes(("document", 100)).unwrap();
        (root.label.as_ref().map(ToString::to_string), String::from_utf8_lossy(&config).into_owned())
    });
    found.collect()
}

#[test]
fn annotations_of_the_manifest_come_first() {
    let mut layout = Layout::default();
    let image = layout.image(&[&layer("a")], r#", "annotations": {"own": "o", "x": "own", "y": 1}"#);
    let archive = layout
        .open(&format!(r#"{{{image}, "annotations": {{"near": "n", "x": "near"}}}}"#), Limits::default());
    let expected =
        [("near", "n"), (CREATED, "2026-01-02T03:04:05Z"), ("own", "o"), ("top", "t"), ("x", "own")];
    let annotations = &archive.roots()[0].annotations;
    assert_eq!(annotations, &expected.map(|(key, value)| (key.into(), value.into())).into());
    assert_eq!(texts(&archive, Code::BadDocument), ["1 annotations are no strings, or too many"]);
    assert_eq!(found(&archive), [(None, "a".into())]);
}

#[test]
fn several_checkpoints_have_labels_and_base_images_are_none() {
    let mut layout = Layout::default();
    let named = |keys: &str, name: &str| {
        format!(r#"{{{keys}, "annotations": {{"org.opencontainers.image.ref.name": "{name}"}}}}"#)
    };
    let (a, b) = (layout.image(&[&layer("a")], ""), layout.image(&[&layer("b")], ""));
    let c = layout.image(&[&layer("c")], "");
    let base = layout.image(&[&tar(&[("bin/sh", b"x")])], "");
    let digits = |keys: &str| keys.split_once(':').unwrap().1[9..21].to_owned();
    let list =
        [named(&base, "base"), named(&a, "one"), named(&b, "one"), format!("{{{c}}}"), named(&a, "again")];
    let archive = layout.open(&list.join(","), Limits::default());
    let expected =
        [("one".into(), "a".into()), (format!("one@{}", digits(&b)), "b".into()), (digits(&c), "c".into())];
    assert_eq!(found(&archive), expected.map(|(label, id): (String, String)| (Some(label), id)));
    assert_eq!(archive.findings(), []);
}

#[test]
fn indexes_are_followed_to_their_depth() {
    for (levels, expected) in [(4, 1), (5, 0)] {
        let mut layout = Layout::default();
        let mut keys = layout.image(&[&layer("a")], "");
        for _ in 0..levels {
            keys = layout.index(&format!("{{{keys}}}"));
        }
        let archive = layout.open(&format!("{{{keys}}}"), Limits::default());
        assert_eq!(archive.roots().len(), expected);
        assert_eq!(texts(&archive, Code::DescriptorLoop).len(), 1 - expected);
    }
}

#[test]
fn the_sound_manifest_stands_behind_many_bad_ones() {
    let mut layout = Layout::default();
    let image = layout.image(&[&layer("a")], "");
    let mut list = String::new();
    for number in 0..200 {
        list += &format!(r#"{{"digest": "sha256:{number:064}"}}, {{"digest": {number}}}, {number}, "#);
    }
    let archive = layout.open(&format!("{list}{{{image}}}"), Limits::default().descriptors(10));
    assert_eq!(found(&archive).len(), 1);
    assert_eq!(texts(&archive, Code::BlobMissing).len(), 9);
    assert!(texts(&archive, Code::TooManyDescriptors)[0].starts_with("603 descriptors are listed"));
}

#[test]
fn blobs_that_are_there_are_counted() {
    let mut layout = Layout::default();
    let images: Vec<_> = (0..9).map(|number| layout.image(&[&layer(&number.to_string())], "")).collect();
    let list: Vec<_> = images.iter().map(|image| format!("{{{image}}}")).collect();
    let archive = layout.open(&list.join(","), Limits::default().descriptors(6));
    assert_eq!(texts(&archive, Code::TooManyDescriptors).len(), 1);
    assert!(archive.roots().len() < 9);
}

#[test]
fn images_that_share_a_layer_share_the_budget_of_members() {
    let mut layout = Layout::default();
    let layer = tar(&[("config.dump", b"a"), ("a", b""), ("b", b""), ("c", b""), ("d", b""), ("e", b"")]);
    let image = |number| format!("{{{}}}", layout.image(&[&layer], &format!(r#", "n": {number}"#)));
    let list: Vec<_> = (0..3).map(image).collect();
    // The layout has seven members and each image six.
    let archive = layout.open(&list.join(","), Limits::default().members(14));
    assert_eq!(archive.roots().len(), 2);
    assert_eq!(texts(&archive, Code::TooManyMembers).len(), 1);
}

#[test]
fn embedded_data_stands_in_for_a_missing_blob() {
    // `{"layers":[]}` is no checkpoint, but a manifest: nothing is missing.
    let data = br#"{"layers":[]}"#;
    let embedded = format!(r#"{{{}, "data": "eyJsYXllcnMiOltdfQ=="}}"#, keys(data));
    let archive = Layout::default().open(&embedded, Limits::default());
    assert_eq!(archive.findings(), []);
    let wrong = format!(r#"{{{}, "data": "eyJsYXllcnMiOltdfQ=="}}"#, keys(b"other"));
    let archive = Layout::default().open(&wrong, Limits::default());
    assert_eq!(texts(&archive, Code::DigestMismatch).len(), 1);
    assert_eq!(texts(&archive, Code::BlobMissing).len(), 1);
}

#[test]
fn a_layer_that_is_no_tar_takes_no_other_along() {
    let mut layout = Layout::default();
    let image = layout.image(&[b"no tar at all", &layer("a")], "");
    let archive = layout.open(&format!("{{{image}}}"), Limits::default());
    assert_eq!(found(&archive), [(None, "a".into())]);
    assert_eq!(texts(&archive, Code::NotATar).len(), 1);
}

#[test]
fn a_size_that_differs_is_told() {
    let mut layout = Layout::default();
    let image = layout.image(&[&layer("a")], "");
    let wrong = image.rsplit_once(' ').unwrap().0.to_owned() + " 7";
    let archive = layout.open(&format!("{{{wrong}}}"), Limits::default());
    assert!(
        texts(&archive, Code::DigestMismatch)[0]
            .ends_with("its descriptor says 7; its content is unverified")
    );
    assert_eq!(found(&archive).len(), 1);
}

#[test]
fn a_document_is_verified_at_any_size() {
    let mut layout = Layout::default();
    let image = layout.image(&[&layer("a")], &format!(r#", "padding": "{}""#, "x".repeat(2 << 20)));
    let (_, bytes) = layout.files.last_mut().unwrap();
    let at = bytes.len() - 10;
    bytes[at] = b'y';
    let archive = layout.open(&format!("{{{image}}}"), Limits::default());
    assert!(texts(&archive, Code::DigestMismatch)[0].starts_with("the blob has the digest sha256:"));
    assert_eq!(found(&archive).len(), 1);
}

#[test]
fn a_document_of_two_minds_is_an_index() {
    let mut layout = Layout::default();
    let (a, b) = (layout.image(&[&layer("a")], ""), layout.blob(&layer("b")));
    let text = format!(r#"{{"layers": [{{{b}}}], "manifests": [{{{a}}}]}}"#);
    let archive = layout.open_text(&text, Limits::default());
    assert_eq!(found(&archive), [(None, "a".into())]);
    assert!(texts(&archive, Code::BadDocument)[0].contains("both"));
}

#[test]
fn parts_of_containerd_stay_without_the_images() {
    let mut layout = Layout::default();
    let options = layout.blob(b"options");
    let prefix = r#""mediaType": "application/vnd.containerd.container"#;
    let list = format!(
        r#"{{{prefix}.checkpoint.options.v1+proto", {options}}}, {{{prefix}.criu.checkpoint.criu.tar", {}}}"#,
        keys(b"not here")
    );
    let index = layout.index(&list);
    let archive = layout.open(&format!("{{{index}}}"), Limits::default());
    assert_eq!(archive.kind(), Kind::CtrExport);
    let root = &archive.roots()[0];
    assert!(root.members.is_empty());
    assert_eq!(root.parts[0].member.bytes(("document", 100)).unwrap().as_ref(), b"options");
    let missing = texts(&archive, Code::BlobMissing);
    assert!(missing[0].contains("criu.tar`, is not in this layout"), "{missing:?}");
    assert!(missing[1].contains("has no images of its processes"), "{missing:?}");
}

/// Counts what is read of it.
#[derive(Debug)]
struct Counting(Vec<u8>, Arc<AtomicU64>);

impl Source for Counting {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read_at(offset, buffer)?;
        self.1.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[test]
fn of_a_large_plain_layer_headers_alone_are_read() {
    let pages = vec![1; 8 << 20];
    let mut layout = Layout::default();
    let image = layout.image(&[&tar(&[("config.dump", b"a"), ("checkpoint/pages-1.img", &pages)])], "");
    layout.files.push(("index.json".into(), format!(r#"{{"manifests": [{{{image}}}]}}"#).into_bytes()));
    layout.files.push(("oci-layout".into(), b"{}".to_vec()));
    let files: Vec<_> = layout.files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let read = Arc::new(AtomicU64::new(0));
    let archive = Archive::open(Arc::new(Counting(tar(&files), read.clone())), &Options::default()).unwrap();
    assert_eq!(archive.roots().len(), 1);
    assert!(read.load(Ordering::Relaxed) < 64 << 10, "{read:?} bytes");
}

proptest::proptest! {
    #[test]
    fn any_index_ends(bytes: Vec<u8>, json in r#"\{"(manifests|layers)":\[(\{("(digest|mediaType|data|size)":("sha256:a{64}"|"a"|1|null|\{\}),?)*\},?){0,3}\]\}"#) {
        for index in [&bytes[..], json.as_bytes()] {
            let mut layout = Layout::default();
            layout.files.push((format!("blobs/sha256/{}", "a".repeat(64)), index.to_vec()));
            layout.files.push(("oci-layout".into(), Vec::new()));
            layout.files.push(("index.json".into(), index.to_vec()));
            let files: Vec<_> = layout.files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
            let archive = Archive::open(Arc::new(tar(&files)), &Options::default()).unwrap();
            assert!(archive.roots().is_empty());
        }
    }
}
