//! Paths looked up in trees made by hand.

use super::*;

/// Where a path leads, and what is there.
pub(super) fn follow(checkpoint: &Checkpoint, path: &str) -> String {
    shown(&checkpoint.tree().follow(path.as_bytes()))
}

fn shown(lookup: &Lookup<'_>) -> String {
    let found = match &lookup.found {
        Found::Stored(entry) => format!("{} {}", entry.origin, entry.file_type.name()),
        Found::Implied(_) => "implied".to_owned(),
        Found::Absent(absent) => format!("{absent:?}"),
    };
    format!("{}: {found}", lookup.path)
}

pub(super) fn children(checkpoint: &Checkpoint, path: &str) -> Vec<String> {
    checkpoint.tree().children(path.as_bytes()).map(|child| shown(&child)).collect()
}

/// A record of `mountpoints-N.img`.
pub(super) fn mount(id: u64, parent: u64, fstype: u64, dev: u64, root: &str, at: &str) -> Message {
    let mount = Message::new().varint(1, fstype).varint(2, id).varint(3, dev).varint(4, parent).varint(5, 0);
    mount.bytes(6, root).bytes(7, at).bytes(8, "source").bytes(9, "")
}

pub(super) fn mountpoints(mounts: &[Message]) -> Vec<u8> {
    mounts.iter().fold(image::Image::of(0x5556_3928), |image, mount| image.record(mount)).bytes()
}

