//! Namespaces of checkpoints made to measure.

use icecore_synth::{Dump, Process, Record};

use super::*;
use crate::checkpoint::tests::{open, told};

/// An inventory that says in which namespaces CRIU itself was.
fn host(ids: &[(&str, u32)]) -> Record {
    let root =
        ids.iter().fold(Record::required("task_kobj_ids_entry"), |root, (name, id)| root.set(name, *id));
    Record::required("inventory_entry").set("img_version", 2u32).with("root_ids", root)
}

/// Kind, id, whether it is the host's, and who is in it.
fn listed(namespaces: &Namespaces) -> Vec<(String, u32, bool, Vec<u32>)> {
    let row = |it: &Namespace| {
        (it.kind.to_string(), it.id.0, it.is_host, it.processes.iter().map(|pid| pid.0).collect())
    };
    namespaces.all.iter().map(row).collect()
}

#[test]
fn who_shares_which_and_which_are_the_hosts() {
    let dump = Dump::empty()
        .record("inventory.img", &host(&[("net_ns_id", 10), ("uts_ns_id", 11)]))
        .process(Process::new(1, 0).id("net_ns_id", 10).id("uts_ns_id", 12).id("pid_ns_id", 13))
        .process(Process::new(5, 1).id("net_ns_id", 10).id("uts_ns_id", 11));
    let checkpoint = open(&dump);
    let namespaces = checkpoint.namespaces();
    let expected = [
        ("pid".into(), 13, false, vec![1]),
        ("net".into(), 10, true, vec![1, 5]),
        ("uts".into(), 11, true, vec![5]),
        ("uts".into(), 12, false, vec![1]),
    ];
    assert_eq!(listed(namespaces), expected);
    let of =
        |pid| namespaces.of_process(Pid(pid)).map(|(kind, id)| (kind.to_string(), id.0)).collect::<Vec<_>>();
    assert_eq!(of(1), [("pid".into(), 13), ("net".into(), 10), ("uts".into(), 12)]);
    assert_eq!(of(9), []);
    assert_eq!(namespaces.find(Pid(5), NamespaceKind::Uts).unwrap().id, NamespaceId(11));
    assert_eq!(namespaces.find(Pid(5), NamespaceKind::Pid), None);
}

/// One counter numbers the namespaces of all kinds, so the host's id of one kind says nothing of another kind.
#[test]
fn an_id_is_the_hosts_only_in_its_kind() {
    let dump = Dump::empty()
        .record("inventory.img", &host(&[("net_ns_id", 7)]))
        .process(Process::new(1, 0).id("ipc_ns_id", 7).id("net_ns_id", 8));
    let expected = [("net".into(), 8, false, vec![1]), ("ipc".into(), 7, false, vec![1])];
    assert_eq!(listed(open(&dump).namespaces()), expected);
}

#[test]
fn every_kind_has_its_field() {
    let kinds = [
        ("pid_ns_id", "pid"),
        ("net_ns_id", "net"),
        ("ipc_ns_id", "ipc"),
        ("uts_ns_id", "uts"),
        ("time_ns_id", "time"),
        ("mnt_ns_id", "mnt"),
        ("user_ns_id", "user"),
        ("cgroup_ns_id", "cgroup"),
    ];
    for (field, kind) in kinds {
        let dump = Dump::new().process(Process::new(1, 0).id(field, 4));
        assert_eq!(listed(open(&dump).namespaces()), [(kind.into(), 4, false, vec![1])], "{field}");
    }
}

#[test]
fn an_id_of_zero_is_none_and_the_dead_have_none() {
    let dump = Dump::new().process(Process::new(1, 0).id("net_ns_id", 0)).process(Process::zombie(2, 1, 0));
    let checkpoint = open(&dump);
    assert_eq!(listed(checkpoint.namespaces()), []);
    assert_eq!(told(&checkpoint, "image-damaged"), <[&str; 0]>::default());
}

