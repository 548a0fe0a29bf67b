//! Figures of checkpoints made to measure.

use icecore_synth::{Dump, Process, Record, image};

use super::*;
use crate::Checkpoint;
use crate::checkpoint::tests::{open, told};

fn release(dump: &Dump) -> (Option<&'static str>, Option<&'static str>) {
    let machine = *open(dump).machine();
    (machine.criu_at_least, machine.criu_before)
}

fn inventory(change: impl FnOnce(Record) -> Record) -> Dump {
    let record = change(Record::required("inventory_entry").set("img_version", 2u32));
    Dump::empty().record("inventory.img", &record).process(Process::new(1, 0))
}

/// What each release was the first to write, from the tables of fields.
#[test]
fn signs_of_releases() {
    let plain = || inventory(|it| it);
    assert_eq!(release(&plain()), (Some("1.6"), Some("3.16")));
    let files = plain().file("REG", Record::required("reg_file_entry"));
    assert_eq!(release(&files), (Some("3.4"), Some("3.16")));
    let thread = |path, value: u32| inventory(|it| it).process(Process::new(2, 1).set(path, value));
    assert_eq!(release(&thread("thread_core.cg_set", 1)).0, Some("1.6"), "the first core image counts");
    let first = |change: fn(Process) -> Process| Dump::new().process(change(Process::new(1, 0)));
    assert_eq!(release(&first(|it| it.set("thread_core.comm", "x"))).0, Some("3.11"));
    assert_eq!(release(&first(|it| it.set("thread_core.rseq_entry.rseq_abi_pointer", 1u64))).0, Some("3.17"));
    assert_eq!(release(&first(|it| it.set("thread_core.cg_set", 1u32))).0, Some("3.18"));
    assert_eq!(release(&first(|it| it.set("tc.child_subreaper", true))).0, Some("3.13"));
    let creds = |change: fn(Record) -> Record| {
        let creds = change(Record::required("creds_entry"));
        Dump::new().process(Process::new(1, 0).leader(|it| it.set("creds", creds)))
    };
    assert_eq!(release(&creds(|it| it.set("no_new_privs", 1u32))).0, Some("3.19"));
    assert_eq!(release(&creds(|it| it.list("cap_amb", [0u32, 0]))).0, Some("4.1"));
    let memfd = plain().record("memfd.img", &Record::required("memfd_inode_entry"));
    assert_eq!(release(&memfd).0, Some("3.14"));
    assert_eq!(release(&plain().record("timens-9.img", &Record::required("timens_entry"))).0, Some("3.14"));
    let locked = inventory(|it| it.set("network_lock_method", 1u32));
    assert_eq!(release(&locked), (Some("3.16"), Some("4.1")));
    let run = inventory(|it| it.set("network_lock_method", 1u32).set("dump_criu_run_id", "id"));
    assert_eq!(release(&run), (Some("4.1"), None));
    assert_eq!(release(&inventory(|it| it.set("allow_uprobes", true))).0, Some("4.2"));
    let guarded = Record::required("vma_entry").set("status", 1u32 << 16);
    let mm = Record::required("mm_entry").set("vmas", guarded);
    assert_eq!(release(&Dump::new().record("mm-1.img", &mm)).0, Some("4.2"));
}

/// What open files have: each sign alone, on whatever file it can be.
#[test]
fn signs_of_releases_in_files() {
    let file = |kind: &str, change: &dyn Fn(Record) -> Record| {
        release(&inventory(|it| it).with_file(9, kind, change)).0
    };
    let options = |it: Record| it.set("opts.so_buf_lock", 1u32);
    let sockets = ["INETSK", "UNIXSK", "NETLINKSK", "PACKETSK"];
    for kind in sockets {
        assert_eq!(file(kind, &|it| it), Some("3.4"), "{kind}");
        assert_eq!(file(kind, &|it| it.set("ns_id", 9u32)), Some("3.8"), "{kind}");
        assert_eq!(file(kind, &options), Some("3.17"), "{kind}");
    }
    assert_eq!(file("INETSK", &|it| it.set("tcp_opts.cork", false)), Some("4.0"));
    assert_eq!(file("INETSK", &|it| it.set("ip_opts.freebind", true)), Some("3.4"));
    assert_eq!(file("REG", &|it| it.list("build_id", [1u32, 2])), Some("3.15"));
    let memfd = Record::required("memfd_inode_entry").set("mode", 0o100_777u32);
    assert_eq!(release(&inventory(|it| it).record("memfd.img", &memfd)).0, Some("3.19"));
}

