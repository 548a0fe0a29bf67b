//! Mounts of checkpoints made to measure.

use icecore_synth::{Dump, Process, Record};

use super::*;
use crate::checkpoint::tests::{open, told};

fn mount(id: u32, parent: u32, mountpoint: &str) -> Record {
    let mount = Record::required("mnt_entry").set("mnt_id", id).set("parent_mnt_id", parent);
    mount.set("mountpoint", mountpoint).set("root", "/")
}

/// A dump with these mounts in namespace 9.
fn dump(mounts: &[Record]) -> Dump {
    mounts
        .iter()
        .fold(Dump::new().process(Process::new(1, 0)), |dump, it| dump.record("mountpoints-9.img", it))
}

/// The mounts of the only namespace.
fn mounts(checkpoint: &Checkpoint) -> &[Mount] {
    let all = checkpoint.mounts();
    assert_eq!(all.namespaces.len(), 1);
    &all.namespaces[0].mounts
}

fn only(record: Record) -> Mount {
    let checkpoint = open(&dump(&[record]));
    mounts(&checkpoint)[0].clone()
}

/// A dump whose OCI specification has these mounts, as JSON.
fn specified(mounts: &[Record], spec: &str) -> Dump {
    dump(mounts).raw("spec.dump", format!(r#"{{"ociVersion":"1.0.2","mounts":[{spec}]}}"#))
}

#[test]
fn fields_are_those_of_the_record() {
    let record = mount(30, 29, "/data")
        .set("root_dev", 0x80_0011_u32)
        .set("flags", 0x20_0006_u32)
        .set("sb_flags", 1u32)
        .set("root", "/srv/data")
        .set("source", "/dev/sdb1")
        .set("options", "errors=remount-ro")
        .set("shared_id", 4u32)
        .set("master_id", 3u32)
        .set("ext_key", "data-key");
    let found = only(record);
    assert_eq!((found.id, found.parent, found.depth), (MountId(30), MountId(29), 0));
    assert_eq!((found.dev, found.flags, found.sb_flags), (0x80_0011, 0x20_0006, Some(1)));
    assert_eq!((found.root.to_string(), found.source.to_string()), ("/srv/data".into(), "/dev/sdb1".into()));
    assert_eq!((found.shared, found.master), (Some(4), Some(3)));
    assert_eq!((found.external.clone(), found.is_external()), (Some("data-key".into()), true));
    assert_eq!(found.options(), "rw,nosuid,nodev,relatime");
    assert_eq!(found.super_options(), "ro,errors=remount-ro");
    assert_eq!(
        (found.deleted, found.with_plugin, found.image, found.spec, found.role),
        (false, false, None, None, None)
    );
}

#[test]
fn a_peer_group_of_zero_is_none() {
    let found = only(mount(1, 0, "/").set("shared_id", 0u32).set("master_id", 0u32));
    assert_eq!((found.shared, found.master, found.propagation()), (None, None, "private".into()));
    assert!(!found.is_external());
}

/// The numbers of `fstype` in CRIU's `mnt.proto`, and what the kernel calls them.
#[test]
fn file_systems_have_the_names_of_the_kernel() {
    let cases = [
        (1, Some("proc")),
        (2, Some("sysfs")),
        (3, Some("devtmpfs")),
        (4, Some("binfmt_misc")),
        (5, Some("tmpfs")),
        (6, Some("devpts")),
        (11, Some("debugfs")),
        (12, Some("cgroup")),
        (14, Some("mqueue")),
        (15, Some("fuse")),
        (17, Some("overlay")),
        (18, Some("autofs")),
        (23, Some("cgroup2")),
        (0, None),
        (99, None),
        (u32::MAX, None),
    ];
    for (number, name) in cases {
        let found = only(mount(1, 0, "/").set("fstype", number));
        assert_eq!(found.fstype, name.map(BString::from), "{number}");
    }
}

#[test]
fn the_name_is_stored_where_criu_has_no_number() {
    let auto = mount(1, 0, "/").set("fstype", 16u32).set("fsname", "xfs");
    assert_eq!(only(auto.clone()).fstype, Some("xfs".into()));
    assert_eq!(only(auto.without("fsname")).fstype, None);
    // Of other numbers it does not count.
    assert_eq!(only(mount(1, 0, "/").set("fstype", 5u32).set("fsname", "xfs")).fstype, Some("tmpfs".into()));
}

/// CRIU 1.3 to 2.12: the key of an external mount stands in `root`.
#[test]
fn an_old_external_mount_has_its_key_in_its_root() {
    let old = mount(1, 0, "/etc/hosts").set("root", "hosts-key").set("ext_mount", true);
    assert_eq!(only(old.clone()).external, Some("hosts-key".into()));
    assert_eq!(only(old.clone().set("ext_mount", false)).external, None);
    assert_eq!(only(old.set("ext_key", "newer")).external, Some("newer".into()), "the newer field counts");
}

#[test]
fn plugins_handle_mounts_that_are_external_then() {
    let found = only(mount(1, 0, "/vz").set("with_plugin", true).set("deleted", true));
    assert!(found.with_plugin && found.is_external() && found.deleted);
}

#[test]
fn a_temporary_file_system_knows_its_image() {
    let record = mount(5, 1, "/tmp").set("fstype", 5u32).set("root_dev", 46u32);
    let with = dump(&[mount(1, 0, "/"), record.clone()]).image("tmpfs-dev-46.tar.gz.img", *b"\x1f\x8b");
    let images: Vec<_> = mounts(&open(&with)).iter().map(|it| it.image.clone()).collect();
    assert_eq!(images, [None, Some("tmpfs-dev-46.tar.gz.img".into())]);
    assert_eq!(mounts(&open(&dump(std::slice::from_ref(&record))))[0].image, None);
    // CRIU until 1.2 called it after the mount.
    let old =
        dump(&[record]).image("tmpfs-5.tar.gz.img", *b"\x1f\x8b").image("tmpfs-46.tar.gz.img", *b"\x1f\x8b");
    assert_eq!(mounts(&open(&old))[0].image.as_deref(), Some("tmpfs-5.tar.gz.img"));
}

#[test]
fn namespaces_stand_by_number_and_mounts_as_a_tree() {
    let dump =
        dump(&[mount(12, 11, "/proc"), mount(11, 2, "/"), mount(14, 12, "/proc/sys"), mount(13, 11, "/dev")])
            .record("mountpoints-10.img", &mount(2, 1, "/"))
            .image("mountpoints-100.img", vec![]);
    let checkpoint = open(&dump);
    let rows: Vec<_> = checkpoint
        .mounts()
        .namespaces
        .iter()
        .map(|it| (it.id.0, it.mounts.iter().map(|mount| (mount.id.0, mount.depth)).collect::<Vec<_>>()))
        .collect();
    assert_eq!(rows, [(9, vec![(11, 0), (12, 1), (14, 2), (13, 1)]), (10, vec![(2, 0)]), (100, vec![])]);
    assert_eq!(told(&checkpoint, "mount-broken"), <[&str; 0]>::default());
    assert_eq!(told(&checkpoint, "image-damaged").len(), 1, "an image without a magic");
}

#[test]
fn mounts_in_a_ring_are_listed_and_told() {
    let checkpoint =
        open(&dump(&[mount(1, 0, "/"), mount(5, 6, "/a"), mount(6, 7, "/b"), mount(7, 5, "/c")]));
    let ids: Vec<u32> = mounts(&checkpoint).iter().map(|it| it.id.0).collect();
    assert_eq!(ids, [1, 5, 6, 7]);
    let expected = "mountpoints-9.img: 3 of 4 mounts are not below the root; they are listed last";
    assert_eq!(told(&checkpoint, "mount-broken"), [expected]);
}

#[test]
fn a_mount_finds_what_the_engine_was_told() {
    let spec = r#"{"destination":"/data","type":"bind","source":"/srv/data","options":["rbind","ro"]},
                  {"destination":"/var/run/secrets","type":"bind","source":"/srv/secret","options":["rbind"]},
                  {"destination":"/etc/hosts","type":"bind","source":"/srv/hosts","options":["rbind"]}"#;
    let records = [
        mount(1, 0, "/"),
        mount(2, 1, "/data"),
        mount(3, 1, "/run/secrets"),
        mount(4, 1, "/elsewhere").set("ext_key", "/etc/hosts"),
        mount(5, 1, "/var/run/secrets/deeper"),
    ];
    let checkpoint = open(&specified(&records, spec));
    let found: Vec<_> = mounts(&checkpoint)
        .iter()
        .map(|it| it.spec.as_ref().and_then(|spec| spec.source.clone()).unwrap_or_default())
        .collect();
    assert_eq!(found, ["", "/srv/data", "/srv/secret", "/srv/hosts", ""]);
}

#[track_caller]
fn check_role(record: Record, role: Option<&str>) {
    let found = only(record);
    assert_eq!(found.role.map(Role::name), role, "{} {}", found.mountpoint, found.root);
}

/// Mounts of real engines, and what they are for.
#[test]
fn roles_are_told_by_paths() {
    let bound = |mountpoint: &str, root: &str| mount(1, 0, mountpoint).set("root", root);
    let kubelet = "/var/lib/kubelet/pods/1234/volumes";
    let cases = [
        ("/run/secrets/kubernetes.io/serviceaccount", "/", Some("service-account")),
        ("/token", &*format!("{kubelet}/kubernetes.io~projected/kube-api-access-x"), Some("service-account")),
        ("/tls", &format!("{kubelet}/kubernetes.io~secret/tls"), Some("secret")),
        ("/etc/app", &format!("{kubelet}/kubernetes.io~configmap/app"), Some("config-map")),
        ("/scratch", &format!("{kubelet}/kubernetes.io~empty-dir/scratch"), Some("empty-dir")),
        ("/run/secrets/db", "/containers/userdata/db", Some("secret")),
        ("/x", "/containers/overlay/1/userdata/secrets/db", Some("secret")),
        ("/etc/resolv.conf", "/containers/overlay/1/userdata/resolv.conf", Some("engine-file")),
        ("/etc/hosts", "/var/lib/docker/containers/1/hosts", Some("engine-file")),
        ("/var/run/docker.sock", "/docker.sock", Some("engine-socket")),
        ("/host/containerd", "/run/containerd/containerd.sock", Some("engine-socket")),
        ("/proc/kcore", "/null", Some("mask")),
        ("/proc/acpi", "/", Some("mask")),
        ("/sys/firmware", "/", Some("mask")),
        ("/etc/hosts", "/", None),
        ("/proc", "/", None),
        ("/proc/sys", "/sys", None),
        ("/srv/docker.sock.d", "/d", None),
        ("/data", "/", None),
    ];
    for (mountpoint, root, role) in cases {
        check_role(bound(mountpoint, root), role);
    }
    check_role(mount(1, 0, "/proc/timer_list").set("root", "/x").set("ext_key", "/dev/null"), Some("mask"));
}

#[test]
fn the_source_that_the_engine_was_told_tells_a_role() {
    let spec = r#"{"destination":"/sock","type":"bind","source":"/run/podman/podman.sock"}"#;
    let checkpoint = open(&specified(&[mount(1, 0, "/sock")], spec));
    assert_eq!(mounts(&checkpoint)[0].role, Some(Role::EngineSocket));
}

#[test]
fn without_image_there_are_no_mounts() {
    assert_eq!(open(&Dump::new()).mounts(), &Mounts::default());
    let odd = Dump::new().image("mountpoints-4294967296.img", vec![]);
    assert_eq!(open(&odd).mounts(), &Mounts::default(), "a number that no namespace has");
}

#[test]
fn many_mounts_on_each_other_take_no_recursion() {
    let chain: Vec<Record> = (1..=20_000).map(|id| mount(id, id - 1, "/")).collect();
    let checkpoint = open(&dump(&chain));
    let last = mounts(&checkpoint).last().unwrap();
    assert_eq!((last.id.0, last.depth), (20_000, 19_999));
}
