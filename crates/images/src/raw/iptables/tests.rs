use super::*;

#[test]
fn tables_chains_and_rules_are_read() {
    let text = b"# Generated\n*filter\n:INPUT ACCEPT [1:2]\n:CRIU - [0:0]\n-A INPUT -j CRIU\n\
                 [3:4] -A CRIU -m mark --mark 0xc114 -j ACCEPT\n-A CRIU -j DROP\n-A NONE -j DROP\nCOMMIT\n*nat\nCOMMIT\n";
    let image = Image::parse("iptables-9.img", text).unwrap();
    let tables = tables(&image);
    assert_eq!((tables.len(), tables[0].name, tables[1].name), (2, BStr::new("filter"), BStr::new("nat")));
    let [input, criu] = &tables[0].chains[..] else { panic!("{tables:?}") };
    assert_eq!((input.policy, &input.rules[..]), (Some(BStr::new("ACCEPT")), &[BStr::new("-j CRIU")][..]));
    assert_eq!((criu.policy, criu.is_criu_lock(), criu.rules.len()), (None, true, 2));
    assert_eq!(criu.rules[0], "-m mark --mark 0xc114 -j ACCEPT");
}

#[test]
fn an_empty_image_has_no_tables() {
    assert_eq!(tables(&Image::parse("iptables-9.img", b"").unwrap()), []);
}

/// `(table, chain, policy, rules)` of a text.
fn read(text: &[u8]) -> Vec<(&BStr, &BStr, Option<&BStr>, usize)> {
    let image = Image::parse("iptables-9.img", text).unwrap();
    let all = tables(&image).into_iter();
    all.flat_map(|table| {
        let name = table.name;
        table.chains.into_iter().map(move |chain| (name, chain.name, chain.policy, chain.rules.len()))
    })
    .collect()
}

#[test]
fn chains_of_one_name_belong_to_their_table() {
    let text = b"*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j A\nCOMMIT\n*mangle\n:OUTPUT DROP [0:0]\n\
                 -A OUTPUT -j B\n-A OUTPUT -j C\nCOMMIT\n";
    let accept = Some(BStr::new("ACCEPT"));
    let drop = Some(BStr::new("DROP"));
    assert_eq!(
        read(text),
        [("nat".into(), "OUTPUT".into(), accept, 1), ("mangle".into(), "OUTPUT".into(), drop, 2)]
    );
}

#[test]
fn what_is_no_line_of_the_format_is_passed_over() {
    for text in [
        &b":INPUT ACCEPT [0:0]\n-A INPUT -j DROP\n"[..],
        b"*filter\n-A INPUT -j DROP\n",
        b"*filter\nINPUT\n\n# comment\n[1:2\n[1:2]x\n-D INPUT 1\n",
        b"\0\xff\n\r\n",
    ] {
        assert_eq!(read(text), [], "{:?}", BStr::new(text));
    }
    // Without words behind the name, and with no end of line.
    assert_eq!(read(b"*filter\n:X"), [("filter".into(), "X".into(), None, 0)]);
    assert_eq!(read(b"*filter\n:X -\n-A X"), [("filter".into(), "X".into(), None, 1)]);
}

/// Time grows with the text, whatever the number of chains: 20,000 chains with a rule each.
#[test]
fn many_chains_are_found_by_name() {
    let mut text = b"*filter\n".to_vec();
    for index in 0..20_000 {
        text.extend(std::format!(":C{index} - [0:0]\n").bytes());
    }
    for index in 0..20_000 {
        text.extend(std::format!("-A C{index} -j DROP\n").bytes());
    }
    let found = read(&text);
    assert_eq!((found.len(), found.iter().map(|chain| chain.3).max()), (20_000, Some(1)));
}
