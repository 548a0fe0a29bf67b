//! What mounts show: parts, copies, and what is over what.

use super::tree::{children, follow, mount, mountpoints};
use super::*;
use crate::RootFilesystem;

const DISK: u64 = 9;
/// A bind mount of the host, as engines hand it in.
fn external(id: u64, dev: u64, root: &str, at: &str) -> Message {
    mount(id, 1, 0, dev, root, at).bytes(18, at)
}

fn container(mounts: &[Message], members: Vec<(&'static str, Vec<u8>)>) -> Checkpoint {
    let mut all = vec![("checkpoint/mountpoints-2.img", mountpoints(mounts))];
    all.extend(members);
    checkpoint(PODMAN, &all)
}

/// A plain directory is a part of a disk, and so are the bind mounts of parts of it.
#[test]
fn a_root_that_is_a_directory_of_a_disk() {
    let mounts = [
        mount(1, 0, 0, DISK, "/images/app", "/"),
        mount(2, 1, 0, DISK, "/images/app/opt/data", "/data"),
        mount(3, 1, 0, DISK, "/images/app/etc/hosts.real", "/etc/hosts"),
        mount(4, 1, 0, DISK, "/images/apple", "/other"),
        mount(5, 1, 0, DISK, "/home/me", "/home"),
        external(6, DISK, "/images/app/opt", "/outside"),
        mount(7, 1, 0, DISK, "/images/app/gone", "/removed").varint(16, 1),
    ];
    let diff = Tar::new()
        .file("opt/data/file", "1")
        .file("etc/hosts.real", "2")
        .file("home/me/x", "3")
        .file("le/x", "4")
        .file("gone/x", "5")
        .finish();
    let container = container(&mounts, vec![("rootfs-diff.tar", diff)]);
    let cases = [
        ("/opt/data/file", "/opt/data/file: diff file"),
        ("/data/file", "/data/file: diff file"),
        ("/data/../data//file", "/data/file: diff file"),
        ("/etc/hosts", "/etc/hosts: diff file"),
        // Other directories of the same disk are the host's.
        ("/other/x", "/other/x: Host(None)"),
        ("/home/me/x", "/home/me/x: Host(None)"),
        ("/outside/data/file", "/outside/data/file: Host(None)"),
        ("/removed/x", "/removed/x: Deleted"),
    ];
    for (path, expected) in cases {
        assert_eq!(follow(&container, path), expected, "{path}");
    }
    assert_eq!(children(&container, "/data"), ["/data/file: diff file"]);
}

#[test]
fn a_part_of_a_temporary_file_system() {
    let mounts = [
        mount(1, 0, 17, DISK, "/", "/"),
        mount(2, 1, 5, 42, "/only/this", "/part"),
        mount(3, 1, 5, 42, "/only/this/file", "/one"),
        // Secrets of Kubernetes are one that the host made: CRIU stores it like any other.
        external(4, 42, "/", "/run/secrets"),
    ];
    let tmpfs = Tar::new().directory("./").file("./only/this/file", "1").file("./beside", "2").finish();
    let container = container(&mounts, vec![("checkpoint/tmpfs-dev-42.tar.gz.img", tmpfs)]);
    assert_eq!(follow(&container, "/part/file"), "/part/file: tmpfs file");
    assert_eq!(follow(&container, "/one"), "/one: tmpfs file");
    assert_eq!(follow(&container, "/part/beside"), "/part/beside: Nothing");
    assert_eq!(follow(&container, "/run/secrets/beside"), "/run/secrets/beside: tmpfs file");
    assert_eq!(follow(&container, "/part/../part/file"), "/part/file: tmpfs file");
}

/// A volume is a directory of the host; it may be mounted twice, or a part of it elsewhere.
#[test]
fn a_volume_that_is_mounted_in_several_places() {
    let config = r#"{"namedVolumes": [{"volumeName": "v", "dest": "/var/run/orders"}]}"#;
    let spec = r#"{"annotations": {"io.container.manager": "libpod"},
        "mounts": [{"destination": "/var/run/orders", "type": "bind", "source": "/volumes/v/_data"}]}"#;
    let mounts = [
        mount(1, 0, 17, DISK, "/", "/"),
        external(2, 77, "/volumes/v/_data", "/run/orders"),
        external(3, 77, "/volumes/v/_data", "/again"),
        external(4, 77, "/volumes/v/_data/2026", "/year"),
        external(5, 77, "/volumes/w/_data", "/other"),
    ];
    let volume = Tar::new().directory("./").file("./2026/last", "1").finish();
    let diff = Tar::new().symlink("var/run", "/run").finish();
    let members = [
        ("checkpoint/mountpoints-2.img", mountpoints(&mounts)),
        ("volumes/v.tar", volume),
        ("rootfs-diff.tar", diff),
    ];
    let container = configured(spec, config, &members);
    let cases = [
        ("/run/orders/2026/last", "/run/orders/2026/last: volume file"),
        ("/var/run/orders/2026/last", "/run/orders/2026/last: volume file"),
        ("/again/2026/last", "/again/2026/last: volume file"),
        ("/year/last", "/year/last: volume file"),
        ("/other/2026/last", "/other/2026/last: Host(None)"),
    ];
    for (path, expected) in cases {
        assert_eq!(follow(&container, path), expected, "{path}");
    }
    let listed =
        container.filesystem().entries().find(|entry| entry.origin == Origin::Volume && entry.is_file());
    assert_eq!(listed.unwrap().path, "/run/orders/2026/last");
}

