//! Netlink and packet sockets, and sockets of a process.

use icecore_synth::Process;

use super::*;
use crate::Pid;

#[test]
fn a_netlink_socket_has_ports_and_groups() {
    let found = only("NETLINKSK", |it| {
        let it = it.set("ino", 5).set("protocol", 0).set("state", 7).set("portid", 4242);
        let it = it.list("groups", [0x11_u32, 1]).set("dst_portid", 0).set("dst_group", 2);
        it.set("ns_id", 10)
    });
    assert_eq!((found.family.to_string(), found.type_name()), ("netlink".into(), "netlink"));
    assert_eq!((found.protocol_name().unwrap().as_ref(), found.socket_type_name()), ("route", None));
    assert_eq!((found.ino, found.netns, found.recv_q), (Some(5), Some(NamespaceId(10)), None));
    let Details::Netlink(details) = found.details else { panic!() };
    assert_eq!(
        (details.port, details.groups, details.peer_port, details.peer_group),
        (4242, vec![0x11, 1], 0, 2)
    );
}

#[test]
fn protocols_of_netlink_have_words() {
    for (number, name) in
        [(4, "sock_diag"), (9, "audit"), (15, "kobject_uevent"), (16, "generic"), (99, "99")]
    {
        assert_eq!(only("NETLINKSK", |it| it.set("protocol", number)).protocol_name().unwrap(), name);
    }
}

#[test]
fn a_packet_socket_has_a_protocol_in_network_order() {
    let packet = |protocol: u32| only("PACKETSK", |it| it.set("protocol", protocol).set("type", 3));
    assert_eq!(packet(0x0300).protocol_name().unwrap(), "all");
    assert_eq!(packet(0x0008).protocol_name().unwrap(), "ip");
    assert_eq!(packet(0xcc88).protocol_name().unwrap(), "0x88cc");
    let found = packet(0x0608);
    assert_eq!((found.protocol_name().unwrap().as_ref(), found.type_name()), ("arp", "packet"));
    assert_eq!((found.ino, found.state_name().as_ref()), (None, "unconnected"));
}

#[test]
fn a_packet_socket_has_rings_and_multicast() {
    let ring = |size: u32, count: u32| {
        Record::required("packet_ring").set("block_size", size).set("block_nr", count)
    };
    let member = Record::new("packet_mclist").set("index", 2).set("type", 1).set("addr", b"\x01\x02");
    let found = only("PACKETSK", |it| {
        let it = it.set("ifindex", 2).set("version", 2).set("fanout", 0x1_0007).set("mclist", member);
        let rx = ring(4096, 16).set("frame_size", 2048).set("frame_nr", 32).set("retire_tmo", 60);
        let rx = rx.set("sizeof_priv", 8).set("features", 1);
        it.set("rx_ring", rx).set("tx_ring", ring(u32::MAX, u32::MAX))
    });
    let Details::Packet(details) = found.details else { panic!() };
    assert_eq!((details.ifindex, details.version, details.fanout), (Some(2), 2, Some(0x1_0007)));
    assert_eq!(details.fanout_name().unwrap(), "lb");
    let bytes = [details.rx_ring, details.tx_ring].map(|ring| ring.unwrap().bytes());
    assert_eq!(bytes, [65_536, 0xffff_fffe_0000_0001]);
    let rx = details.rx_ring.unwrap();
    assert_eq!((rx.block_size, rx.block_nr, rx.frame_size, rx.frame_nr), (4096, 16, 2048, 32));
    assert_eq!((rx.retire_tmo, rx.sizeof_priv, rx.features), (60, 8, 1));
    let member = &details.multicast[0];
    assert_eq!((member.ifindex, member.kind, member.address.as_slice()), (2, 1, &[1, 2][..]));
    assert_eq!(member.kind_name(), "promiscuous");
}

#[test]
fn a_packet_socket_has_options() {
    let found = only("PACKETSK", |it| {
        let it = it.set("reserve", 1).set("timestamp", 2).set("copy_thresh", 3);
        it.set("aux_data", true).set("vnet_hdr", true)
    });
    let Details::Packet(details) = found.details else { panic!() };
    assert_eq!((details.reserve, details.timestamp, details.copy_thresh), (1, 2, 3));
    let flags = (details.aux_data, details.orig_dev, details.vnet_hdr, details.loss);
    assert_eq!(flags, (true, false, true, false));
    let Details::Packet(details) = only("PACKETSK", |it| it.set("orig_dev", true).set("loss", true)).details
    else {
        panic!()
    };
    assert!(details.orig_dev && details.loss);
}

#[test]
fn a_packet_socket_of_all_devices_is_in_no_group() {
    let Details::Packet(details) = only("PACKETSK", |it| it.set("fanout", u32::MAX)).details else {
        panic!()
    };
    assert_eq!((details.ifindex, details.fanout, details.fanout_name()), (None, None, None));
    assert_eq!((details.rx_ring, details.tx_ring), (None, None));
}

#[test]
fn families_have_names_or_numbers() {
    let families =
        [Family::Unix, Family::Inet, Family::Inet6, Family::Netlink, Family::Packet, Family::Other(44)];
    let names = families.map(|family| family.to_string());
    assert_eq!(names, ["unix", "inet", "inet6", "netlink", "packet", "44"]);
    assert_eq!(only("INETSK", |it| it.set("family", 44)).family, Family::Other(44));
}

#[test]
fn sockets_of_a_process_come_by_descriptor() {
    let dump = Dump::new()
        .with_file(0, "REG", |it| it)
        .with_file(9, "UNIXSK", |it| it.set("ino", 1))
        .with_file(10, "NETLINKSK", |it| it.set("ino", 2))
        .with_file(11, "PIPE", |it| it)
        .process(Process::new(1, 0).fd(7, "UNIXSK", 9).fd(3, "NETLINKSK", 10).fd(4, "PIPE", 11));
    let checkpoint = open(&dump);
    let files = checkpoint.files();
    let found: Vec<_> = files.sockets_of(Pid(1)).map(|(fd, socket)| (fd.0, socket.ino)).collect();
    assert_eq!(found, [(3, Some(2)), (7, Some(1))]);
    assert_eq!(files.sockets().count(), 2);
    assert_eq!(files.sockets_of(Pid(2)).count(), 0);
}
