//! Internet sockets.

use std::net::Ipv4Addr;

use super::*;

/// `inet_sk_entry` of TCP over IPv4, connected: 10.85.0.31:80 with 10.85.0.1:56188.
fn connected(record: Record) -> Record {
    record
        .set("ino", 0x1f)
        .set("family", 2)
        .set("type", 1)
        .set("proto", 6)
        .set("state", 1)
        .set("src_port", 80)
        .set("dst_port", 56_188)
        .set("src_addr", 0x1f00_550a)
        .set("dst_addr", 0x0100_550a)
}

fn local(socket: &Socket) -> String {
    socket.local.map_or("none".into(), |it| it.to_string())
}

fn remote(socket: &Socket) -> String {
    socket.remote.map_or("none".into(), |it| it.to_string())
}

#[test]
fn a_connection_has_two_addresses() {
    let found = only("INETSK", connected);
    assert_eq!((local(&found), remote(&found)), ("10.85.0.31:80".into(), "10.85.0.1:56188".into()));
    assert_eq!((found.type_name(), found.state_name().as_ref()), ("tcp", "established"));
    assert_eq!(found.socket_type_name().unwrap(), "stream");
    assert_eq!((found.ino, found.netns), (Some(0x1f), None));
    assert_eq!(found.local.unwrap().addr, Ipv4Addr::new(10, 85, 0, 31));
}

#[test]
fn a_listening_socket_has_no_peer_and_a_backlog() {
    let found = only("INETSK", |it| connected(it).set("state", 10).set("dst_port", 0).set("backlog", 511));
    let found_remote = only("INETSK", |it| {
        let it = it.set("family", 2).set("type", 1).set("proto", 6).set("state", 10).set("src_port", 80);
        it.set("src_addr", 0_u32).set("dst_addr", 0_u32).set("backlog", 511)
    });
    assert!(found.is_listening() && found_remote.is_listening());
    assert_eq!((local(&found_remote), remote(&found_remote)), ("0.0.0.0:80".into(), "none".into()));
    assert_eq!((found_remote.send_q, found_remote.recv_q), (Some(511), None));
}

#[test]
fn ipv6_has_four_words() {
    let found = only("INETSK", |it| {
        let it = it.set("family", 10).set("type", 2).set("proto", 17).set("state", 7);
        let it = it.set("src_port", 53).list("src_addr", [0x80fe_u32, 0, 0, 0x0100_0000]);
        it.list("dst_addr", [0_u32; 4]).set("v6only", true).set("ifname", "eth0")
    });
    assert_eq!((local(&found), remote(&found)), ("[fe80::1]:53".into(), "none".into()));
    assert_eq!((found.family.to_string(), found.type_name()), ("inet6".into(), "udp"));
    let Details::Inet(details) = found.details else { panic!() };
    assert_eq!((details.v6only, details.ifname), (Some(true), Some("eth0".into())));
}

#[test]
fn words_are_in_the_order_of_the_machine() {
    let entry = |it: Record| it.set("family", 2).set("src_addr", 0x0a55_001f);
    let big = socket(&open(&Dump::big_endian().with_file(9, "INETSK", entry)));
    assert_eq!(big.local.unwrap().addr.to_string(), "10.85.0.31");
}

#[test]
fn addresses_that_do_not_fit_their_family_are_absent() {
    let words = |family: u32, words: &[u32]| {
        only("INETSK", |it| it.set("family", family).list("src_addr", words.iter().copied())).local
    };
    assert_eq!(words(2, &[]), None);
    assert_eq!(words(2, &[1, 2]), None);
    assert_eq!(words(10, &[1]), None);
    assert_eq!(words(99, &[1]), None);
    assert_eq!(only("INETSK", |it| connected(it).set("src_port", 65_536)).local, None);
    assert_eq!(only("INETSK", |it| connected(it).set("dst_port", u32::MAX)).remote, None);
}

#[test]
fn a_peer_may_have_no_port() {
    // A raw socket that is connected.
    let found = only("INETSK", |it| connected(it).set("type", 3).set("proto", 1).set("dst_port", 0));
    assert_eq!((remote(&found), found.type_name()), ("10.85.0.1:0".into(), "raw"));
    assert_eq!(found.protocol_name().unwrap(), "icmp");
}

