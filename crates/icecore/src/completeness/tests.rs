//! What is told of members that are missing.

use icecore_archive::{Archive, Options};
use icecore_synth::{Dump, Process, Record, Tar};

use super::*;
use crate::checkpoint::tests::{open, told};

/// Codes that say that something is not there.
fn missing(dump: &Dump) -> Vec<String> {
    let checkpoint = open(dump);
    checkpoint.check_completeness();
    told(&checkpoint, "member-missing")
}

/// A dump of one process that lacks nothing.
fn whole() -> Dump {
    let pagemap = Record::required("pagemap_head").set("pages_id", 1u32);
    Dump::new()
        .process(Process::new(1, 0).fd(0, "REG", 2))
        .file("REG", Record::required("reg_file_entry").set("id", 2u32).set("name", "/x"))
        .record("pagemap-1.img", &pagemap)
        .image("pages-1.img", vec![])
}

#[test]
fn a_whole_dump_lacks_nothing() {
    assert_eq!(missing(&whole()), <[&str; 0]>::default());
}

#[test]
fn every_image_that_another_speaks_of_is_wanted() {
    let because = "pstree.img lists process 1";
    let cases = [
        ("inventory.img", "CRIU writes it with every dump"),
        ("pstree.img", "CRIU writes it with every dump"),
        ("files.img", "CRIU writes it with every dump"),
        ("core-1.img", because),
        ("ids-1.img", because),
        ("mm-1.img", because),
        ("fs-1.img", because),
        ("pagemap-1.img", because),
    ];
    for (image, because) in cases {
        let told = missing(&whole().without(image));
        let expected = format!("{image}: is not there; {because}");
        assert!(told.contains(&expected), "{image}: {told:?}");
        assert_eq!(told.iter().filter(|text| text.starts_with(image)).count(), 1, "{told:?}");
    }
    // Whoever reads descriptors misses it first, and once is enough.
    let told = missing(&whole().without("fdinfo-1.img"));
    assert_eq!(told, ["fdinfo-1.img: is not there, so the descriptors of process 1 are not known"]);
}

#[test]
fn pages_are_wanted_where_a_pagemap_stores_some() {
    let entry = |flags: u32| {
        Record::new("pagemap_entry").set("vaddr", 0x1000u64).set("flags", flags).set("nr_pages", 1u64)
    };
    let with = |flags| whole().without("pages-1.img").record("pagemap-1.img", &entry(flags));
    // 1 in the parent, 2 lazy, 4 present.
    assert_eq!(missing(&with(4)), ["pages-1.img: is not there; pagemap-1.img says that its pages are there"]);
    assert_eq!(missing(&with(1)), <[&str; 0]>::default());
    assert_eq!(missing(&with(2)), <[&str; 0]>::default());
    assert_eq!(
        missing(&with(4).image("pages-1.comp.img", vec![])),
        <[&str; 0]>::default(),
        "compressed ones are pages"
    );
    let old = Record::new("pagemap_entry").set("vaddr", 0x1000u64).set("compat_nr_pages", 1u32);
    let told = missing(&whole().without("pages-1.img").record("pagemap-1.img", &old));
    assert_eq!(told.len(), 1, "before CRIU 2.4 there are no flags: {told:?}");
}

#[test]
fn threads_have_images_but_the_dead_have_none() {
    let dump = whole().process(Process::new(7, 1).thread(8, |core| core));
    let dump = dump.record("pagemap-7.img", &Record::required("pagemap_head").set("pages_id", 1u32));
    let dump = dump.process(Process::zombie(9, 1, 0)).fd(7, 0, "REG", 2);
    assert_eq!(missing(&dump), <[&str; 0]>::default());
    let told = missing(&dump.without("core-8.img"));
    assert!(
        told.contains(&"core-8.img: is not there; pstree.img lists thread 8 of process 7".into()),
        "{told:?}"
    );
}

