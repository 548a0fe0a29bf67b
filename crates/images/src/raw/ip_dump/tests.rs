use std::string::ToString;

use super::*;

/// A message of a machine of that byte order: header, fixed body, attributes.
fn message(order: ByteOrder, kind: u16, fixed: &[u8], attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let short = |value: u16| match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    };
    let mut body = fixed.to_vec();
    for (kind, value) in attributes {
        body.extend(short(u16::try_from(value.len()).unwrap().wrapping_add(4)));
        body.extend(short(*kind));
        body.extend(*value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut bytes = number(order, u32::try_from(body.len()).unwrap().wrapping_add(16)).to_vec();
    bytes.extend(short(kind));
    bytes.extend([2, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    bytes.extend(body);
    bytes
}

fn number(order: ByteOrder, value: u32) -> [u8; 4] {
    match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    }
}

#[test]
fn addresses_are_read_in_both_byte_orders() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let fixed = [&[2, 8, 0x80, 254][..], &number(order, 1)].concat();
        let attributes =
            [(1, &[127, 0, 0, 1][..]), (2, &[127, 0, 0, 1]), (3, b"lo\0"), (8, &number(order, 0x80))];
        let mut bytes = number(order, 0x4736_1222).to_vec();
        bytes.extend(message(order, 20, &fixed, &attributes));
        let image = Image::parse("ifaddr-9.img", &bytes).unwrap();
        let found: Vec<_> = addresses(&image).map(Result::unwrap).collect();
        let address = &found[0];
        assert_eq!((found.len(), address.prefix_length, address.scope, address.interface), (1, 8, 254, 1));
        assert_eq!((address.flags, address.address.unwrap().to_string().as_str()), (0x80, "127.0.0.1"));
        assert_eq!(address.label, Some("lo".into()));
    }
}

#[test]
fn routes_and_rules_are_read() {
    let order = ByteOrder::Little;
    let mut hop = alloc::vec![16, 0, 0, 1, 3, 0, 0, 0];
    hop.extend([8, 0, 5, 0, 10, 0, 0, 1]);
    let mut bytes = number(order, 0x4531_1224).to_vec();
    bytes.extend(message(
        order,
        24,
        &[2, 24, 0, 0, 254, 2, 253, 1, 0, 0, 0, 0],
        &[(1, &[10, 1, 2, 0]), (9, &hop)],
    ));
    let image = Image::parse("route-9.img", &bytes).unwrap();
    let route = routes(&image).next().unwrap().unwrap();
    assert_eq!((route.destination_length, route.table, route.kind), (24, 254, 1));
    assert_eq!(route.next_hops[0].gateway.unwrap().to_string(), "10.0.0.1");
    assert_eq!((route.next_hops[0].interface, route.next_hops[0].weight), (3, 1));

    // `ip route add 10.2.0.0/16 via inet6 fe80::1 dev eth0`: RTA_VIA, a family in front of the address.
    let mut via = alloc::vec![10, 0, 0xfe, 0x80];
    via.extend([0; 13]);
    via.push(1);
    let mut bytes = number(order, 0x4531_1224).to_vec();
    bytes.extend(message(
        order,
        24,
        &[2, 16, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0],
        &[(1, &[10, 2, 0, 0]), (18, &via), (4, &number(order, 3))],
    ));
    let image = Image::parse("route-9.img", &bytes).unwrap();
    let route = routes(&image).next().unwrap().unwrap();
    assert_eq!((route.gateway.unwrap().to_string().as_str(), route.interface), ("fe80::1", Some(3)));

    let mut bytes = number(order, 0x7170_6986).to_vec();
    bytes.extend(message(
        order,
        32,
        &[2, 0, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0],
        &[(6, &number(order, 32766)), (3, b"eth0\0")],
    ));
    let image = Image::parse("rule-9.img", &bytes).unwrap();
    let rule = rules(&image).next().unwrap().unwrap();
    assert_eq!(
        (rule.priority, rule.table, rule.action, rule.input.unwrap().as_slice()),
        (Some(32766), 254, 1, &b"eth0"[..])
    );
}