/// A container with a diff, two temporary file systems, one over the other, and mounts of the host.
fn container() -> Checkpoint {
    let external = mount(7, 1, 0, 77, "/etc/hosts", "/etc/hosts").bytes(18, "/etc/hosts");
    let mounts = [
        mount(1, 0, 17, 9, "/", "/"),
        mount(2, 1, 5, 42, "/", "/run"),
        mount(3, 2, 5, 43, "/", "/run/lock"),
        mount(4, 1, 1, 50, "/", "/proc"),
        mount(5, 1, 5, 44, "/", "/run"),
        mount(6, 1, 17, 9, "/opt/app", "/bound"),
        external,
    ];
    let diff = Tar::new()
        .file("opt/app/data/file", "content")
        .symlink("opt/app/link", "data/file")
        .symlink("opt/app/absolute", "/opt/app/link")
        .symlink("opt/app/out", "../../../../../etc/passwd")
        .symlink("opt/app/loop", "loop")
        .symlink("opt/app/a", "b")
        .symlink("opt/app/b", "a")
        .symlink("opt/app/dir", "/run/lock")
        .directory("opt/new/")
        .file("etc/hosts", "a stub")
        .file("opt/recreate/again", "1");
    let run =
        Tar::new().directory("./").file("./pid", "7").directory("./lock/").file("./lock/hidden", "").finish();
    let lock = Tar::new().directory("./").file("./held", "1").finish();
    checkpoint(
        CRIO,
        &[
            ("checkpoint/mountpoints-2.img", mountpoints(&mounts)),
            ("checkpoint/tmpfs-dev-42.tar.gz.img", run),
            ("checkpoint/tmpfs-dev-43.tar.gz.img", lock),
            ("rootfs-diff.tar", diff.finish()),
            ("deleted.files", br#"["/etc/gone", "/opt/recreate"]"#.to_vec()),
        ],
    )
}

#[test]
fn a_path_leads_through_links_and_mounts() {
    let container = container();
    let cases = [
        ("/opt/app/data/file", "/opt/app/data/file: diff file"),
        ("opt//app/./data/file/", "/opt/app/data/file: diff file"),
        ("/opt/app/link", "/opt/app/data/file: diff file"),
        ("/opt/app/absolute", "/opt/app/data/file: diff file"),
        ("/opt/app/out", "/etc/passwd: Image"),
        ("/../../etc/gone", "/etc/gone: Deleted"),
        ("/opt/app/dir/held", "/run/lock/held: tmpfs file"),
        ("/opt/app/dir/../pid", "/run/pid: tmpfs file"),
        ("/run/lock", "/run/lock: tmpfs dir"),
        ("/run/lock/hidden", "/run/lock/hidden: Nothing"),
        ("/run/nothing", "/run/nothing: Nothing"),
        ("/proc/1/maps", r#"/proc/1/maps: Kernel(Some("proc"))"#),
        ("/etc/hosts", "/etc/hosts: Host(None)"),
        ("/bound/data/file", "/bound/data/file: diff file"),
        ("/bound/nothing", "/bound/nothing: Image"),
        ("/opt", "/opt: implied"),
        ("/opt/recreate/old", "/opt/recreate/old: Deleted"),
        ("/opt/recreate/again", "/opt/recreate/again: diff file"),
        ("/opt/recreate", "/opt/recreate: implied"),
        ("/opt/new/nothing", "/opt/new/nothing: Nothing"),
        ("/usr/bin/sh", "/usr/bin/sh: Image"),
        ("/", "/: implied"),
        ("", "/: implied"),
    ];
    for (path, expected) in cases {
        assert_eq!(follow(&container, path), expected, "{path}");
    }
}

#[test]
fn links_in_a_circle_end() {
    let container = container();
    for path in ["/opt/app/loop", "/opt/app/a", "/opt/app/b/c", "/opt/app/loop/x/y"] {
        assert!(follow(&container, path).ends_with(": Loop"), "{path}");
    }
    assert_eq!(shown(&container.tree().look_up(b"/opt/app/loop")), "/opt/app/loop: diff symlink");
    assert_eq!(shown(&container.tree().look_up(b"/opt/app/link")), "/opt/app/link: diff symlink");
}

#[test]
fn a_directory_lists_what_is_stored_and_mounted() {
    let container = container();
    let top = [
        "/bound: implied",
        "/etc: implied",
        "/opt: implied",
        "/proc: Kernel(Some(\"proc\"))",
        "/run: tmpfs dir",
    ];
    assert_eq!(children(&container, "/"), top);
    assert_eq!(children(&container, "/run"), ["/run/lock: tmpfs dir", "/run/pid: tmpfs file"]);
    assert_eq!(children(&container, "/run/lock"), ["/run/lock/held: tmpfs file"]);
    assert_eq!(children(&container, "/bound/data"), ["/bound/data/file: diff file"]);
    assert_eq!(children(&container, "/opt/app/data/file"), Vec::<String>::new());
    let tree = container.tree();
    for (path, all) in
        [("/", false), ("/run", true), ("/opt/new", true), ("/opt/app", false), ("/proc", false)]
    {
        assert_eq!(tree.lists_all(path.as_bytes()), all, "{path}");
    }
}

/// Without mounts in the images all is one file system, and what was mounted is not known.
#[test]
fn a_dump_without_mounts_is_one_file_system() {
    let diff = Tar::new().file("a/b", "1").file("a/.wh.c", "").finish();
    let checkpoint = checkpoint(CONTAINERD, &[("rootfs-diff.tar", diff)]);
    assert_eq!(follow(&checkpoint, "/a/b"), "/a/b: diff file");
    assert_eq!(follow(&checkpoint, "/a/c"), "/a/c: Deleted");
    assert_eq!(follow(&checkpoint, "/a/.wh.c"), "/a/.wh.c: Image");
    assert_eq!(children(&checkpoint, "/a"), ["/a/b: diff file"]);
}

#[test]
fn a_path_of_ten_thousand_directories_is_walked() {
    let deep = "d/".repeat(10_000);
    let diff = Tar::new().pax(&[("path", format!("{deep}file").as_bytes())]).file("x", "1").finish();
    let checkpoint = checkpoint(CRIO, &[("rootfs-diff.tar", diff)]);
    assert!(follow(&checkpoint, &format!("/{deep}file")).ends_with("/file: diff file"));
    assert_eq!(children(&checkpoint, "/d/d/d"), ["/d/d/d/d: implied"]);
}

proptest::proptest! {
    /// Whatever links a container made, looking a path up ends, inside, and without a link or `..` in the answer.
    #[test]
    fn any_links_end(
        links in proptest::collection::vec(("[abc](/[abc]){0,2}", "/?([abc]|\\.\\.)(/([abc]|\\.\\.)){0,3}"), 0..8),
        path in "(/([abc]|\\.\\.)){1,6}",
    ) {
        let tar = links.iter().fold(Tar::new(), |tar, (name, target)| tar.symlink(name, target));
        let checkpoint = checkpoint(CRIO, &[("rootfs-diff.tar", tar.finish())]);
        let lookup = checkpoint.tree().follow(path.as_bytes());
        proptest::prop_assert!(lookup.path.starts_with(b"/"));
        proptest::prop_assert!(!lookup.path.split(|byte| *byte == b'/').any(|part| part == b".."));
        if let Found::Stored(entry) = lookup.found {
            proptest::prop_assert!(entry.link.is_none());
        }
    }
}

#[test]
fn volumes_are_found_below_their_mountpoints_wherever_the_host_keeps_them() {
    let config = r#"{"namedVolumes": [{"volumeName": "v", "dest": "/srv/orders"}]}"#;
    let host = "/var/lib/containers/storage/volumes/v/_data";
    let mounts = [
        mount(1, 0, 17, 9, "/", "/"),
        mount(2, 1, 0, 77, host, "/srv/orders").bytes(18, "/srv/orders"),
        mount(3, 1, 5, 42, "/containers/shm", "/dev/shm").bytes(18, "/dev/shm"),
    ];
    let volume =
        Tar::new().directory("./").directory("./a/").file("./a/last", "1").symlink("./now", "a/last");
    let members = [
        ("checkpoint/mountpoints-2.img", mountpoints(&mounts)),
        ("volumes/v.tar", volume.finish()),
        ("devshm-checkpoint.tar", Tar::new().directory("./").file("./board", "2").finish()),
    ];
    let spec = r#"{"annotations": {"io.container.manager": "libpod"},
        "mounts": [{"destination": "/srv/orders", "type": "bind", "source": "/v/_data"}]}"#;
    let container = configured(spec, config, &members);
    let cases = [
        ("/srv/orders/a/last", "/srv/orders/a/last: volume file"),
        ("/srv/orders/now", "/srv/orders/a/last: volume file"),
        ("/srv/orders", "/srv/orders: volume dir"),
        ("/srv/orders/gone", "/srv/orders/gone: Nothing"),
        ("/dev/shm/board", "/dev/shm/board: shm file"),
    ];
    for (path, expected) in cases {
        assert_eq!(follow(&container, path), expected, "{path}");
    }
    let below = ["/srv/orders/a: volume dir", "/srv/orders/now: volume symlink"];
    assert_eq!(children(&container, "/srv/orders"), below);
}

#[test]
fn a_way_through_a_file_leads_nowhere_and_says_so() {
    let container = container();
    for path in ["/opt/app/data/file/x/y", "/opt/app/link/x/y", "/opt/app/link/x/.//y/"] {
        assert_eq!(follow(&container, path), "/opt/app/data/file/x/y: Nothing");
    }
    assert_eq!(follow(&container, "/opt/app/loop/x"), "/opt/app/loop: Loop");
}

/// Nobody would get there, and an engine would not write it: but it is in the archive, and it is listed.
#[test]
fn what_is_stored_behind_a_link_is_there_under_its_name() {
    let diff = Tar::new().symlink("srv", "opt").file("srv/inside", "1").file("x/../y", "2");
    let diff = diff.file("run/stub", "3");
    let mounts = mountpoints(&[mount(1, 0, 17, 9, "/", "/"), mount(2, 1, 5, 42, "/", "/run")]);
    let members = [("rootfs-diff.tar", diff.finish()), ("checkpoint/mountpoints-12.img", mounts)];
    let container = checkpoint(CRIO, &members);
    let unseen = |path: &str| -> Vec<String> {
        container.filesystem().unseen_at(path.as_bytes()).map(|entry| text(&entry)).collect()
    };
    assert_eq!(follow(&container, "/srv/inside"), "/opt/inside: Image");
    assert_eq!((unseen("/srv/inside"), unseen("/x/../y")), (vec!["1".to_owned()], vec!["2".to_owned()]));
    // What something was mounted over nobody saw.
    assert_eq!((unseen("/run/stub"), unseen("/opt/inside")), (Vec::new(), Vec::new()));
}

#[test]
fn one_more_name_of_nothing_has_no_size() {
    let diff = Tar::new().file("a", "1234").hardlink("b", "a").hardlink("c", "of-the-image");
    let container = checkpoint(CRIO, &[("rootfs-diff.tar", diff.directory("d/").finish())]);
    let size = |path: &str| find(&container, path).size;
    assert_eq!(["/a", "/b", "/c", "/d"].map(size), [Some(4), Some(4), None, None]);
}