#[test]
fn namespaces_of_the_host_have_no_images() {
    let root = Record::required("task_kobj_ids_entry").set("uts_ns_id", 5u32);
    let inventory = Record::required("inventory_entry").set("img_version", 2u32).with("root_ids", root);
    let with = |id: u32, field: &str| {
        let ids = Process::new(1, 0).id(field, id).ids.unwrap();
        whole()
            .without("ids-1.img")
            .record("ids-1.img", &ids)
            .without("inventory.img")
            .record("inventory.img", &inventory)
    };
    assert_eq!(missing(&with(5, "uts_ns_id")), <[&str; 0]>::default());
    let cases = [
        ("uts_ns_id", "utsns-6.img"),
        ("ipc_ns_id", "ipcns-var-6.img"),
        ("mnt_ns_id", "mountpoints-6.img"),
        ("user_ns_id", "userns-6.img"),
    ];
    for (field, image) in cases {
        assert_eq!(
            missing(&with(6, field)),
            [format!("{image}: is not there; ids-1.img names its namespace")]
        );
        assert_eq!(missing(&with(0, field)), <[&str; 0]>::default(), "0 is none");
    }
}

fn tcp(state: u32, port: u32) -> Record {
    let socket = Record::required("inet_sk_entry").set("id", 3u32).set("ino", 0xbeefu32).set("proto", 6u32);
    socket.set("state", state).set("dst_port", port).set("family", 2u32).set("type", 1u32)
}

#[test]
fn a_connection_has_a_stream() {
    let with = |socket: Record| missing(&whole().file("INETSK", socket));
    let expected = "tcp-stream-beef.img: is not there; file 3 of files.img is a TCP connection";
    assert_eq!(with(tcp(1, 80)), [expected]);
    assert_eq!(with(tcp(10, 0)), <[&str; 0]>::default(), "it listens");
    assert_eq!(with(tcp(7, 80)), <[&str; 0]>::default(), "it is closed");
    assert_eq!(with(tcp(1, 80).set("proto", 17u32)), <[&str; 0]>::default(), "it is UDP");
    let closing = Record::required("inventory_entry").set("img_version", 2u32).set("tcp_close", true);
    let dump = whole().without("inventory.img").record("inventory.img", &closing);
    assert_eq!(
        missing(&dump.file("INETSK", tcp(1, 80))),
        <[&str; 0]>::default(),
        "the dump closed connections"
    );
}

#[test]
fn memory_files_and_ghosts_have_their_content() {
    let memfd = whole().file("MEMFD", Record::required("memfd_file_entry").set("id", 4u32));
    assert_eq!(missing(&memfd), ["memfd.img: is not there; file 4 of files.img is a memory file"]);
    let inode =
        Record::required("memfd_inode_entry").set("size", 1u64).set("shmid", 6u32).set("inode_id", 8u32);
    let told = missing(&memfd.clone().record("memfd.img", &inode));
    assert_eq!(told, ["pagemap-shmem-6.img: is not there; inode 8 of memfd.img names it"]);
    assert_eq!(missing(&memfd.record("memfd.img", &inode.set("size", 0u64))), <[&str; 0]>::default());

    let remap = |kind: &str| {
        let remap = Record::required("remap_file_path_entry").set("orig_id", 2u32).set("remap_id", 0x1fu32);
        remap.set("remap_type", kind)
    };
    let ghost = whole().record("remap-fpath.img", &remap("GHOST"));
    assert_eq!(missing(&ghost), ["ghost-file-1f.img: is not there; remap-fpath.img names it"]);
    assert_eq!(missing(&whole().record("remap-fpath.img", &remap("LINKED"))), <[&str; 0]>::default());
    let alone = whole().record("ghost-file-2.img", &Record::required("ghost_file_entry"));
    let told = missing(&alone);
    let expected =
        "remap-fpath.img: is not there; ghost-file-2.img is there, and only this says whose content it is";
    assert_eq!(told, [expected]);
}

fn mount(id: u32, device: u32, root: &str) -> Record {
    let mount = Record::required("mnt_entry").set("mnt_id", id).set("root_dev", device).set("root", root);
    mount.set("mountpoint", "/tmp").set("fstype", "TMPFS".len() as u64)
}