#[test]
fn a_pagemap_of_the_new_form_is_of_the_newest_release() {
    let head = Record::required("pagemap_head");
    let entry = |field: &str| Record::new("pagemap_entry").set("vaddr", 0x1000u64).set(field, 1u32);
    let old =
        inventory(|it| it).record("pagemap-1.img", &head).record("pagemap-1.img", &entry("compat_nr_pages"));
    assert_eq!(release(&old).0, Some("1.6"));
    let flags = entry("compat_nr_pages").set("flags", 4u32);
    let flagged = inventory(|it| it).record("pagemap-1.img", &head).record("pagemap-1.img", &flags);
    assert_eq!(release(&flagged).0, Some("3.5"));
    let new = Dump::new().record("pagemap-1.img", &head).record("pagemap-1.img", &entry("nr_pages"));
    let found = release(&new).0;
    // The head of a pagemap is no entry, though it stands first.
    assert_eq!(found, Some("4.2"));
}

#[test]
fn an_inventory_tells_how_the_dump_was_made() {
    let of = |change: fn(Record) -> Record| open(&inventory(change)).inventory().unwrap().clone();
    let found = of(|it| {
        let plugins = Record::new("plugins_entry").set("plugins", "cuda_plugin");
        let it = it.set("dump_criu_run_id", "id").with("plugins_entry", plugins).set("lsmtype", 1u32);
        let it = it.set("dump_uptime", 5_000_000_000u64).set("pre_dump_mode", 2u32).set("tcp_close", true);
        it.set("network_lock_method", 1u32).set("allow_uprobes", false)
    });
    assert_eq!((found.img_version, found.run_id.as_ref().unwrap().as_slice()), (2, &b"id"[..]));
    assert_eq!(found.plugins.as_ref().unwrap(), &["cuda_plugin"]);
    assert_eq!((found.lsm_name(), found.network_lock_name()), (Some("selinux"), Some("nftables")));
    assert_eq!((found.uptime_us, found.pre_dump_mode), (Some(5_000_000_000), Some(2)));
    assert_eq!((found.tcp_close, found.allow_uprobes), (Some(true), Some(false)));
    let none = of(|it| it.with("plugins_entry", Record::new("plugins_entry")));
    assert_eq!(none.plugins.as_deref(), Some(&[][..]));
    assert_eq!((none.lsm_name(), none.network_lock_name(), none.run_id), (None, None, None));
    let odd = of(|it| it.set("lsmtype", 9u32).set("network_lock_method", 7u32));
    assert_eq!((odd.lsm, odd.lsm_name()), (Some(9), None));
    assert_eq!((odd.network_lock, odd.network_lock_name()), (Some(7), None));
    assert_eq!(open(&Dump::empty().process(Process::new(1, 0))).inventory(), None);
}

/// CRIU leaves out of the inventory of a pre-dump what it writes into that of every dump.
#[test]
fn a_pre_dump_has_no_upper_bound() {
    let pagemap = Record::required("pagemap_head");
    let pre_dump = |dump: Dump| release(&dump.record("pagemap-1.img", &pagemap)).1;
    assert_eq!(pre_dump(Dump::empty().record("inventory.img", &Record::required("inventory_entry"))), None);
    assert_eq!(pre_dump(inventory(|it| it)), Some("3.16"));
}

#[test]
fn architectures_are_named_as_uname_does() {
    let arch =
        |dump: Dump, march: &str| open(&dump.process(Process::new(1, 0).set("mtype", march))).machine().arch;
    for (march, name) in [
        ("X86_64", "x86_64"),
        ("ARM", "armv7l"),
        ("AARCH64", "aarch64"),
        ("PPC64", "ppc64le"),
        ("S390", "s390x"),
        ("MIPS", "mips64"),
        ("LOONGARCH64", "loongarch64"),
        ("RISCV64", "riscv64"),
    ] {
        assert_eq!(arch(Dump::new(), march), Some(name), "{march}");
    }
    assert_eq!(arch(Dump::big_endian(), "PPC64"), Some("ppc64"));
    let none = Process::new(1, 0).set("mtype", 77u32);
    assert_eq!(open(&Dump::new().process(none)).machine().arch, None);
}

#[test]
fn without_images_nothing_is_known_of_the_machine() {
    let checkpoint = open(&Dump::new().image("pstree.img", vec![]));
    assert_eq!((checkpoint.machine().arch, checkpoint.machine().page_size), (None, None));
    assert_eq!(checkpoint.machine().criu_at_least, None);
}