/// `/volumes/v-old` stands between `/volumes/v` and what is in that, by the order of bytes.
#[test]
fn a_part_of_a_volume_beside_one_whose_name_begins_alike() {
    let config =
        r#"{"namedVolumes": [{"volumeName": "v", "dest": "/new"}, {"volumeName": "w", "dest": "/old"}]}"#;
    let spec = r#"{"annotations": {"io.container.manager": "libpod"}, "mounts": [
        {"destination": "/new", "type": "bind", "source": "/volumes/v"},
        {"destination": "/old", "type": "bind", "source": "/volumes/v-old"}]}"#;
    let mounts = [
        mount(1, 0, 17, DISK, "/", "/"),
        external(2, 77, "/volumes/v", "/new"),
        external(3, 77, "/volumes/v-old", "/old"),
        external(4, 77, "/volumes/v/2026", "/year"),
        external(5, 77, "/volumes/v-older", "/other"),
    ];
    let [new, old] = ["1", "2"].map(|text| Tar::new().file("2026/last", text).finish());
    let members = [
        ("checkpoint/mountpoints-2.img", mountpoints(&mounts)),
        ("volumes/v.tar", new),
        ("volumes/w.tar", old),
    ];
    let container = configured(spec, config, &members);
    assert_eq!(follow(&container, "/old/2026/last"), "/old/2026/last: volume file");
    assert_eq!(follow(&container, "/year/last"), "/year/last: volume file");
    assert_eq!(follow(&container, "/other/2026/last"), "/other/2026/last: Host(None)");
}

/// What is mounted over a file or a link hides it, whatever it is.
#[test]
fn mounts_over_files_and_links() {
    let mounts = [
        mount(1, 0, 17, DISK, "/", "/"),
        external(2, 77, "/etc/hosts", "/etc/hosts"),
        mount(3, 1, 5, 42, "/", "/link"),
        mount(4, 1, 17, DISK, "/etc/real", "/etc/file"),
    ];
    let diff = Tar::new()
        .file("etc/hosts", "a stub")
        .symlink("link", "/etc")
        .file("etc/file", "covered")
        .file("etc/real", "shown")
        .symlink("to-mount", "link/x")
        .symlink("to-below", "/link/../etc/file");
    let tmpfs = Tar::new().directory("./").file("./x", "1").finish();
    let members = vec![("rootfs-diff.tar", diff.finish()), ("checkpoint/tmpfs-dev-42.tar.gz.img", tmpfs)];
    let container = container(&mounts, members);
    let cases = [
        ("/etc/hosts", "/etc/hosts: Host(None)"),
        ("/link", "/link: tmpfs dir"),
        ("/link/x", "/link/x: tmpfs file"),
        ("/to-mount", "/link/x: tmpfs file"),
        ("/to-below", "/etc/file: diff file"),
    ];
    for (path, expected) in cases {
        assert_eq!(follow(&container, path), expected, "{path}");
    }
    let shown = container.tree().follow(b"/to-below");
    assert_eq!(text(shown.entry().unwrap()), "shown");
    // The covered file is in no tree; its archive has it.
    let covered: Vec<_> =
        container.filesystem().entries().filter(|entry| entry.path == "/etc/file").collect();
    assert_eq!(covered.iter().map(text).collect::<Vec<_>>(), ["covered"]);
}

