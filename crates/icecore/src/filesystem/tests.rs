//! Small archives made by hand, each with what an engine would have meant by it.

use std::sync::Arc;

use icecore_archive::{Options, Reader};
use icecore_synth::{Dialect, Field, Header, Message, Tar, image};

use super::*;

mod mounted;
mod rootfs;
mod tree;

/// What tells the engines apart: the annotation of CRI-O, the status of containerd, the key of Podman.
const CRIO: &str = r#"{"ociVersion":"1.0.0","annotations":{"io.container.manager":"cri-o"}}"#;
const PODMAN: &str = r#"{"ociVersion":"1.0.0","annotations":{"io.container.manager":"libpod"}}"#;
const CONTAINERD: &str =
    r#"{"ociVersion":"1.0.0","annotations":{"io.kubernetes.cri.container-type":"container"}}"#;

/// A checkpoint of an engine with these members beside its images.
fn checkpoint(spec: &str, members: &[(&str, Vec<u8>)]) -> Checkpoint {
    configured(spec, "{}", members)
}

/// The same with a configuration of the engine.
fn configured(spec: &str, config: &str, members: &[(&str, Vec<u8>)]) -> Checkpoint {
    let mut tar = Tar::new().file("spec.dump", spec).file("config.dump", config);
    let images = image::checkpoint(&[image::Task::new(1, 0, "init")]);
    for (name, bytes) in &images {
        tar = tar.file(format!("checkpoint/{name}"), bytes);
    }
    for (name, bytes) in members {
        tar = tar.file(*name, bytes);
    }
    Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap()
}

/// Changes as `KIND TYPE PATH`.
fn listed(checkpoint: &Checkpoint) -> Vec<String> {
    let changes = checkpoint.filesystem().changes().into_iter().flat_map(|changes| changes.iter());
    changes
        .map(|change| {
            let Change { kind, entry, opaque, .. } = change;
            let opaque = if opaque { " opaque" } else { "" };
            format!("{} {} {}{opaque}", kind.name(), entry.file_type.name(), entry.path)
        })
        .collect()
}

fn text(entry: &Entry<'_>) -> String {
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut Reader::new(entry.content().unwrap()), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn find<'a>(checkpoint: &'a Checkpoint, path: &str) -> Entry<'a> {
    checkpoint.filesystem().entries().find(|entry| entry.path == path).unwrap()
}

#[test]
fn a_file_list_has_deletions_beside_it() {
    let diff = Tar::new()
        .file("etc/motd", "hi")
        .directory("opt/new/")
        .file("opt/new/file", "1")
        .symlink("opt/new-link", "new/file")
        .file("opt/recreate/again", "2");
    let deleted = br#"["/etc/gone", "/opt/recreate"]"#;
    let checkpoint =
        checkpoint(CRIO, &[("rootfs-diff.tar", diff.finish()), ("deleted.files", deleted.to_vec())]);
    assert_eq!(checkpoint.filesystem().changes().unwrap().form, DiffForm::FileList);
    let expected = [
        "deleted other /etc/gone",
        "unknown file /etc/motd",
        "added dir /opt/new",
        "unknown symlink /opt/new-link",
        "added file /opt/new/file",
        "deleted other /opt/recreate",
        "unknown file /opt/recreate/again",
    ];
    assert_eq!(listed(&checkpoint), expected);
    let changes = checkpoint.filesystem().changes().unwrap();
    for hidden in ["/etc/gone", "/opt/recreate", "/opt/recreate/old", "/opt/recreate/deep/er"] {
        assert!(changes.hides(hidden.as_bytes()), "{hidden}");
    }
    for kept in ["/", "/etc", "/etc/motd", "/etc/gone.not", "/opt/recreate2", ""] {
        assert!(!changes.hides(kept.as_bytes()), "{kept}");
    }
}

#[test]
fn a_changeset_has_deletions_among_its_names() {
    let diff = Tar::new()
        .directory("etc/")
        .file("etc/.wh.gone", "")
        .file("etc/motd", "hi")
        .directory("opt/")
        .file("opt/.wh..wh..opq", "")
        .file("opt/new", "1")
        .file(".wh.top", "")
        .file("etc/.wh.", "")
        .file("etc/.wh..", "")
        .file("etc/.wh...", "")
        .file("etc/.wh..wh.plnk", "");
    let checkpoint = checkpoint(CONTAINERD, &[("rootfs-diff.tar", diff.finish())]);
    let changes = checkpoint.filesystem().changes().unwrap();
    assert_eq!(changes.form, DiffForm::Changeset);
    let expected = [
        "unknown dir /etc",
        "deleted other /etc/gone",
        "unknown file /etc/motd",
        "unknown dir /opt opaque",
        "unknown file /opt/new",
        "deleted other /top",
    ];
    assert_eq!(listed(&checkpoint), expected);
    assert!(changes.hides(b"/opt/old") && changes.hides(b"/opt/a/b") && !changes.hides(b"/opt"));
    for (path, member) in
        [("/top", "rootfs-diff.tar//.wh.top"), ("/etc/gone", "rootfs-diff.tar//etc/.wh.gone")]
    {
        let deletion = changes.iter().find(|change| change.entry.path == path).unwrap();
        assert_eq!(deletion.entry.member, member);
    }
    assert!(checkpoint.filesystem().entries().all(|entry| !entry.path.ends_with(b".wh.top")));
}

