//! Options of sockets, and how a dump was made, as `icecore` shows them, against what CRIU's own `crit` prints of their records.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;

use icecore_tests::{Case, cases};
use serde_json::{Value, json};

use crate::command::json as answer;
use crate::decoded::plain;

/// Options of all sockets: the field, our key, and the value that makes it stay away.
const OPTIONS: [(&str, &str, u64); 17] = [
    ("so_sndbuf", "sndbuf", u64::MAX),
    ("so_rcvbuf", "rcvbuf", u64::MAX),
    ("reuseaddr", "reuseaddr", 0),
    ("so_reuseport", "reuseport", 0),
    ("so_keepalive", "keepalive", 0),
    ("so_broadcast", "broadcast", 0),
    ("so_passcred", "passcred", 0),
    ("so_passsec", "passsec", 0),
    ("so_dontroute", "dontroute", 0),
    ("so_no_check", "no_check", 0),
    ("so_oobinline", "oobinline", 0),
    ("so_priority", "priority", 0),
    ("so_mark", "mark", u64::MAX),
    ("so_linger", "linger", u64::MAX),
    ("so_rcvlowat", "rcvlowat", 1),
    ("so_buf_lock", "buf_lock", 0),
    ("so_bound_dev", "device", u64::MAX),
];

/// Facts of packet sockets, which have the same names here and there.
const PACKET: [&str; 7] = ["version", "reserve", "aux_data", "orig_dev", "vnet_hdr", "loss", "copy_thresh"];

/// Facts of rings, likewise.
const RING: [&str; 6] = ["block_size", "block_nr", "frame_size", "frame_nr", "retire_tmo", "sizeof_priv"];

#[test]
fn options_are_those_that_crit_prints() {
    let (mut compared, mut packets, mut raw) = (0, 0, 0);
    for case in cases() {
        let Some(printed) = printed(&case, "files.img") else { continue };
        let shown = answer(&["sockets".as_ref(), case.archives()[0].path.as_os_str()]);
        let ours = rows(&shown);
        for entry in printed["entries"].as_array().unwrap() {
            let record = ["isk", "usk", "nlsk", "psk"].into_iter().map(|key| &entry[key]);
            let Some(record) = record.into_iter().find(|record| record.is_object()) else { continue };
            let place = format!("{}: file {}", case.name, entry["id"]);
            let row = ours.get(&entry["id"].as_u64().unwrap()).unwrap_or_else(|| panic!("{place}"));
            options(&record["opts"], &row["options"], &place);
            packets += packet(&entry["psk"], &row["details"], &place);
            raw += ip(&entry["isk"]["ip_opts"], &row["details"], &place);
            compared += 1;
        }
    }
    eprintln!("{compared} sockets, {packets} of packets, {raw} raw");
    let whole = icecore_tests::find("kitchen-sink").is_some();
    assert!(!whole || compared > 100 && packets > 2 && raw > 1, "{compared} {packets} {raw}");
}