/// What a mount covers is no part of the tree, and can be had by its path all the same.
#[test]
fn a_covered_temporary_file_system() {
    let mounts =
        [mount(1, 0, 17, DISK, "/", "/"), mount(2, 1, 5, 42, "/", "/deep"), mount(3, 2, 5, 43, "/", "/deep")];
    let tar = |name: &str| Tar::new().directory("./").file(name, "1").finish();
    let members = vec![
        ("checkpoint/tmpfs-dev-42.tar.gz.img", tar("./covered")),
        ("checkpoint/tmpfs-dev-43.tar.gz.img", tar("./visible")),
    ];
    let container = container(&mounts, members);
    assert_eq!(children(&container, "/deep"), ["/deep/visible: tmpfs file"]);
    assert_eq!(follow(&container, "/deep/covered"), "/deep/covered: Nothing");
    let unseen: Vec<_> = container.filesystem().unseen_at(b"/deep/covered").collect();
    assert_eq!(
        unseen.iter().map(|entry| entry.member.to_string()).collect::<Vec<_>>(),
        ["checkpoint/tmpfs-dev-42.tar.gz.img//covered"]
    );
}

/// Without a mount table, what the archive has of other file systems is where its documents say.
#[test]
fn a_dump_without_mounts_has_its_volumes() {
    let config = r#"{"namedVolumes": [{"volumeName": "v", "dest": "/srv"}, {"volumeName": "w", "dest": "/srv/deep/w"}]}"#;
    let tar = |name: &str| Tar::new().directory("./").file(name, "1").finish();
    let members = [
        ("volumes/v.tar", tar("./a")),
        ("volumes/w.tar", tar("./b")),
        ("volumes/lost.tar", tar("./c")),
        ("devshm-checkpoint.tar", tar("./d")),
        ("rootfs-diff.tar", Tar::new().file("srv/covered", "").file("etc/x", "").finish()),
    ];
    let spec = r#"{"annotations": {"io.container.manager": "libpod"}, "mounts": [
        {"destination": "/srv", "type": "bind", "source": "/volumes/v/_data"},
        {"destination": "/srv/deep/w", "type": "bind", "source": "/volumes/w/_data"}]}"#;
    let container = configured(spec, config, &members);
    let cases = [
        ("/srv/a", "/srv/a: volume file"),
        ("/srv/deep/w/b", "/srv/deep/w/b: volume file"),
        ("/srv/deep", "/srv/deep: implied"),
        ("/srv/covered", "/srv/covered: Nothing"),
        ("/(volume lost)/c", "/(volume lost)/c: volume file"),
        ("/dev/shm/d", "/dev/shm/d: shm file"),
        ("/etc/x", "/etc/x: diff file"),
    ];
    for (path, expected) in cases {
        assert_eq!(follow(&container, path), expected, "{path}");
    }
}

/// Files of the image that something is mounted over are not the container's.
#[test]
fn mounts_hide_what_the_image_has() {
    let mounts = [
        mount(1, 0, 17, DISK, "/", "/"),
        mount(2, 1, 5, 42, "/", "/run"),
        mount(3, 1, 1, 50, "/", "/proc"),
        mount(4, 1, 17, DISK, "/usr", "/system"),
    ];
    let run = Tar::new().directory("./").file("./pid", "7").finish();
    let base = Tar::new()
        .file("run/hidden", "")
        .file("proc/stub", "")
        .file("usr/bin/sh", "shell")
        .file("runner", "")
        .finish();
    let container = container(&mounts, vec![("checkpoint/tmpfs-dev-42.tar.gz.img", run)]);
    let rootfs = RootFilesystem::from_source(Arc::new(base), "base.tar").unwrap();
    let container = container.with_rootfs(Arc::new(rootfs));
    let cases = [
        ("/run/hidden", "/run/hidden: Nothing"),
        ("/run/pid", "/run/pid: tmpfs file"),
        ("/proc/stub", r#"/proc/stub: Kernel(Some("proc"))"#),
        ("/system/bin/sh", "/system/bin/sh: rootfs file"),
    ];
    for (path, expected) in cases {
        assert_eq!(follow(&container, path), expected, "{path}");
    }
    let left: Vec<String> = container.tree().of_image().map(|entry| entry.path.to_string()).collect();
    assert_eq!(left, ["/runner", "/usr/bin/sh"]);
    let root = [
        "/proc: Kernel(Some(\"proc\"))",
        "/run: tmpfs dir",
        "/runner: rootfs file",
        "/system: implied",
        "/usr: implied",
    ];
    assert_eq!(children(&container, "/"), root);
}
