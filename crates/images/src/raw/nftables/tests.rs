use super::*;

#[test]
fn tables_and_blocks_are_read() {
    let text = b"table ip nat {\n\tset hosts {\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.1 }\n\t}\n\n\tchain post {\n\
                 \t\ttype nat hook postrouting priority srcnat; policy accept;\n\t\tmasquerade\n\t}\n}\n\
                 table inet CRIU-7f2b0c1e-52d4-4c {\n\tchain output {\n\t}\n}\n";
    let image = Image::parse("nftables-9.img", text).unwrap();
    let tables = tables(&image);
    let [nat, lock] = &tables[..] else { panic!("{tables:?}") };
    assert_eq!((nat.family, nat.name, nat.is_criu_lock()), (BStr::new("ip"), BStr::new("nat"), false));
    let blocks: Vec<_> = nat.blocks.iter().map(|block| (block.kind, block.name, block.lines.len())).collect();
    assert_eq!(blocks, [("set".into(), "hosts".into(), 2), ("chain".into(), "post".into(), 2)]);
    assert_eq!(nat.blocks[1].lines[1], "masquerade");
    assert!(lock.is_criu_lock());
}

/// `family name: kind name lines, …` of each table.
fn read(text: &[u8]) -> Vec<std::string::String> {
    let image = Image::parse("nftables-9.img", text).unwrap();
    let block = |block: &Block<'_>| std::format!("{} {} {}", block.kind, block.name, block.lines.len());
    let table = |table: Table<'_>| {
        let blocks: Vec<_> = table.blocks.iter().map(block).collect();
        std::format!("{} {}: {}", table.family, table.name, blocks.join(", "))
    };
    tables(&image).into_iter().map(table).collect()
}

#[test]
fn blocks_in_blocks_are_lines_of_the_outer_one() {
    let text = b"table ip t {\n\tmap m {\n\t\ttype ipv4_addr : verdict\n\t\telements = {\n\t\t\t10.0.0.1 : accept\n\t\t}\n\t}\n\
                 \tchain c {\n\t\ttcp dport vmap {\n\t\t\t80 : accept\n\t\t}\n\t\tdrop\n\t}\n}\n";
    assert_eq!(read(text), ["ip t: map m 4, chain c 4"]);
}

#[test]
fn the_lock_of_criu_is_told_by_family_and_name() {
    let is_lock = |family: &str, name: &str| {
        let text = std::format!("table {family} {name} {{\n}}\n");
        let image = Image::parse("nftables-9.img", text.as_bytes()).unwrap();
        tables(&image)[0].is_criu_lock()
    };
    assert!(is_lock("inet", "CRIU-4242") && is_lock("inet", "CRIU-7f2b0c1e-52d4-4c"));
    assert!(!is_lock("ip", "CRIU-4242") && !is_lock("inet", "CRIU") && !is_lock("inet", "xCRIU-1"));
}

#[test]
fn text_that_is_none_of_the_format_is_passed_over() {
    assert_eq!(read(b""), <[&str; 0]>::default());
    assert_eq!(read(b"}\n}\nchain x {\n}\n"), <[&str; 0]>::default());
    assert_eq!(read(b"table ip t {\n"), ["ip t: "]);
    assert_eq!(read(b"flush ruleset\ntable ip t {\n\tcomment \"x\"\n\tchain c {\n"), ["ip t: chain c 0"]);
}

#[test]
fn a_text_that_was_cut_is_not_whole() {
    let text = b"table ip nat {\n\tset hosts {\n\t\telements = { 10.0.0.1,\n\t\t\t     10.0.0.2 }\n\t}\n}\ntable ip6 t {\n}\n";
    let is_whole = |text: &[u8]| is_whole(&Image::parse("nftables-9.img", text).unwrap());
    let between = text.find(b"table ip6").unwrap();
    for end in 0..=text.len() {
        assert_eq!(is_whole(&text[..end]), [0, between, text.len()].contains(&end), "cut at {end}");
    }
}