#[test]
fn states_are_named_as_the_kernel_names_them() {
    let names = [
        "established",
        "syn_sent",
        "syn_recv",
        "fin_wait1",
        "fin_wait2",
        "time_wait",
        "close",
        "close_wait",
        "last_ack",
        "listen",
        "closing",
        "12",
    ];
    for (state, name) in (1_u32..).zip(names) {
        assert_eq!(only("INETSK", |it| connected(it).set("state", state)).state_name(), name);
    }
}

#[test]
fn protocols_and_types_without_a_word_are_numbers() {
    let found = only("INETSK", |it| connected(it).set("proto", 99).set("type", 77));
    assert_eq!((found.type_name(), found.protocol_name().unwrap().as_ref()), ("inet", "99"));
    assert_eq!(found.socket_type_name().unwrap(), "77");
    for (number, name) in [(6, "tcp"), (17, "udp"), (136, "udplite"), (132, "sctp"), (58, "icmpv6")] {
        assert_eq!(only("INETSK", |it| connected(it).set("proto", number)).type_name(), name);
    }
}

#[test]
fn an_inode_of_zero_is_none() {
    assert_eq!(only("INETSK", |it| connected(it).set("ino", 0)).ino, None);
}

/// The image of connection 0x1f: a record, 100 bytes that were received and 200 that were written.
fn stream(dump: Dump, change: impl FnOnce(Record) -> Record) -> Dump {
    let dump = dump.with_record("tcp-stream-1f.img", "tcp_stream_entry", |it| {
        change(it.set("inq_len", 100).set("inq_seq", 1).set("outq_len", 200).set("outq_seq", 2))
    });
    dump.raw("tcp-stream-1f.img", [0; 300])
}

#[test]
fn a_connection_has_queues_and_numbers_in_an_image_of_its_own() {
    let dump = stream(Dump::new().with_file(9, "INETSK", connected), |it| {
        it.set("opt_mask", 7)
            .set("snd_wscale", 6)
            .set("rcv_wscale", 8)
            .set("mss_clamp", 1460)
            .set("unsq_len", 50)
            .set("snd_wnd", 1000)
            .set("max_window", 2000)
            .set("rcv_wnd", 3000)
            .set("timestamp", 99)
            .set("nodelay", true)
            .set("cork", false)
    });
    let checkpoint = open(&dump);
    let found = socket(&checkpoint);
    assert_eq!((found.recv_q, found.send_q), (Some(100), Some(200)));
    let Details::Inet(details) = &found.details else { panic!() };
    assert_eq!((details.nodelay, details.cork), (Some(true), Some(false)));
    let tcp = details.tcp.unwrap();
    assert_eq!((tcp.inq_seq, tcp.outq_seq, tcp.unsent, tcp.negotiated), (1, 2, Some(50), 7));
    assert_eq!((tcp.window_scale, tcp.mss, tcp.timestamp), ((6, Some(8)), 1460, Some(99)));
    assert_eq!((tcp.send_window, tcp.max_window, tcp.receive_window), (Some(1000), Some(2000), Some(3000)));
    assert_silent(&checkpoint);
}

#[test]
fn a_stream_is_that_of_a_connection_only() {
    let queues = |change: fn(Record) -> Record| {
        let dump =
            stream(Dump::new().with_file(9, "INETSK", |it| change(connected(it)).set("backlog", 5)), |it| it);
        let found = socket(&open(&dump));
        (found.recv_q, found.send_q)
    };
    assert_eq!(queues(|it| it), (Some(100), Some(200)));
    assert_eq!(queues(|it| it.set("state", 10)), (None, Some(5)));
    assert_eq!(queues(|it| it.set("proto", 17)), (None, Some(5)));
    assert_eq!(queues(|it| it.set("ino", 0)), (None, Some(5)));
}

#[test]
fn what_the_socket_says_counts_before_what_its_stream_says() {
    let options = Record::new("tcp_opts_entry").set("nodelay", false).set("cork", true);
    let dump = Dump::new().with_file(9, "INETSK", |it| connected(it).set("tcp_opts", options));
    let checkpoint = open(&stream(dump, |it| it.set("nodelay", true).set("cork", false)));
    let Details::Inet(details) = socket(&checkpoint).details else { panic!() };
    assert_eq!((details.nodelay, details.cork), (Some(false), Some(true)));
}

#[test]
fn a_damaged_stream_takes_its_queues_and_nothing_else() {
    let dump = Dump::new().with_file(9, "INETSK", connected).image("tcp-stream-1f.img", b"garbage!");
    let checkpoint = open(&dump);
    let found = socket(&checkpoint);
    assert_eq!((found.recv_q, remote(&found)), (None, "10.85.0.1:56188".into()));
    assert_eq!(told(&checkpoint, "image-damaged").len(), 1);
}

