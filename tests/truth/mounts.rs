//! Mounts against `/proc/PID/mountinfo`, and namespaces against what the kernel said of them.

use std::collections::BTreeMap;

use icecore::mounts::Mount;
use icecore::namespaces::{Content, NamespaceKind};
use icecore::{MountId, Pid};
use serde_json::Value;

use crate::testimony::{self, Book, Testified, bytes, number};

const EXCEPTIONS: &str = include_str!("exceptions/mounts.tsv");

#[test]
fn mounts_are_those_of_the_kernel() {
    let mut book = Book::new(EXCEPTIONS);
    testimony::each(|testified| {
        for namespace in testified.truth["namespaces"].as_array().unwrap() {
            match namespace["kind"].as_str().unwrap() {
                "mnt" => mounts(testified, namespace, &mut book),
                "uts" => host_name(testified, namespace, &mut book),
                _ => {}
            }
        }
    });
    book.close(5_000);
}

fn mounts(testified: &Testified, kernel: &Value, book: &mut Book) {
    let pid = number(&kernel["seen_from_pid"]);
    let Some(text) = bytes(&kernel["mountinfo"]) else { return };
    let namespaces = testified.checkpoint.namespaces();
    let Some(namespace) =
        namespaces.find(Pid(pid), NamespaceKind::Mnt).filter(|namespace| !namespace.is_host)
    else {
        return;
    };
    let all = &testified.checkpoint.mounts().namespaces;
    let ours = &all.iter().find(|mounts| mounts.id == namespace.id).unwrap().mounts;
    let ours: BTreeMap<MountId, &Mount> = ours.iter().map(|mount| (mount.id, mount)).collect();
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    let case = testified.case.as_str();
    book.compare((case, pid, ""), "mounts", &lines.len(), &ours.len());
    for line in lines {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let text = |index: usize| String::from_utf8(fields[index].to_vec()).unwrap();
        let what = format!("mount {}", text(0));
        let place = (case, pid, what.as_str());
        let Some(mount) = ours.get(&MountId(text(0).parse().unwrap())) else {
            book.compare(place, "mount", &true, &false);
            continue;
        };
        book.compare(place, "parent", &text(1), &mount.parent.to_string());
        book.compare(place, "dev", &text(2), &format!("{}:{}", mount.dev >> 20, mount.dev & 0xf_ffff));
        let root = [&mount.root[..], if mount.deleted { b"//deleted" } else { b"" }].concat();
        book.compare(place, "root", &unescaped(fields[3]), &root);
        book.compare(place, "mountpoint", &unescaped(fields[4]), &mount.mountpoint.to_vec());
        book.compare(place, "options", &text(5), &mount.options());
        let dash = fields.iter().position(|&field| field == b"-").unwrap();
        let propagation: Vec<String> = (6..dash).map(text).collect();
        book.compare(place, "propagation", &propagation.join(" "), &tags(mount));
        match &mount.fstype {
            Some(fstype) => book.compare(place, "fstype", &text(dash + 1), &fstype.to_string()),
            None => book.not_stored("fstype"),
        }
        book.compare(place, "source", &unescaped(fields[dash + 2]), &mount.source.to_vec());
        // CRIU adds this for its own restore.
        let ours = mount.super_options().to_string().replace(",newinstance", "");
        book.compare(place, "super options", &String::from_utf8(unescaped(fields[dash + 3])).unwrap(), &ours);
    }
}

/// The optional fields of mountinfo.
fn tags(mount: &Mount) -> String {
    let shared = mount.shared.map(|group| format!("shared:{group}"));
    let master = mount.master.map(|group| format!("master:{group}"));
    let unbindable = mount.propagation().ends_with("unbindable").then(|| "unbindable".to_owned());
    shared.into_iter().chain(master).chain(unbindable).collect::<Vec<_>>().join(" ")
}

/// mountinfo writes blanks, newlines and backslashes in octal.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let octal = (byte == b'\\').then(|| after.get(..3)).flatten();
        let value = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        out.push(value.unwrap_or(byte));
        rest = if value.is_some() { &after[3..] } else { after };
    }
    out
}

fn host_name(testified: &Testified, kernel: &Value, book: &mut Book) {
    let pid = number(&kernel["seen_from_pid"]);
    let place = (testified.case.as_str(), pid, "uts");
    let namespace = testified.checkpoint.namespaces().find(Pid(pid), NamespaceKind::Uts);
    match namespace.map(|namespace| &namespace.content) {
        Some(Content::Uts { nodename, domainname }) => {
            book.compare(place, "hostname", &bytes(&kernel["hostname"]), &Some(nodename.to_vec()));
            book.compare(place, "domainname", &bytes(&kernel["domainname"]), &Some(domainname.to_vec()));
        }
        _ => book.not_stored("hostname"),
    }
}

/// The maps of user ids, and which processes share a namespace.
#[test]
fn namespaces_are_those_of_the_kernel() {
    let mut book = Book::new("");
    testimony::each(|testified| {
        let ours = testified.checkpoint.namespaces();
        let mut names: BTreeMap<(String, String), Vec<Pid>> = BTreeMap::new();
        for (pid, process) in testified.processes() {
            let place = (testified.case.as_str(), pid, "user");
            if let Some(Content::User { uid_map, .. }) =
                ours.find(Pid(pid), NamespaceKind::User).map(|it| &it.content)
            {
                let kernel: Vec<Vec<u32>> = process["uid_map"]
                    .as_str()
                    .unwrap()
                    .lines()
                    .map(|line| line.split_whitespace().map(|number| number.parse().unwrap()).collect())
                    .collect();
                let ours: Vec<Vec<u32>> =
                    uid_map.iter().map(|it| vec![it.inside, it.outside, it.count]).collect();
                book.compare(place, "uid_map", &kernel, &ours);
            }
            for (kind, link) in process["ns"].as_object().unwrap() {
                let key = (kind.clone(), link.as_str().unwrap_or_default().to_owned());
                names.entry(key).or_default().push(Pid(pid));
            }
        }
        for ((kind, _), mut kernel) in names {
            let Some(namespace) =
                ours.all.iter().find(|it| it.kind.to_string() == kind && it.processes.contains(&kernel[0]))
            else {
                continue;
            };
            let mut processes = namespace.processes.clone();
            processes.sort();
            kernel.sort();
            book.compare((&testified.case, kernel[0].0, &kind), "processes", &kernel, &processes);
        }
    });
    book.close(200);
}