/// In a file list a name that begins with `.wh.` is a name like others, as the case `podman-shop` has one.
#[test]
fn an_engine_that_lists_deletions_has_no_whiteouts() {
    for spec in [CRIO, PODMAN] {
        let diff = Tar::new().file("opt/.wh.not-a-whiteout", "x").finish();
        let checkpoint = checkpoint(spec, &[("rootfs-diff.tar", diff)]);
        assert_eq!(listed(&checkpoint), ["unknown file /opt/.wh.not-a-whiteout"], "{spec}");
    }
}

/// Podman 1.5 and 1.6 wrote what their storage had.
#[test]
fn an_old_podman_has_whiteouts_if_every_directory_is_there() {
    let diff = Tar::new().directory("opt/").file("opt/.wh.gone", "").finish();
    let checkpoint = checkpoint(PODMAN, &[("rootfs-diff.tar", diff)]);
    assert_eq!(listed(&checkpoint), ["unknown dir /opt", "deleted other /opt/gone"]);
}

#[test]
fn the_last_of_several_with_one_name_counts() {
    let diff = Tar::new().file("a", "first").file("b", "b").file("./a", "last").finish();
    let checkpoint = checkpoint(CRIO, &[("rootfs-diff.tar", diff)]);
    assert_eq!(listed(&checkpoint), ["unknown file /a", "unknown file /b"]);
    assert_eq!(text(&find(&checkpoint, "/a")), "last");
    let told = checkpoint.diagnostics();
    let twice = told.iter().find(|told| told.code == "duplicate-member").unwrap();
    assert_eq!(twice.member.as_ref().unwrap(), "rootfs-diff.tar//a");
}

#[test]
fn a_further_name_has_the_content_of_the_first() {
    let diff = Tar::new().file("a", "content").hardlink("b", "a").hardlink("c", "nowhere").finish();
    let checkpoint = checkpoint(CRIO, &[("rootfs-diff.tar", diff)]);
    let second = find(&checkpoint, "/b");
    assert_eq!((text(&second).as_str(), second.size, second.file_type), ("content", Some(7), FileType::File));
    assert_eq!(second.same_as.unwrap(), "/a");
    let lost = find(&checkpoint, "/c");
    assert!(lost.content().unwrap_err().to_string().contains("/c: is one more name"));
}

#[test]
fn headers_are_shown_as_they_are() {
    let header = Header::new(b'3', "dev/odd")
        .mode(0o6640)
        .owner(7, 8)
        .number(Field::Major, 4)
        .number(Field::Minor, 300);
    let diff = Tar::new().pax(&[("SCHILY.xattr.user.x", b"\0\xff")]).member(header, "").finish();
    let checkpoint = checkpoint(CRIO, &[("rootfs-diff.tar", diff)]);
    let entry = find(&checkpoint, "/dev/odd");
    assert_eq!((entry.file_type, entry.device), (FileType::CharDevice, Some((4, 300))));
    assert_eq!((entry.mode, entry.uid, entry.gid), (Some(0o6640), Some(7), Some(8)));
    assert_eq!(
        entry.xattrs().map(|(k, v)| (k.to_vec(), v.to_vec())).collect::<Vec<_>>(),
        [(b"user.x".to_vec(), b"\0\xff".to_vec())]
    );
    let why = entry.content().unwrap_err().to_string();
    assert_eq!(why, "/dev/odd: is a char, which has no content");
}

#[test]
fn holes_are_known() {
    let chunks = [(4096, &b"data"[..])];
    let diff = Tar::new().sparse(Dialect::Gnu, "big", 1 << 32, &chunks).finish();
    let checkpoint = checkpoint(CRIO, &[("rootfs-diff.tar", diff)]);
    let entry = find(&checkpoint, "/big");
    assert_eq!((entry.size, entry.offset), (Some(1 << 32), None));
    let content = entry.content().unwrap();
    assert_eq!((content.next_data(0), content.next_data(4100)), (Some(4096..4100), None));
}

