//! The tree and the changes where the user names what the container's image had.

use icecore_synth::{DockerArchive, OciLayout};

use super::tree::{children, follow};
use super::*;
use crate::RootFilesystem;

/// What the image has in the tests below.
fn base() -> Tar {
    Tar::new()
        .directory("./etc/")
        .file("./etc/motd", "of the image")
        .file("./etc/gone", "1")
        .file("./etc/changed", "old")
        .symlink("./bin", "usr/bin")
        .file("./usr/bin/sh", "shell")
        .hardlink("./usr/bin/ash", "./usr/bin/sh")
        .file("./opt/recreate/old", "2")
        .file("./opt/removed/deep/er", "3")
        .file("./srv/was-dir/inside", "4")
        .file("./run/hidden", "under a mount")
        .symlink("./loop", "loop")
        .symlink("./out", "../../../etc/motd")
}

fn with_rootfs(checkpoint: Checkpoint, rootfs: Vec<u8>) -> Checkpoint {
    let rootfs = RootFilesystem::from_source(Arc::new(rootfs), "base.tar").unwrap();
    checkpoint.with_rootfs(Arc::new(rootfs))
}

/// The same container as CRI-O and as containerd would have written it down.
fn containers() -> [Checkpoint; 2] {
    let files = |tar: Tar| {
        tar.file("etc/changed", "new")
            .file("etc/new", "5")
            .symlink("opt/link", "/bin/sh")
            .file("opt/recreate/again", "6")
            .file("srv/was-dir", "a file now")
    };
    let list = br#"["/etc/gone", "/opt/recreate", "/opt/removed", "/never/there"]"#;
    let listed = files(Tar::new()).finish();
    let whiteouts = files(Tar::new().directory("etc/").file("etc/.wh.gone", "").directory("opt/"))
        .file("opt/.wh.removed", "")
        .directory("opt/recreate/")
        .file("opt/recreate/.wh..wh..opq", "")
        .file("never/.wh.there", "")
        .finish();
    let members = [("rootfs-diff.tar", listed), ("deleted.files", list.to_vec())];
    [checkpoint(CRIO, &members), checkpoint(CONTAINERD, &[("rootfs-diff.tar", whiteouts)])]
}

#[test]
fn what_the_container_left_is_that_of_its_image() {
    for container in containers() {
        let form = container.filesystem().changes().unwrap().form;
        let before = [
            ("/etc/motd", "/etc/motd: Image"),
            ("/bin/sh", "/bin/sh: Image"),
            ("/opt/link", "/bin/sh: Image"),
        ];
        for (path, expected) in before {
            assert_eq!(follow(&container, path), expected, "{form:?}");
        }
        let container = with_rootfs(container, base().finish());
        let cases = [
            ("/etc/motd", "/etc/motd: rootfs file"),
            ("/etc/changed", "/etc/changed: diff file"),
            ("/etc/new", "/etc/new: diff file"),
            ("/etc/gone", "/etc/gone: Deleted"),
            ("/etc/none", "/etc/none: Nothing"),
            ("/bin/sh", "/usr/bin/sh: rootfs file"),
            ("/bin/../bin/ash", "/usr/bin/ash: rootfs file"),
            ("/bin", "/usr/bin: implied"),
            ("/opt/link", "/usr/bin/sh: rootfs file"),
            ("/opt/recreate/again", "/opt/recreate/again: diff file"),
            ("/opt/recreate/old", "/opt/recreate/old: Deleted"),
            ("/opt/removed", "/opt/removed: Deleted"),
            ("/opt/removed/deep/er", "/opt/removed/deep/er: Deleted"),
            ("/srv/was-dir", "/srv/was-dir: diff file"),
            ("/srv/was-dir/inside", "/srv/was-dir/inside: Nothing"),
            ("/out", "/etc/motd: rootfs file"),
            ("/loop", "/loop: Loop"),
            ("/etc/motd/..", "/etc/motd: Nothing"),
        ];
        for (path, expected) in cases {
            assert_eq!(follow(&container, path), expected, "{form:?} {path}");
        }
        assert!(container.tree().lists_all(b"/etc"), "{form:?}");
    }
}

