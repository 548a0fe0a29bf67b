//! Small docker-archives and `dir:` images.

use super::*;
use crate::{Archive, Kind, Options};

enum Entry<'a> {
    File(&'a [u8]),
    Link(&'a str),
}

fn tar(entries: &[(&str, Entry<'_>)]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, entry) in entries {
        let mut header = ::tar::Header::new_gnu();
        match entry {
            Entry::File(bytes) => {
                header.set_size(bytes.len() as u64);
                builder.append_data(&mut header, name, *bytes).unwrap();
            }
            Entry::Link(target) => {
                header.set_entry_type(::tar::EntryType::Symlink);
                header.set_size(0);
                builder.append_link(&mut header, name, target).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

fn layer(id: &str) -> Vec<u8> {
    tar(&[("config.dump", Entry::File(id.as_bytes())), ("checkpoint/pstree.img", Entry::File(b"p"))])
}

fn check(manifest: &str, expected: &[(Option<&str>, &str)], codes: &[Code]) {
    let (a, b) = (layer("a"), layer("b"));
    let bytes = tar(&[
        ("a.tar", Entry::File(&a)),
        ("old/layer.tar", Entry::Link("../b.tar")),
        ("b.tar", Entry::File(&b)),
        ("circle", Entry::Link("circle")),
        ("away", Entry::Link("../../etc/hostname")),
        ("0123456789abcdef.json", Entry::File(br#"{"created": "2026-01-02T03:04:05Z"}"#)),
        ("manifest.json", Entry::File(manifest.as_bytes())),
    ]);
    let archive = Archive::open(Arc::new(bytes), &Options::default()).unwrap();
    assert_eq!(archive.kind(), Kind::DockerArchive);
    let found: Vec<_> = archive
        .roots()
        .iter()
        .map(|root| {
            let config = root.file("config.dump").unwrap().bytes(("document", 100)).unwrap();
            let label = root.label.as_ref().map(ToString::to_string);
            (label, String::from_utf8_lossy(&config).into_owned())
        })
        .collect();
    let found: Vec<_> = found.iter().map(|(label, id)| (label.as_deref(), id.as_str())).collect();
    assert_eq!(found, expected, "{manifest}");
    let told: Vec<_> = archive.findings().iter().map(|finding| finding.code).collect();
    assert_eq!(told, codes, "{manifest}: {:?}", archive.findings());
}

#[test]
fn layers_are_found_by_name_and_over_links() {
    check(r#"[{"Layers": ["./a.tar"]}]"#, &[(None, "a")], &[]);
    check(r#"[{"Layers": ["old/layer.tar"]}]"#, &[(None, "b")], &[]);
    check(r#"[{"Layers": ["a.tar", "b.tar"]}]"#, &[(None, "b")], &[]);
}

#[test]
fn several_images_have_labels() {
    check(
        r#"[{"RepoTags": ["x:1"], "Layers": ["a.tar"]}, {"Config": "0123456789abcdef.json", "Layers": ["b.tar"]}]"#,
        &[(Some("x:1"), "a"), (Some("0123456789ab"), "b")],
        &[],
    );
}

#[test]
fn names_that_lead_nowhere_are_told_and_take_nothing_along() {
    check(r#"[{"Layers": ["../../etc/hostname", "a.tar"]}]"#, &[(None, "a")], &[Code::BlobMissing]);
    check(r#"[{"Layers": ["/etc/hostname", "a.tar"]}]"#, &[(None, "a")], &[Code::BlobMissing]);
    check(
        r#"[{"Layers": ["circle", "away", "a.tar"]}]"#,
        &[(None, "a")],
        &[Code::LinkUnresolved, Code::LinkUnresolved],
    );
    check(
        r#"[{"Config": [], "RepoTags": {}, "Layers": [1, "a.tar"]}]"#,
        &[(None, "a")],
        &[Code::BadDocument, Code::BadDocument],
    );
    check(r#"[{"Layers": ["a.tar"]}, 7]"#, &[(None, "a")], &[Code::BadDocument]);
}

#[test]
fn the_time_of_an_image_comes_from_its_configuration() {
    let layer = layer("a");
    let bytes = tar(&[
        ("c.json", Entry::File(br#"{"created": "2026-01-02T03:04:05Z"}"#)),
        ("l", Entry::File(&layer)),
        ("manifest.json", Entry::File(br#"[{"Config": "c.json", "Layers": ["l"]}]"#)),
    ]);
    let archive = Archive::open(Arc::new(bytes), &Options::default()).unwrap();
    assert_eq!(archive.roots()[0].annotations[oci::CREATED], "2026-01-02T03:04:05Z");
}

#[test]
fn layers_that_are_there_are_counted() {
    let bytes = layer("a");
    let bytes = tar(&[
        ("l", Entry::File(&bytes)),
        ("manifest.json", Entry::File(br#"[{"Layers": ["no", "no", "no", "l", "l", "l", "l"]}]"#)),
    ]);
    let options = Options::default().limits(Limits::default().descriptors(3));
    let archive = Archive::open(Arc::new(bytes), &options).unwrap();
    assert_eq!(archive.roots().len(), 1);
    let told = archive.findings().iter().filter(|finding| finding.code == Code::TooManyDescriptors);
    assert_eq!(told.count(), 1);
}

proptest::proptest! {
    #[test]
    fn any_manifest_ends(text in r#"\[(\{("(Layers|Config|RepoTags)":(\["l",1\]|"l"|1|null|\{\}),?){0,4}\},?){0,3}\]?"#) {
        let bytes = tar(&[("l", Entry::File(b"x")), ("manifest.json", Entry::File(text.as_bytes()))]);
        Archive::open(Arc::new(bytes), &Options::default()).unwrap();
    }
}
