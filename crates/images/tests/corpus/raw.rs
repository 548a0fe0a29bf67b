//! Payloads and images without records, as real machines wrote them.

use std::collections::BTreeMap;

use icecore_images::messages::{GhostFileEntry, IpcMsgEntry, IpcSemEntry, SeccompEntry};
use icecore_images::raw::{conntrack, ghost_file::GhostFile, ip_dump, iptables, nftables, seccomp, sysv};
use icecore_images::{Image, Kind};

use crate::cases::{Case, cases};

fn images(kind: Kind) -> impl Iterator<Item = (&'static Case, Image<'static>)> {
    let sound = cases().iter().filter(|case| !case.is_broken());
    let all = sound.flat_map(|case| case.images.iter().map(move |file| (case, file)));
    all.map(|(case, file)| (case, Image::parse(&file.path, &file.bytes).unwrap()))
        .filter(move |(_, image)| image.kind() == kind)
}

#[test]
fn every_namespace_with_addresses_has_loopback() {
    let mut namespaces = 0;
    for (case, image) in images(Kind::Ifaddr) {
        let addresses: Vec<_> = ip_dump::addresses(&image).map(Result::unwrap).collect();
        let loopback = addresses.iter().find(|address| address.label == Some("lo".into()));
        let loopback = loopback.unwrap_or_else(|| panic!("{}: {addresses:?}", case.name));
        assert_eq!((loopback.family, loopback.prefix_length, loopback.scope), (2, 8, 254), "{}", case.name);
        assert_eq!(loopback.address.unwrap().to_string(), "127.0.0.1", "{}", case.name);
        namespaces += 1;
    }
    println!("{namespaces} namespaces");
}

#[test]
fn routes_rules_and_connections_are_read_to_the_end() {
    let mut counts = BTreeMap::<_, usize>::new();
    for (kind, case, image) in [Kind::Route, Kind::Route6, Kind::Rule, Kind::NetnfCt, Kind::NetnfExp]
        .into_iter()
        .flat_map(|kind| images(kind).map(move |(case, image)| (kind, case, image)))
    {
        let place = || format!("{} {}", case.name, image.name());
        match kind {
            Kind::Route | Kind::Route6 => ip_dump::routes(&image).map(Result::unwrap).for_each(|route| {
                // Routes of types 6 to 8 lead nowhere.
                let leads = route.interface.is_some() || !route.next_hops.is_empty();
                assert_eq!(leads, !(6..=8).contains(&route.kind), "{}: {route:?}", place());
                *counts.entry(kind).or_default() += 1;
            }),
            // Every namespace has the three rules of the kernel; of IPv6 ones only if it has IPv6.
            Kind::Rule => {
                let rules: Vec<_> = ip_dump::rules(&image).map(Result::unwrap).collect();
                assert!(
                    rules.iter().any(|rule| rule.table == 254 && rule.priority == Some(32766)),
                    "{}",
                    place()
                );
                *counts.entry(kind).or_default() += rules.len();
            }
            _ => conntrack::connections(&image).map(Result::unwrap).for_each(|connection| {
                let (original, reply) = (&connection.original, &connection.reply);
                // Nothing here is translated, so the way back is the way there.
                assert_eq!(
                    (original.source, original.source_port),
                    (reply.destination, reply.destination_port),
                    "{}",
                    place()
                );
                assert!(original.source.is_some(), "{}: {connection:?}", place());
                *counts.entry(kind).or_default() += 1;
            }),
        }
    }
    println!("{counts:?}");
}

#[test]
fn firewalls_are_read() {
    let (mut chains, mut locks) = (0, 0);
    for (_, image) in images(Kind::Iptables).chain(images(Kind::Ip6tables)) {
        let tables = iptables::tables(&image);
        assert_eq!(tables.is_empty(), image.body().is_empty());
        let all = tables.iter().flat_map(|table| &table.chains);
        chains += all.clone().count();
        locks += all.filter(|chain| chain.is_criu_lock()).count();
    }
    for (_, image) in images(Kind::Nftables) {
        let tables = nftables::tables(&image);
        assert_eq!(tables.is_empty(), image.body().is_empty());
        chains += tables.iter().map(|table| table.blocks.len()).sum::<usize>();
        locks += tables.iter().filter(|table| table.is_criu_lock()).count();
    }
    println!("{chains} chains, {locks} locks of CRIU");
}

#[test]
fn filters_are_understood() {
    let (mut filters, mut named) = (0, 0);
    for (case, image) in images(Kind::Seccomp) {
        for record in image.records::<SeccompEntry>().map(Result::unwrap) {
            for filter in &record.message.seccomp_filters {
                assert_eq!(filter.filter.len() % 8, 0);
                let lines = seccomp::disassemble(&filter.filter, image.byte_order(), None);
                for line in &lines {
                    assert!(line.instruction.operation().is_some(), "{}: {line}", case.name);
                    assert!(!line.meaning.contains("unknown"), "{}: {line}", case.name);
                }
                named +=
                    lines.iter().filter(|line| line.meaning == "execve" || line.meaning == "ptrace").count();
                filters += 1;
            }
        }
    }
    println!("{filters} filters, {named} name execve or ptrace");
}

#[test]
fn ghost_files_have_their_length() {
    let (mut plain, mut chunked) = (0, 0);
    for (case, image) in images(Kind::GhostFile) {
        let Some(Ok(ghost)) = GhostFile::of(&image) else { panic!("{} {}", case.name, image.name()) };
        let GhostFileEntry { chunks, mode, .. } = ghost.record.message;
        let mut end = 0;
        for chunk in ghost.chunks() {
            let (offset, bytes) = chunk.unwrap();
            assert!(offset >= end, "{}: chunks overlap", case.name);
            end = offset + u64::try_from(bytes.len()).unwrap();
        }
        assert!(end <= ghost.len(), "{} {}", case.name, image.name());
        assert!(mode & 0o170_000 == 0o100_000 || ghost.is_empty(), "{} {}", case.name, image.name());
        match chunks {
            Some(true) => chunked += 1,
            _ => plain += 1,
        }
    }
    println!("{plain} plain, {chunked} chunked");
}

#[test]
fn sysv_objects_are_complete() {
    let (mut values, mut messages) = (0, 0);
    for (_, image) in images(Kind::IpcnsSem) {
        for record in image.records::<IpcSemEntry>().map(Result::unwrap) {
            assert_eq!(sysv::semaphores(&record).count(), record.message.nsems as usize);
            values += record.message.nsems;
        }
    }
    for (_, image) in images(Kind::IpcnsMsg) {
        for record in image.records::<IpcMsgEntry>().map(Result::unwrap) {
            let all: Vec<_> = sysv::messages(&record).map(Result::unwrap).collect();
            assert_eq!(all.len(), record.message.qnum as usize);
            assert!(all.iter().all(|message| message.text.len() == message.message.msize as usize));
            messages += all.len();
        }
    }
    println!("{values} semaphores, {messages} messages");
}