#[test]
fn volumes_and_shared_memory_have_their_places() {
    let volume = Tar::new().directory("./").file("./orders", "1").finish();
    let shm = Tar::new().directory("./").file("./board", "2").finish();
    let members = [("volumes/v.tar", volume), ("devshm-checkpoint.tar", shm)];
    let checkpoint = checkpoint(PODMAN, &members);
    let paths: Vec<String> =
        checkpoint.filesystem().entries().map(|entry| format!("{} {}", entry.origin, entry.path)).collect();
    let expected = ["shm /dev/shm", "shm /dev/shm/board", "volume /(volume v)", "volume /(volume v)/orders"];
    assert_eq!(paths, expected);
    assert!(checkpoint.filesystem().changes().is_none());
}

/// `mnt_entry` of a tmpfs, as far as it matters here.
fn mount(id: u64, dev: u64, root: &str, mountpoint: &str) -> Message {
    let entry =
        Message::new().varint(1, 5).varint(2, id).varint(3, dev).varint(4, if id == 1 { 0 } else { 1 });
    entry.varint(5, 0).bytes(6, root).bytes(7, mountpoint).bytes(8, "tmpfs").bytes(9, "")
}

#[test]
fn temporary_file_systems_are_where_they_were_mounted() {
    const MNTS: u32 = 0x5556_3928;
    let mounts = [
        mount(1, 9, "/", "/"),
        mount(2, 42, "/part", "/mnt/part"),
        mount(3, 42, "/", "/run"),
        mount(4, 43, "/only/this", "/srv"),
    ];
    let mounts = mounts.iter().fold(image::Image::of(MNTS), |image, mount| image.record(mount)).bytes();
    let tar = || Tar::new().directory("./").file("./x", "1").file("./only/this/y", "2").finish();
    let checkpoint = checkpoint(
        CRIO,
        &[
            ("checkpoint/mountpoints-2.img", mounts),
            ("checkpoint/tmpfs-dev-42.tar.gz.img", tar()),
            ("checkpoint/tmpfs-dev-43.tar.gz.img", tar()),
            ("checkpoint/tmpfs-dev-44.tar.gz.img", tar()),
        ],
    );
    let paths: Vec<String> = checkpoint.filesystem().entries().map(|entry| entry.path.to_string()).collect();
    let expected = [
        "/run",
        "/run/only/this/y",
        "/run/x",
        "/(tmpfs-dev-43.tar.gz.img)/",
        "/srv/y",
        "/(tmpfs-dev-43.tar.gz.img)/x",
        "/(tmpfs-dev-44)",
        "/(tmpfs-dev-44)/only/this/y",
        "/(tmpfs-dev-44)/x",
    ];
    assert_eq!(paths, expected);
}

/// As CRIU until 1.2 called them.
#[test]
fn temporary_file_systems_may_be_called_after_their_mounts() {
    const MNTS: u32 = 0x5556_3928;
    let mounts = [mount(1, 9, "/", "/"), mount(3, 42, "/", "/run"), mount(42, 3, "/", "/tmp")];
    let mounts = mounts.iter().fold(image::Image::of(MNTS), |image, mount| image.record(mount)).bytes();
    let tar = |name: &str| Tar::new().directory("./").file(format!("./{name}"), "1").finish();
    let checkpoint = checkpoint(
        CRIO,
        &[
            ("checkpoint/mountpoints-2.img", mounts),
            ("checkpoint/tmpfs-3.tar.gz.img", tar("of-run")),
            ("checkpoint/tmpfs-42.tar.gz.img", tar("of-tmp")),
        ],
    );
    let paths: Vec<String> = checkpoint.filesystem().entries().map(|entry| entry.path.to_string()).collect();
    assert_eq!(paths, ["/tmp", "/tmp/of-tmp", "/run", "/run/of-run"]);
}

#[test]
fn what_is_no_archive_is_told_and_takes_nothing_along() {
    let checkpoint = checkpoint(
        CRIO,
        &[
            ("rootfs-diff.tar", b"no tar, but a line of text\n".to_vec()),
            ("deleted.files", br#"["/etc/gone"]"#.to_vec()),
        ],
    );
    assert_eq!(listed(&checkpoint), ["deleted other /etc/gone"]);
    let told = checkpoint.diagnostics();
    assert!(
        told.iter().any(|told| told.member.as_ref().is_some_and(|it| it == "rootfs-diff.tar")),
        "{told:?}"
    );
}

proptest::proptest! {
    /// Whatever stands in the archive of changes, listing it ends, and by rising path.
    #[test]
    fn any_names_are_listed_in_order(names in proptest::collection::vec(r"[ab.wh/\x00é]{0,12}", 0..20)) {
        let tar = names.iter().fold(Tar::new(), |tar, name| tar.pax(&[("path", name.as_bytes())]).file("x", ""));
        for spec in [CRIO, CONTAINERD] {
            let checkpoint = checkpoint(spec, &[("rootfs-diff.tar", tar.clone().finish())]);
            let changes = checkpoint.filesystem().changes().unwrap();
            let paths: Vec<_> = changes.iter().map(|change| change.entry.path).collect();
            proptest::prop_assert!(paths.is_sorted(), "{:?}", paths);
        }
    }
}
