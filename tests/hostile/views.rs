//! Every image removed and cut, one at a time, and every view asked: there is an answer, what was lost is told, and rows that
//! do not depend on it are as before.

use std::collections::BTreeSet;

use icecore::archive::{Archive, Keep, Options};
use icecore_inspect::{Io, Terminal, run};
use icecore_synth::Tar;
use serde_json::Value;

/// Archives of three engines and machines: plain CRIU on x86_64 and on s390x, and Podman.
const ARCHIVES: [(&str, &str); 3] =
    [("minimal", "checkpoint.tar"), ("s390x", "checkpoint.tar.gz"), ("podman-pod", "front.tar.zst")];

/// Images that are the text of another program: what is cut off such a one leaves no mark.
const TEXTS: [&str; 3] = ["iptables-", "ip6tables-", "nftables-"];

#[test]
fn every_view_answers_whatever_image_is_gone_or_cut() {
    let mut tried = 0;
    for (case, file) in ARCHIVES {
        let path = icecore_tests::case(case).place(file);
        let archive = Archive::open_path(&path, &Options::default().keep(Keep::Everything)).unwrap();
        let members: Vec<(Vec<u8>, Vec<u8>)> = archive
            .members()
            .iter()
            .filter(|member| member.is_file() && member.size < 4 << 20)
            .map(|member| {
                (member.name.as_bytes().to_vec(), member.bytes(("member", 4 << 20)).unwrap().into_owned())
            })
            .collect();
        let before = inspect(&members);
        for (index, (name, bytes)) in members.iter().enumerate() {
            let is_image = name.ends_with(b".img") && !name.windows(6).any(|part| part == b"pages-");
            if !is_image || bytes.is_empty() {
                continue;
            }
            for length in [None, Some(bytes.len() / 2), Some(bytes.len() - 1)] {
                let mut damaged = members.clone();
                match length {
                    None => drop(damaged.remove(index)),
                    Some(length) => damaged[index].1.truncate(length),
                }
                let place = format!("{case}: {} {length:?}", String::from_utf8_lossy(name));
                check(&place, name, &before, &inspect(&damaged));
                tried += 1;
            }
        }
    }
    eprintln!("{tried} damaged archives");
    assert!(tried > 150, "{tried}");
}

/// The document of everything.
fn inspect(members: &[(Vec<u8>, Vec<u8>)]) -> Value {
    let tar = members.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let input: Option<Box<dyn std::io::Read + Send>> = Some(Box::new(std::io::Cursor::new(tar.bytes())));
    let mut io = Io { out: &mut out, err: &mut err, input, terminal: Terminal::default() };
    let code = run(["icecore", "inspect", "-", "--format", "json"].map(Into::into), &mut io);
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&err));
    serde_json::from_slice(&out).unwrap()
}

fn check(place: &str, image: &[u8], before: &Value, after: &Value) {
    let told = |document: &Value| -> BTreeSet<String> {
        document["diagnostics"].as_array().unwrap().iter().map(ToString::to_string).collect()
    };
    let facts = |document: &Value| {
        let mut facts = document.clone();
        for key in ["diagnostics", "members", "archive"] {
            facts.as_object_mut().unwrap().remove(key);
        }
        // How many bytes there are is no fact of an image.
        for key in ["sizes", "counts"] {
            facts["checkpoint"].as_object_mut().unwrap().remove(key);
        }
        facts
    };
    let is_new = told(after).difference(&told(before)).next().is_some();
    // Text of other programs has neither a length nor a sum.
    let is_text = TEXTS.iter().any(|text| image.windows(text.len()).any(|part| part == text.as_bytes()));
    assert!(
        is_new || is_text || facts(before) == facts(after),
        "{place}: facts are lost, and nothing tells it"
    );
    // Mounts stand in an image of their own, whatever else is damaged.
    let is_of_mounts = image.windows(12).any(|part| part == b"mountpoints-");
    let count = |document: &Value| document["mounts"].as_array().unwrap().len();
    assert!(is_of_mounts || count(before) == count(after), "{place}: mounts are lost with another image");
}