#[test]
fn damage_is_said() {
    let text = |bytes: &[u8]| {
        let image = Image::parse("ifaddr-9.img", bytes).unwrap();
        addresses(&image).map(|address| address.unwrap_err().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(text(b""), <[&str; 0]>::default());
    assert_eq!(text(b"\x22\x12\x36\x47"), <[&str; 0]>::default());
    assert_eq!(
        text(b"text"),
        ["ifaddr-9.img: entry 0, offset 0x0: no magic of iproute2 in front of the messages"]
    );
    let mut long = b"\x22\x12\x36\x47".to_vec();
    long.extend(b"\xff\xff\0\0\x14\0\0\0\0\0\0\0\0\0\0\0");
    let expected =
        "ifaddr-9.img: entry 0, offset 0x4: a netlink message of 65535 bytes, but only 16 are left";
    assert_eq!(text(&long), [expected]);
}

#[test]
fn lifetimes_flags_and_broadcast_are_read() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let cache = [number(order, 3600), number(order, 7200), [0; 4], [0; 4]].concat();
        let mut bytes = number(order, 0x4736_1222).to_vec();
        let body = [&[2, 24, 0x80, 0][..], &number(order, 7)].concat();
        bytes.extend(message(
            order,
            20,
            &body,
            &[
                (2, &[10, 0, 0, 5]),
                (4, &[10, 0, 0, 255]),
                (6, &cache),
                // Flags of 32 bits take the place of those of 8.
                (8, &number(order, 0x280)),
            ],
        ));
        let image = Image::parse("ifaddr-9.img", &bytes).unwrap();
        let address = addresses(&image).next().unwrap().unwrap();
        assert_eq!((address.preferred_lifetime, address.valid_lifetime), (Some(3600), Some(7200)));
        assert_eq!((address.flags, address.interface, address.address), (0x280, 7, None));
        assert_eq!(address.local.unwrap().to_string(), "10.0.0.5");
        assert_eq!(address.broadcast.unwrap().to_string(), "10.0.0.255");
    }
}

#[test]
fn rules_have_ranges_devices_and_marks() {
    let order = ByteOrder::Little;
    let mut bytes = number(order, 0x7170_6986).to_vec();
    bytes.extend(message(
        order,
        32,
        &[2, 16, 8, 0, 255, 0, 0, 6, 0, 0, 0, 0],
        &[
            (1, &[10, 1, 0, 0]),
            (2, &[192, 0, 0, 0]),
            (10, &number(order, 0xc114)),
            (15, &number(order, 1000)),
            (16, &number(order, 0xffff)),
            (17, b"eth1\0"),
        ],
    ));
    let image = Image::parse("rule-9.img", &bytes).unwrap();
    let rule = rules(&image).next().unwrap().unwrap();
    assert_eq!(rule.destination, Some(("10.1.0.0".parse().unwrap(), 16)));
    assert_eq!(rule.source, Some(("192.0.0.0".parse().unwrap(), 8)));
    assert_eq!((rule.table, rule.action, rule.priority, rule.input), (1000, 6, None, None));
    assert_eq!((rule.mark, rule.mark_mask, rule.output), (Some(0xc114), Some(0xffff), Some("eth1".into())));
}

#[test]
fn bodies_that_are_cut_count_as_zeros() {
    let order = ByteOrder::Little;
    let mut bytes = number(order, 0x4531_1224).to_vec();
    bytes.extend(message(order, 24, &[2, 24], &[]));
    let image = Image::parse("route-9.img", &bytes).unwrap();
    let route = routes(&image).next().unwrap().unwrap();
    assert_eq!(route, Route { family: 2, destination_length: 24, ..Route::default() });
}

/// Hops whose length is shorter than their header, or longer than the list, end it.
#[test]
fn next_hops_end_where_they_cannot_go_on() {
    let order = ByteOrder::Little;
    let hops = |list: &[u8]| {
        let mut bytes = number(order, 0x4531_1224).to_vec();
        bytes.extend(message(order, 24, &[2, 0, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0], &[(9, list)]));
        let image = Image::parse("route-9.img", &bytes).unwrap();
        let route = routes(&image).next().unwrap().unwrap();
        route.next_hops.iter().map(|hop| (hop.interface, hop.weight)).collect::<Vec<_>>()
    };
    let one = [8, 0, 0, 2, 3, 0, 0, 0];
    assert_eq!(hops(&[one, [8, 0, 0, 4, 5, 0, 0, 0]].concat()), [(3, 2), (5, 4)]);
    assert_eq!(hops(&[&one[..], &[7, 0, 0, 0, 0, 0, 0, 0]].concat()), [(3, 2)]);
    assert_eq!(hops(&[&one[..], &[9, 0, 0, 0, 0, 0, 0, 0]].concat()), [(3, 2)]);
    assert_eq!(hops(&[0, 0, 0, 0, 0, 0, 0, 0]), []);
    assert_eq!(hops(&[8]), []);
}

#[test]
fn messages_of_other_types_are_passed_over() {
    let order = ByteOrder::Little;
    let mut bytes = number(order, 0x4736_1222).to_vec();
    bytes.extend(message(order, 21, &[0; 8], &[]));
    bytes.extend(message(order, 20, &[0; 8], &[]));
    let image = Image::parse("ifaddr-9.img", &bytes).unwrap();
    assert_eq!(addresses(&image).count(), 1);
    assert_eq!(routes(&image).count(), 0);
}