#[test]
fn processes_and_threads_are_counted() {
    let dump = Dump::new()
        .process(Process::new(1, 0).thread(2, |core| core).thread(3, |core| core))
        .process(Process::zombie(4, 1, 0));
    let checkpoint = open(&dump);
    let counts = checkpoint.counts();
    assert_eq!((counts.processes, counts.threads), (Some(2), Some(3)), "the dead have no threads");
    let names = dump.names().count() as u64;
    assert_eq!((counts.members, counts.images), (names, names));
    let checkpoint = open(&Dump::new().record("pagemap-1.img", &Record::required("pagemap_head")));
    assert_eq!((checkpoint.counts().processes, checkpoint.counts().threads), (None, None));
}

#[test]
fn repeated_processes_count_once() {
    let dump = Dump::new().process(Process::new(1, 0)).record("pstree.img", &Process::new(1, 0).list);
    let checkpoint = open(&dump);
    assert_eq!(checkpoint.counts().processes, Some(1));
    assert_eq!(told(&checkpoint, "process-broken").len(), 1);
}

#[test]
fn every_byte_goes_where_it_belongs() {
    let dump = Dump::new()
        .image("pages-1.img", vec![0; 4096])
        .image("pages-2.comp.img", vec![0; 100])
        .image("amdgpu-pages-1-0001.img", vec![0; 10])
        .image("tmpfs-dev-46.tar.gz.img", vec![0; 30])
        .image("devshm-checkpoint.tar", vec![0; 7])
        .image("rootfs-diff.tar", vec![0; 512])
        .image("volumes/data.tar", vec![0; 50])
        .image("volumes/more.tar", vec![0; 3])
        .image("dump.log", vec![b'a'; 9])
        .image("ctr.log", vec![b'b'; 2])
        .image("config.dump", *b"{}")
        .image("odd.img", vec![0; 1]);
    let sizes = open(&dump).sizes();
    let inventory = image::inventory().len() as u64;
    assert_eq!((sizes.pages, sizes.tmpfs, sizes.images), (4096 + 100 + 10, 30 + 7, inventory + 1));
    assert_eq!((sizes.rootfs_diff, sizes.volumes, sizes.logs), (Some(512), 53, 11));
    assert_eq!(sizes.archive, Some(dump.tar().len() as u64));
    assert_eq!(open(&Dump::new()).sizes().rootfs_diff, None);
}

fn stats(checkpoint: &Checkpoint) -> Option<DumpStats> {
    checkpoint.stats().copied()
}

#[test]
fn what_the_dump_cost() {
    let dump_stats = Record::required("dump_stats_entry")
        .set("freezing_time", 10u32)
        .set("frozen_time", u32::MAX)
        .set("memdump_time", 20u32)
        .set("memwrite_time", 30u32)
        .set("pages_scanned", 1000u64)
        .set("pages_skipped_parent", 900u64)
        .set("pages_written", 90u64)
        .set("pages_lazy", 5u64);
    let image =
        |record: Record| Dump::new().record("stats-dump", &Record::new("stats_entry").with("dump", record));
    let found = stats(&open(&image(dump_stats.clone()))).unwrap();
    let expected = DumpStats {
        frozen_us: u32::MAX,
        freezing_us: 10,
        memdump_us: 20,
        memwrite_us: 30,
        pages_scanned: 1000,
        pages_skipped_parent: 900,
        pages_written: 90,
        pages_lazy: 5,
        shpages_scanned: None,
        shpages_skipped_parent: None,
        shpages_written: None,
    };
    assert_eq!(found, expected);
    let newer = dump_stats
        .set("shpages_scanned", 3u64)
        .set("shpages_skipped_parent", 2u64)
        .set("shpages_written", 1u64);
    let found = stats(&open(&image(newer))).unwrap();
    assert_eq!(
        (found.shpages_scanned, found.shpages_skipped_parent, found.shpages_written),
        (Some(3), Some(2), Some(1))
    );
}

#[test]
fn statistics_of_something_else_are_none_and_damage_is_told() {
    let restore = Record::new("stats_entry").with("restore", Record::required("restore_stats_entry"));
    assert_eq!(stats(&open(&Dump::new().record("stats-dump", &restore))), None);
    assert_eq!(stats(&open(&Dump::new())), None);
    for bytes in [&b""[..], b"\x40\x59\x10", b"\x40\x59\x10\x55\x06\x33\x09\x57\x02\0\0\0\x0a\x09"] {
        let checkpoint = open(&Dump::new().image("stats-dump", bytes));
        assert_eq!(stats(&checkpoint), None);
        let damage = told(&checkpoint, "image-damaged");
        assert_eq!(damage.len(), 1, "{damage:?}");
        assert!(damage[0].starts_with("stats-dump"), "{damage:?}");
    }
}
