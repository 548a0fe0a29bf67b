//! Sockets against the tables of `/proc/net`, and what cases planted.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use icecore::Pid;
use icecore::sockets::{Details, Family, Socket};
use serde_json::Value;

use crate::testimony::{self, Book, Testified, bytes, number};

const EXCEPTIONS: &str = include_str!("exceptions/sockets.tsv");

#[test]
fn sockets_are_those_of_the_kernel() {
    let mut book = Book::new(EXCEPTIONS);
    testimony::each(|testified| {
        let kernel = Tables::of(&testified.truth);
        for (pid, process) in testified.processes() {
            sockets(testified, pid, process, &kernel, &mut book);
        }
    });
    book.close(5_000);
}

fn sockets(testified: &Testified, pid: u32, process: &Value, kernel: &Tables, book: &mut Book) {
    for entry in process["fds"].as_array().unwrap() {
        let Some(ino) =
            entry["link"].as_str().and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']'))
        else {
            continue;
        };
        let (fd, ino) = (number(&entry["fd"]), ino.parse::<u32>().unwrap());
        let what = format!("fd {fd}");
        let place = (testified.case.as_str(), pid, what.as_str());
        let socket = testified.checkpoint.files().at(Pid(pid), fd).and_then(|file| file.socket()).unwrap();
        match &socket.details {
            Details::Packet(_) => book.not_stored("ino"),
            _ => book.compare(place, "ino", &Some(ino), &socket.ino),
        }
        match socket.family {
            Family::Inet | Family::Inet6 => inet(place, socket, kernel.inet.get(&ino), book),
            Family::Unix => unix(place, socket, kernel.unix.get(&ino), book),
            _ => other(place, socket, kernel.other.get(&ino), book),
        }
    }
}

fn inet(place: (&str, u32, &str), socket: &Socket, kernel: Option<&Inet>, book: &mut Book) {
    // A socket that was never bound is in no table.
    let Some(kernel) = kernel else { return };
    let end = |endpoint: Option<icecore::sockets::Endpoint>| endpoint.map(|it| (it.addr, it.port));
    book.compare(place, "local", &Some(kernel.local), &end(socket.local));
    let remote = Some(kernel.remote).filter(|(addr, port)| *port != 0 || !addr.is_unspecified());
    book.compare(place, "remote", &remote, &end(socket.remote));
    book.compare(place, "state", &kernel.state, &socket.state.0);
    match (&socket.details, socket.is_listening()) {
        (Details::Inet(inet), false) if inet.tcp.is_some() => {
            // What the kernel counts as received has the end of the stream in it.
            let end = u64::from([8, 9, 11].contains(&kernel.state));
            let received =
                socket.recv_q.map(|length| length + end * u64::from(kernel.received == length + 1));
            book.compare(place, "recv_q", &Some(kernel.received), &received);
        }
        _ => book.not_stored("recv_q"),
    }
}

fn unix(place: (&str, u32, &str), socket: &Socket, kernel: Option<&Unix>, book: &mut Book) {
    let Some(kernel) = kernel else { return };
    // The kernel shows an abstract name with `@` for each NUL in it.
    let shown = socket.name().map(|name| match name.split_first() {
        Some((0, _)) => name.iter().map(|&byte| if byte == 0 { b'@' } else { byte }).collect(),
        _ => name.to_vec(),
    });
    book.compare(place, "name", &kernel.name, &shown.unwrap_or_default());
    book.compare(place, "type", &Some(kernel.kind), &socket.socket_type);
    book.compare(place, "listening", &kernel.listening, &socket.is_listening());
}

fn other(place: (&str, u32, &str), socket: &Socket, kernel: Option<&(u32, u32)>, book: &mut Book) {
    let Some(&(protocol, second)) = kernel else { return };
    book.compare(place, "protocol", &protocol, &socket.protocol);
    if let Details::Netlink(netlink) = &socket.details {
        book.compare(place, "port", &second, &netlink.port);
    }
}

/// The tables of all network namespaces, by inode.
#[derive(Default)]
struct Tables {
    inet: BTreeMap<u32, Inet>,
    unix: BTreeMap<u32, Unix>,
    other: BTreeMap<u32, (u32, u32)>,
}

struct Inet {
    local: (IpAddr, u16),
    remote: (IpAddr, u16),
    state: u32,
    received: u64,
}

struct Unix {
    name: Vec<u8>,
    kind: u32,
    listening: bool,
}