/// What `crit` prints of an image of a case with one archive.
fn printed(case: &Case, image: &str) -> Option<Value> {
    let (alone, below) = (format!("compact/{image}.json"), format!("/{image}.json"));
    let crit = plain(fs::read(case.dir.join("crit.tar.gz")).ok()?).unwrap();
    for entry in tar::Archive::new(&crit[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        if name == alone || name.starts_with("compact/") && name.ends_with(&below) {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            return Some(serde_json::from_str(&text).unwrap());
        }
    }
    None
}

fn rows(document: &Value) -> BTreeMap<u64, &Value> {
    let rows = document["sockets"].as_array().unwrap();
    rows.iter().map(|row| (row["description"].as_u64().unwrap(), row)).collect()
}

/// What is left of a field where values that say nothing stay away.
fn told(field: &Value, usual: u64) -> Value {
    match field {
        Value::Bool(false) => Value::Null,
        number if number.as_u64() == Some(usual) => Value::Null,
        other => other.clone(),
    }
}

fn options(field: &Value, ours: &Value, place: &str) {
    for (theirs, key, usual) in OPTIONS {
        let expected = match told(&field[theirs], usual) {
            Value::Number(_) if key == "oobinline" => json!(true),
            other => other,
        };
        assert_eq!(ours[key], expected, "{place}: {key}");
    }
    for (theirs, key) in [("so_rcv_tmo", "rcvtimeo"), ("so_snd_tmo", "sndtimeo")] {
        let [seconds, micros] =
            ["sec", "usec"].map(|unit| field[format!("{theirs}_{unit}")].as_u64().unwrap());
        assert_eq!(ours[key], told(&json!(seconds * 1_000_000 + micros), 0), "{place}: {key}");
    }
    let words = field["so_filter"].as_array().map_or(0, Vec::len);
    for key in ["filter", "filter_text"] {
        assert_eq!(ours[key].as_array().map_or(0, Vec::len), words, "{place}: {key}");
    }
}

fn packet(field: &Value, ours: &Value, place: &str) -> usize {
    if field.is_null() {
        return 0;
    }
    for key in PACKET {
        assert_eq!(ours[key], field[key], "{place}: {key}");
    }
    for (theirs, key) in [("rx_ring", "rx_layout"), ("tx_ring", "tx_layout")] {
        for fact in RING {
            assert_eq!(ours[key][fact], field[theirs][fact], "{place}: {key} {fact}");
        }
    }
    let members = |value: &Value, keys: [&str; 2]| -> Vec<Value> {
        let all = value.as_array().into_iter().flatten();
        all.map(|member| json!([member[keys[0]], member[keys[1]]])).collect()
    };
    let joined = members(&ours["multicast"], ["ifindex", "kind"]);
    assert_eq!(joined, members(&field["mclist"], ["index", "type"]), "{place}");
    1
}

fn ip(field: &Value, ours: &Value, place: &str) -> usize {
    assert_eq!(ours["pktinfo"], told(&field["pktinfo"], u64::MAX), "{place}");
    let raw = &field["raw"];
    for key in ["hdrincl", "nodefrag", "checksum"] {
        assert_eq!(ours["raw"][key], told(&raw[key], u64::MAX), "{place}: {key}");
    }
    let hex = |word: &Value| json!(format!("{:#x}", word.as_u64().unwrap()));
    let filter = raw["icmpv_filter"].as_array().map(|words| words.iter().map(hex).collect::<Vec<_>>());
    assert_eq!(ours["raw"]["icmp_filter"], json!(filter), "{place}");
    usize::from(raw.is_object())
}

#[test]
fn inventories_are_those_that_crit_prints() {
    let mut compared = 0;
    for case in cases() {
        let Some(printed) = printed(&case, "inventory.img") else { continue };
        let (theirs, path) = (&printed["entries"][0], case.archives()[0].path.clone());
        let ours = &answer(&["show".as_ref(), path.as_os_str()])["inventory"];
        for (field, key) in [
            ("img_version", "img_version"),
            ("dump_criu_run_id", "run_id"),
            ("dump_uptime", "uptime_us"),
            ("pre_dump_mode", "pre_dump_mode"),
            ("tcp_close", "tcp_close"),
            ("allow_uprobes", "allow_uprobes"),
        ] {
            assert_eq!(ours[key], theirs[field], "{}: {key}", case.name);
        }
        let plugins =
            theirs["plugins_entry"].as_object().map(|it| it.get("plugins").unwrap_or(&json!([])).clone());
        assert_eq!(ours["plugins"], json!(plugins), "{}", case.name);
        let locks = ["iptables", "nftables", "skip"];
        let lock = locks.iter().position(|word| ours["network_lock"] == **word);
        assert_eq!(lock.map(|it| it as u64), theirs["network_lock_method"].as_u64(), "{}", case.name);
        let lsm = theirs["lsmtype"].as_str().map(|it| it.to_lowercase().replace("no_lsm", "none"));
        assert_eq!(ours["lsm"], json!(lsm), "{}", case.name);
        compared += 1;
    }
    assert!(compared > 3, "{compared}");
}