#[test]
fn temporary_file_systems_have_their_files() {
    let with = |records: &[Record]| {
        missing(&records.iter().fold(whole(), |dump, mount| dump.record("mountpoints-5.img", mount)))
    };
    let expected =
        "tmpfs-dev-46.tar.gz.img: is not there; mountpoints-5.img lists a temporary file system at `/tmp`";
    assert_eq!(with(&[mount(1, 46, "/")]), [expected]);
    assert_eq!(with(&[mount(1, 46, "/null")]), <[&str; 0]>::default(), "a single file from outside");
    assert_eq!(with(&[mount(1, 46, "/").set("fstype", 1u32)]), <[&str; 0]>::default(), "it is proc");
    let external = mount(1, 46, "/").set("ext_key", "key");
    assert_eq!(with(std::slice::from_ref(&external)), <[&str; 0]>::default());
    assert_eq!(with(&[mount(2, 46, "/"), external]), <[&str; 0]>::default(), "one device is one file system");
    assert_eq!(with(&[mount(1, 46, "/").set("ext_mount", true)]), <[&str; 0]>::default());
    assert_eq!(with(&[mount(1, 46, "/").set("with_plugin", true)]), <[&str; 0]>::default());
}

#[test]
fn segments_have_pages_and_sets_have_their_image() {
    let segment =
        Record::required("ipc_shm_entry").set("desc", Record::required("ipc_desc_entry").set("id", 9u32));
    let with = |record: &Record| missing(&whole().record("ipcns-shm-5.img", record));
    let expected = "pagemap-shmem-9.img: is not there; ipcns-shm-5.img lists segment 9";
    assert_eq!(with(&segment.clone().set("in_pagemaps", true)), [expected]);
    assert_eq!(with(&segment), <[&str; 0]>::default(), "before CRIU 3.0 the bytes follow the record");

    let core = |path: &str| {
        let core = Process::new(1, 0).set(path, 3u32).core;
        missing(&whole().without("core-1.img").record("core-1.img", &core))
    };
    let expected = "cgroup.img: is not there; core-1.img names a set of cgroups";
    assert_eq!([core("thread_core.cg_set"), core("tc.cg_set")], [[expected], [expected]]);
    let expected = "seccomp.img: is not there; core-1.img names a seccomp filter";
    assert_eq!(core("thread_core.seccomp_filter"), [expected]);
}

/// A list that was made up speaks of any number of processes.
#[test]
fn many_missing_images_are_summed_up() {
    let dump = (2..1000).fold(whole(), |dump, pid| dump.record("pstree.img", &Process::new(pid, 1).list));
    let told = missing(&dump);
    assert!(told.len() < 50, "{}", told.len());
    assert!(
        told.iter().any(|text| text.contains("further `core` images that other images speak of")),
        "{told:?}"
    );
}

#[test]
fn a_pre_dump_is_not_asked_for_processes() {
    let dump = Dump::new().record("pagemap-1.img", &Record::required("pagemap_head"));
    assert_eq!(missing(&dump), <[&str; 0]>::default());
    assert_eq!(
        missing(&dump.without("inventory.img")),
        ["inventory.img: is not there; CRIU writes it with every dump"]
    );
}

#[test]
fn one_note_names_the_kinds_that_may_be_absent() {
    let checkpoint = open(&whole());
    checkpoint.check_completeness();
    let notes = told(&checkpoint, "member-optional");
    assert_eq!(notes.len(), 1, "{notes:?}");
    for name in ["ghost-file-N.img", "cgroup.img", "mountpoints-N.img", "sk-queues.img"] {
        assert!(notes[0].contains(name), "{name}: {notes:?}");
    }
    for name in ["pstree.img", "core-N.img", "reg-files.img", "stats-restore", "irmap-cache", "creds-N.img"] {
        assert!(!notes[0].contains(name), "{name}: {notes:?}");
    }
}