impl Tables {
    fn of(truth: &Value) -> Self {
        let mut tables = Self::default();
        let little = truth["byte_order"] != "big";
        let hex = |text: &str| u32::from_str_radix(text, 16).unwrap();
        for namespace in truth["namespaces"].as_array().unwrap() {
            let text = |key: &str| bytes(&namespace[key]).unwrap_or_default();
            for key in
                ["proc_tcp", "proc_tcp6", "proc_udp", "proc_udp6", "proc_udplite", "proc_raw", "proc_raw6"]
            {
                let text = String::from_utf8(text(key)).unwrap();
                for fields in text.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>()) {
                    let (_, received) = fields[4].split_once(':').unwrap();
                    let inet = Inet {
                        local: endpoint(fields[1], little),
                        remote: endpoint(fields[2], little),
                        state: hex(fields[3]),
                        received: hex(received).into(),
                    };
                    tables.inet.insert(fields[9].parse().unwrap(), inet);
                }
            }
            for line in text("proc_unix").split(|&byte| byte == b'\n').skip(1).filter(|line| !line.is_empty())
            {
                let fields: Vec<&[u8]> = line.splitn(8, |&byte| byte == b' ').collect();
                let text = |index: usize| std::str::from_utf8(fields[index]).unwrap();
                // The number of the inode is padded to five digits.
                let rest = line.splitn(7, |&byte| byte == b' ').last().unwrap().trim_ascii_start();
                let mut rest = rest.splitn(2, |&byte| byte == b' ');
                let ino = std::str::from_utf8(rest.next().unwrap()).unwrap().parse().unwrap();
                let name = rest.next().unwrap_or_default().to_vec();
                let listening = hex(text(3)) & 0x1_0000 != 0;
                tables.unix.insert(ino, Unix { name, kind: hex(text(4)), listening });
            }
            let netlink = String::from_utf8(text("proc_netlink")).unwrap();
            for fields in netlink.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>()) {
                let (protocol, port) = (fields[1].parse().unwrap(), fields[2].parse::<i64>().unwrap());
                // Ports that the kernel chose are shown as negative numbers by some versions.
                tables
                    .other
                    .insert(fields[9].parse().unwrap(), (protocol, (port & 0xffff_ffff).try_into().unwrap()));
            }
        }
        tables
    }
}

/// An address and port of `/proc/net`: words of the address as the machine sees them.
fn endpoint(text: &str, little: bool) -> (IpAddr, u16) {
    let (address, port) = text.split_once(':').unwrap();
    let word = |text: &str| {
        let word = u32::from_str_radix(text, 16).unwrap();
        if little { word.to_le_bytes() } else { word.to_be_bytes() }
    };
    let words: Vec<[u8; 4]> =
        (0..address.len() / 8).map(|index| word(&address[index * 8..index * 8 + 8])).collect();
    let address = match words.concat() {
        bytes if bytes.len() == 4 => IpAddr::from(<[u8; 4]>::try_from(bytes).unwrap()),
        bytes => IpAddr::from(<[u8; 16]>::try_from(bytes).unwrap()),
    };
    (address, u16::from_str_radix(port, 16).unwrap())
}

/// Sockets that the generators of cases told of, with their addresses, states, queues and options.
#[test]
fn what_was_planted_is_found() {
    let mut found = 0;
    testimony::each(|testified| {
        let files = testified.checkpoint.files();
        for planted in
            testified.planted("sockets").iter().filter(|it| it["fd"].is_u64() && it["local"].is_string())
        {
            let place = format!("{}: {planted}", testified.case);
            let file = files.at(Pid(number(&planted["pid"])), number(&planted["fd"]));
            let socket = file.and_then(|file| file.socket()).unwrap_or_else(|| panic!("{place}"));
            if let Details::Inet(_) = socket.details {
                for (key, ours) in [("local", socket.local), ("remote", socket.remote)] {
                    let Some(wanted) = planted[key].as_str().filter(|text| !text.is_empty()) else {
                        continue;
                    };
                    let ours = ours.map(|it| (it.addr, it.port));
                    assert_eq!(ours, Some(written(wanted)), "{place}: {key}");
                }
                found += 1;
            }
        }
        for planted in testified.planted("tcp_counts") {
            let socket =
                files.at(Pid(number(&planted["pid"])), number(&planted["fd"])).unwrap().socket().unwrap();
            let wanted = (planted["recv"].as_u64(), planted["send"].as_u64());
            assert_eq!((socket.recv_q, socket.send_q), wanted, "{planted}");
            let Details::Inet(inet) = &socket.details else { panic!("{planted}") };
            let unsent = inet.tcp.unwrap().unsent.unwrap_or_default();
            assert_eq!(Some(u64::from(unsent)), planted["unsent"].as_u64(), "{planted}");
        }
        for planted in testified.planted("socket_options") {
            let socket =
                files.at(Pid(number(&planted["pid"])), number(&planted["fd"])).unwrap().socket().unwrap();
            let Details::Inet(inet) = &socket.details else { panic!("{planted}") };
            let options = &socket.options;
            let ours =
                [inet.ttl, inet.tos, options.mark, Some(options.rcvbuf)].map(|value| value.map(u64::from));
            assert_eq!(ours, ["ttl", "tos", "mark", "rcvbuf"].map(|key| planted[key].as_u64()));
            assert_eq!(options.device.as_ref().map(|device| device.to_vec()), bytes(&planted["device"]));
        }
    });
    assert!(found > 20 || icecore_tests::find("kitchen-sink").is_none(), "only {found}");
}

/// An address and port as people write them, IPv6 with or without brackets.
fn written(text: &str) -> (IpAddr, u16) {
    let (address, port) = text.rsplit_once(':').unwrap();
    (address.trim_matches(['[', ']']).parse().unwrap(), port.parse().unwrap())
}

#[test]
fn addresses_of_proc_are_read() {
    let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
    assert_eq!(endpoint("0100007F:0050", true), (loopback, 80));
    assert_eq!(endpoint("7F000001:0050", false), (loopback, 80));
    let six = endpoint("00000000000000000000000001000000:1946", true);
    assert_eq!(six, (IpAddr::from(Ipv6Addr::LOCALHOST), 6470));
}