#[test]
fn small_namespaces_have_their_content() {
    let extent = |first: u32, lower: u32, count: u32| {
        let extent = Record::required("uid_gid_extent").set("first", first);
        extent.set("lower_first", lower).set("count", count)
    };
    let process = Process::new(1, 0).id("uts_ns_id", 3).id("user_ns_id", 4).id("time_ns_id", 5);
    let dump = Dump::new()
        .process(process.id("net_ns_id", 6).id("pid_ns_id", 7).id("mnt_ns_id", 8))
        .record("utsns-3.img", &Record::new("utsns_entry").set("nodename", "web").set("domainname", "(none)"))
        .record(
            "userns-4.img",
            &Record::new("userns_entry")
                .with("uid_map", extent(0, 1000, 1))
                .with("uid_map", extent(1, 100_000, 65_535))
                .with("gid_map", extent(0, u32::MAX, u32::MAX)),
        )
        .record(
            "timens-5.img",
            &Record::required("timens_entry")
                .set("monotonic.tv_sec", 86_400u64)
                .set("monotonic.tv_nsec", 5u64)
                .set("boottime.tv_sec", u64::MAX),
        )
        .record("netns-6.img", &Record::new("netns_entry").set("ext_key", "extRootNetNS"))
        .record("pidns-7.img", &Record::new("pidns_entry").set("ext_key", "extRootPidNS"));
    let checkpoint = open(&dump);
    let content = |kind| checkpoint.namespaces().find(Pid(1), kind).unwrap().content.clone();
    let uts = Content::Uts { nodename: "web".into(), domainname: "(none)".into() };
    assert_eq!(content(NamespaceKind::Uts), uts);
    let range = |inside, outside, count| IdRange { inside, outside, count };
    let user = Content::User {
        uid_map: vec![range(0, 1000, 1), range(1, 100_000, 65_535)],
        gid_map: vec![range(0, u32::MAX, u32::MAX)],
    };
    assert_eq!(content(NamespaceKind::User), user);
    let time = Content::Time { monotonic: (86_400, 5), boottime: (u64::MAX, 0) };
    assert_eq!(content(NamespaceKind::Time), time);
    assert_eq!(content(NamespaceKind::Net), Content::External("extRootNetNS".into()));
    assert_eq!(content(NamespaceKind::Pid), Content::External("extRootPidNS".into()));
    assert_eq!(content(NamespaceKind::Mnt), Content::None);
}

/// As in case `minimal`, whose process lived in the time of the host.
#[test]
fn the_clocks_of_the_host_have_the_number_0() {
    let ids = Record::required("task_kobj_ids_entry").set("time_ns_id", 5u32);
    let inventory = Record::new("inventory_entry").set("img_version", 2u32).set("root_ids", ids);
    let clocks = |seconds: u64| {
        Record::required("timens_entry").set("monotonic.tv_sec", seconds).set("boottime.tv_sec", seconds)
    };
    let dump = Dump::empty()
        .record("inventory.img", &inventory)
        .process(Process::new(1, 0).id("time_ns_id", 5))
        .process(Process::new(2, 1).id("time_ns_id", 6))
        .record("timens-0.img", &clocks(1000))
        .record("timens-5.img", &clocks(1))
        .record("timens-6.img", &clocks(60));
    let checkpoint = open(&dump);
    let found = [1, 2].map(|pid| {
        let namespace = checkpoint.namespaces().find(Pid(pid), NamespaceKind::Time).unwrap();
        (namespace.is_host, namespace.content.clone())
    });
    let time = |seconds| Content::Time { monotonic: (seconds, 0), boottime: (seconds, 0) };
    assert_eq!(found, [(true, time(1000)), (false, time(60))]);
}

#[test]
fn what_is_damaged_holds_nothing_and_is_told() {
    let dump = Dump::new()
        .process(Process::new(1, 0).id("uts_ns_id", 3).id("user_ns_id", 4))
        .image("utsns-3.img", *b"none")
        .record("userns-4.img", &Record::new("userns_entry"));
    let checkpoint = open(&dump);
    let namespaces = checkpoint.namespaces();
    assert_eq!(namespaces.find(Pid(1), NamespaceKind::Uts).unwrap().content, Content::None);
    let empty = Content::User { uid_map: vec![], gid_map: vec![] };
    assert_eq!(namespaces.find(Pid(1), NamespaceKind::User).unwrap().content, empty);
    let damage = told(&checkpoint, "image-damaged");
    assert_eq!(damage.len(), 1, "{damage:?}");
    assert!(damage[0].starts_with("utsns-3.img"), "{damage:?}");
}

#[test]
fn a_checkpoint_of_the_oldest_kind_has_no_namespaces() {
    // `ids` images are there since CRIU 0.4 only, and an inventory may lack the ids of the host.
    let mut process = Process::new(1, 0);
    process.ids = None;
    let dump = Dump::empty().process(process);
    assert_eq!(listed(open(&dump).namespaces()), []);
    assert_eq!(listed(open(&Dump::new().image("pstree.img", vec![])).namespaces()), []);
}