#[test]
fn directories_have_what_both_have() {
    for container in containers() {
        let container = with_rootfs(container, base().finish());
        let below = |path: &str| -> Vec<String> {
            children(&container, path)
                .iter()
                .map(|child| child.rsplit_once('/').unwrap().1.to_owned())
                .collect()
        };
        assert_eq!(below("/etc"), ["changed: diff file", "motd: rootfs file", "new: diff file"]);
        assert_eq!(below("/usr/bin"), ["ash: rootfs file", "sh: rootfs file"]);
        assert_eq!(below("/opt/recreate"), ["again: diff file"]);
        assert_eq!(below("/opt/removed"), [""; 0]);
        assert_eq!(below("/srv"), ["was-dir: diff file"]);
        let of_image: Vec<String> = container.tree().of_image().map(|entry| entry.path.to_string()).collect();
        let left = ["/bin", "/etc/motd", "/loop", "/out", "/run/hidden", "/usr/bin/ash", "/usr/bin/sh"];
        let left: Vec<&str> = left.into_iter().collect();
        let of_image: Vec<&str> =
            of_image.iter().map(String::as_str).filter(|path| *path != "/etc").collect();
        assert_eq!(of_image, left);
        // What the archive holds stays what it is.
        assert!(container.filesystem().entries().all(|entry| entry.origin == Origin::Diff));
    }
}

/// What was added and what was changed is told apart, and what was deleted is known.
#[test]
fn changes_are_told_from_additions() {
    for container in containers() {
        let container = with_rootfs(container, base().finish());
        let changes = container.filesystem().changes().unwrap();
        let kind = |path: &str| {
            let change = changes.iter().find(|change| change.entry.path == path).unwrap();
            let before = change.before.map(|before| (before.file_type.name(), before.size, before.origin));
            (change.kind.name(), before)
        };
        let file = |size| Some(("file", Some(size), Origin::Rootfs));
        assert_eq!(kind("/etc/changed"), ("modified", file(3)));
        assert_eq!(kind("/etc/new"), ("added", None));
        assert_eq!(kind("/srv/was-dir"), ("modified", None), "a directory without a header of its own");
        assert_eq!(kind("/opt/recreate/again"), ("added", None));
        assert_eq!(kind("/etc/gone"), ("deleted", file(1)));
        assert_eq!(kind("/never/there"), ("deleted", None));
    }
}

#[test]
fn an_image_may_be_layers() {
    let above = Tar::new().file("etc/motd", "newer").file("etc/.wh.changed", "").finish();
    let media = "application/vnd.oci.image.layer.v1.tar";
    let base = base().finish();
    let layout = OciLayout::new().image(&[(media, &base), (media, &above)], &[]).tar();
    for rootfs in [layout, DockerArchive::new().layer(&base).layer(&above).finish()] {
        let [container, _] = containers();
        let container = with_rootfs(container, rootfs);
        assert_eq!(text(container.tree().follow(b"/etc/motd").entry().unwrap()), "newer");
        let kind = container
            .filesystem()
            .changes()
            .unwrap()
            .iter()
            .find(|change| change.entry.path == "/etc/changed");
        assert_eq!(kind.unwrap().kind, ChangeKind::Added);
    }
}

/// Where the engine stored no changes, the image is all there is.
#[test]
fn without_changes_the_image_is_the_root() {
    let container = with_rootfs(checkpoint(CRIO, &[]), base().finish());
    assert_eq!(follow(&container, "/bin/ash"), "/usr/bin/ash: rootfs file");
    let twin = container.tree().look_up(b"/usr/bin/ash");
    let twin = twin.entry().unwrap();
    assert_eq!(
        (twin.same_as.as_ref().unwrap().to_string(), text(twin)),
        ("/usr/bin/sh".to_owned(), "shell".to_owned())
    );
    assert_eq!(twin.member, "base.tar//usr/bin/ash");
    assert!(container.filesystem().changes().is_none());
}