#[test]
fn patterns_are_shown_with_n() {
    assert_eq!(
        [example("core-{}.img"), example("a-{:x}.img"), example("plain")],
        ["core-N.img", "a-N.img", "plain"]
    );
    assert!(is_of_dump("core-{}.img") && !is_of_dump("amdgpu-kfd-{}.img") && !is_of_dump("stats-restore"));
}

fn checked(tar: Tar) -> Checkpoint {
    let archive = Archive::open(std::sync::Arc::new(tar.finish()), &Options::default()).unwrap();
    let checkpoint = Checkpoint::from_archive(archive).unwrap().pop().unwrap();
    checkpoint.check_completeness();
    checkpoint
}

fn add(tar: Tar, dump: &Dump) -> Tar {
    dump.names()
        .fold(tar, |tar, name| tar.file(format!("checkpoint/{name}"), dump.get(name).unwrap_or_default()))
}

#[test]
fn a_link_in_place_of_an_image_or_document_counts_as_absent() {
    let dump = whole().without("files.img");
    let tar =
        add(Tar::new().symlink("config.dump", "/etc/passwd"), &dump).symlink("checkpoint/files.img", "x");
    let checkpoint = checked(tar);
    let odd = told(&checkpoint, "not-regular");
    let text = "is a symlink, not a regular file; it counts as absent";
    assert_eq!(odd, [format!("checkpoint/files.img: {text}"), format!("config.dump: {text}")]);
    let missing = told(&checkpoint, "member-missing");
    assert!(missing.iter().any(|text| text.starts_with("checkpoint/files.img: ")), "{missing:?}");
}

#[test]
fn a_hard_link_to_an_image_is_an_image() {
    let tar = add(Tar::new(), &whole().without("files.img"))
        .file("checkpoint/x", whole().get("files.img").unwrap());
    let checkpoint = checked(tar.hardlink("checkpoint/files.img", "checkpoint/x"));
    assert_eq!(told(&checkpoint, "not-regular"), <[&str; 0]>::default());
    assert_eq!(told(&checkpoint, "member-missing"), <[&str; 0]>::default());
}

#[test]
fn archives_inside_are_looked_at() {
    let inner = Tar::new().file("etc/passwd", vec![b'x'; 2000]).finish();
    let names = ["rootfs-diff.tar", "devshm-checkpoint.tar", "volumes/data.tar"];
    let sound = names.iter().fold(add(Tar::new(), &whole()), |tar, name| tar.file(name, &inner));
    assert_eq!(told(&checked(sound), "nested-damaged"), <[&str; 0]>::default());
    for name in names {
        let none = checked(add(Tar::new(), &whole()).file(name, "not a tar at all"));
        let expected = format!("{name}: should be a tar by its name, but is none; its files cannot be read");
        assert_eq!(told(&none, "nested-damaged"), [expected]);
        let cut = checked(add(Tar::new(), &whole()).file(name, &inner[..1500]));
        let told: Vec<String> = cut.diagnostics().iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|text| text.starts_with(name)), "{name}: {told:?}");
    }
    let elsewhere =
        add(Tar::new(), &whole()).file("volumes/data.txt", "text").file("x/rootfs-diff.tar", "text");
    assert_eq!(told(&checked(elsewhere), "nested-damaged"), <[&str; 0]>::default());
}

#[test]
fn what_an_engine_always_writes_is_expected() {
    let config = r#"{"id":"0123","name":"web"}"#;
    let spec = r#"{"ociVersion":"1.0.2","annotations":{"io.container.manager":"libpod"}}"#;
    let tar = || add(Tar::new().file("config.dump", config).file("spec.dump", spec), &whole());
    let checkpoint = checked(tar().file("network.status", "{}"));
    assert_eq!(checkpoint.facts().engine.name.to_string(), "podman");
    let expected = told(&checkpoint, "member-expected");
    let text = "is not there; current releases of podman always write it";
    assert_eq!(expected, [format!("stats-dump: {text}"), format!("checkpoint/descriptors.json: {text}")]);
}