#[test]
fn keepalive_moved_from_one_message_to_another() {
    let names = ["keepcnt", "keepidle", "keepintvl"];
    let keepalive = |new: &[&str], old: &[&str]| {
        let tcp = new.iter().fold(Record::new("tcp_opts_entry"), |it, name| it.set(name, 7));
        let general =
            old.iter().fold(Record::required("sk_opts_entry"), |it, name| it.set(&format!("tcp_{name}"), 5));
        let found = only("INETSK", |it| connected(it).set("tcp_opts", tcp).set("opts", general));
        let Details::Inet(details) = found.details else { panic!() };
        details.keepalive
    };
    assert_eq!(keepalive(&names, &[]), Some((7, 7, 7)));
    assert_eq!(keepalive(&[], &names), Some((5, 5, 5)));
    assert_eq!(keepalive(&names[..1], &names), Some((7, 5, 5)));
    assert_eq!(keepalive(&names[..2], &names[..1]), None);
}

#[test]
fn options_of_ip() {
    let ip = Record::new("ip_opts_entry").set("freebind", true).set("tos", 16).set("ttl", 64);
    let Details::Inet(details) = only("INETSK", |it| connected(it).set("ip_opts", ip)).details else {
        panic!()
    };
    assert_eq!((details.freebind, details.tos, details.ttl), (Some(true), Some(16), Some(64)));
    assert_eq!((details.pktinfo, details.raw, details.uid), (None, None, None));
}

#[test]
fn a_raw_socket_has_options_of_its_own() {
    let inet = |raw: Record| {
        let ip = Record::new("ip_opts_entry").set("pktinfo", true).with("raw", raw);
        let socket = only("INETSK", |it| connected(it).set("type", 3).set("ip_opts", ip).set("uid", 33));
        let Details::Inet(details) = socket.details else { panic!() };
        assert_eq!((details.pktinfo, details.uid), (Some(true), Some(33)));
        details.raw.unwrap()
    };
    let raw = inet(Record::new("ip_opts_raw_entry").set("hdrincl", true).set("nodefrag", false));
    assert_eq!((raw.hdrincl, raw.nodefrag, raw.checksum), (Some(true), Some(false), None));
    assert!(raw.icmp_filter.is_empty());
    let raw = inet(Record::new("ip_opts_raw_entry").set("checksum", true).list("icmpv_filter", [1u32, 2]));
    assert_eq!((raw.checksum, raw.icmp_filter), (Some(true), vec![1, 2]));
}

#[test]
fn options_that_all_sockets_have() {
    let options = Record::required("sk_opts_entry")
        .set("so_sndbuf", 1)
        .set("so_rcvbuf", 2)
        .set("reuseaddr", true)
        .set("so_reuseport", false)
        .set("so_keepalive", true)
        .set("so_broadcast", false)
        .set("so_passcred", true)
        .set("so_passsec", false)
        .set("so_dontroute", true)
        .set("so_no_check", false)
        .set("so_oobinline", 1)
        .set("so_buf_lock", 3)
        .set("so_rcvlowat", 7)
        .set("so_rcv_tmo_sec", 3u64)
        .set("so_rcv_tmo_usec", 500_000u64)
        .set("so_snd_tmo_sec", u64::MAX)
        .set("so_priority", 3)
        .set("so_mark", 4)
        .set("so_linger", 5)
        .set("so_bound_dev", "eth0")
        .list("so_filter", [0x0006_0000_0000_ffff_u64]);
    let found = only("INETSK", |it| connected(it).set("opts", options).set("shutdown", 2)).clone();
    let expected = SocketOptions {
        sndbuf: 1,
        rcvbuf: 2,
        reuseaddr: Some(true),
        reuseport: Some(false),
        keepalive: Some(true),
        broadcast: Some(false),
        passcred: Some(true),
        passsec: Some(false),
        dontroute: Some(true),
        no_check: Some(false),
        oobinline: Some(true),
        buf_lock: Some(3),
        rcvlowat: Some(7),
        rcvtimeo_us: Some(3_500_000),
        sndtimeo_us: Some(u64::MAX),
        priority: Some(3),
        mark: Some(4),
        linger: Some(5),
        device: Some("eth0".into()),
        filter: vec![0x0006_0000_0000_ffff],
    };
    assert_eq!((found.options, found.shutdown), (expected, 2));
}