/// What is known of a file of the image is what its header says, and names are bytes.
#[test]
fn files_of_the_image_are_known_as_well_as_changed_ones() {
    let header = |name: &str| {
        Header::new(b'0', name).mode(0o4751).owner(70_000, 1 << 22).number(Field::Mtime, 1_700_000_000)
    };
    let records: &[(&str, &[u8])] =
        &[("SCHILY.xattr.security.capability", b"\x01\0\xff"), ("path", b"bin/\xff\n")];
    let tar = || Tar::new().directory("bin/").pax(records).member(header("x"), "content").finish();
    let facts = |container: &Checkpoint| {
        let at = container.tree().look_up(b"/bin/\xff\n");
        let entry = at.entry().unwrap();
        let xattrs: Vec<_> = entry.xattrs().map(|(name, value)| (name.to_string(), value.to_vec())).collect();
        let owner = (entry.mode, entry.uid, entry.gid, entry.mtime.map(|time| time.seconds));
        (entry.path.clone(), entry.size, owner, xattrs, text(entry))
    };
    let changed = checkpoint(CRIO, &[("rootfs-diff.tar", tar())]);
    let of_image = with_rootfs(checkpoint(CRIO, &[]), tar());
    assert_eq!(facts(&of_image), facts(&changed));
    let (path, size, owner, xattrs, _) = facts(&of_image);
    assert_eq!((path.as_slice(), size), (&b"/bin/\xff\n"[..], Some(7)));
    assert_eq!(owner, (Some(0o4751), Some(70_000), Some(1 << 22), Some(1_700_000_000)));
    assert_eq!(xattrs, [("security.capability".to_owned(), b"\x01\0\xff".to_vec())]);
    let listed = children(&of_image, "/bin");
    assert_eq!(listed.len(), 1);
}

/// A root file system named later counts, and so does one that is named instead of another.
#[test]
fn the_last_that_is_named_counts() {
    let [container, _] = containers();
    assert_eq!(follow(&container, "/etc/motd"), "/etc/motd: Image");
    let container = with_rootfs(container, base().finish());
    assert_eq!(follow(&container, "/etc/motd"), "/etc/motd: rootfs file");
    let container = with_rootfs(container, Tar::new().file("other", "").finish());
    assert_eq!(follow(&container, "/etc/motd"), "/etc/motd: Nothing");
    assert_eq!(follow(&container, "/other"), "/other: rootfs file");
}

/// 50,000 files in one directory and 5,000 changes: listing and looking up take no step for each pair.
#[test]
fn a_large_image_costs_no_more_than_it_has() {
    let rootfs = (0..50_000).fold(Tar::new(), |tar, number| tar.file(format!("data/{number:06}"), ""));
    let diff = (0..5_000).fold(Tar::new(), |tar, number| tar.file(format!("data/{:06}", number * 20), "new"));
    let container = with_rootfs(checkpoint(CRIO, &[("rootfs-diff.tar", diff.finish())]), rootfs.finish());
    let begin = std::time::Instant::now();
    let tree = container.tree();
    assert_eq!(tree.children(b"/").count(), 1);
    let below: Vec<_> = tree.children(b"/data").collect();
    assert_eq!((below.len(), below[20].entry().unwrap().origin), (52_500, Origin::Diff));
    assert_eq!(tree.of_image().count(), 47_500);
    let modified =
        container.filesystem().changes().unwrap().iter().filter(|it| it.kind == ChangeKind::Modified);
    assert_eq!(modified.count(), 2_500);
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

proptest::proptest! {
    /// Whatever the image and the container have, a directory lists exactly what a look-up finds.
    #[test]
    fn lists_and_look_ups_agree(
        image in proptest::collection::vec("([ab]/){0,3}f", 0..8),
        diff in proptest::collection::vec("([ab]/){0,2}[abf]", 0..8),
        deleted in proptest::collection::vec("/([ab]/){0,3}[abf]", 0..4),
    ) {
        let tar = |names: &[String]| names.iter().fold(Tar::new(), |tar, name| tar.file(name, "")).finish();
        let list = format!("[{}]", deleted.iter().map(|path| format!("{path:?}")).collect::<Vec<_>>().join(","));
        let members = [("rootfs-diff.tar", tar(&diff)), ("deleted.files", list.into_bytes())];
        let container = with_rootfs(checkpoint(CRIO, &members), tar(&image));
        let tree = container.tree();
        let mut todo = vec![String::from("/")];
        let mut listed = std::collections::BTreeSet::new();
        while let Some(directory) = todo.pop() {
            for child in tree.children(directory.as_bytes()) {
                let path = child.path.to_string();
                proptest::prop_assert!(!matches!(child.found, Found::Absent(_)), "{}", path);
                if child.is_directory() { todo.push(path.clone()) }
                listed.insert(path);
            }
        }
        for entry in tree.of_image() {
            proptest::prop_assert!(listed.contains(&entry.path.to_string()), "{}", entry.path);
        }
        for name in image.iter().chain(&diff) {
            let path = format!("/{name}");
            let is_there = tree.look_up(path.as_bytes()).entry().is_some();
            proptest::prop_assert!(!is_there || listed.contains(&path), "{}", path);
        }
    }
}
