//! Compressed archives as a hostile writer, a broken disk or a careful user would leave them.
//!
//! What is expected comes from `expected.json` of each case, which the generator of the case wrote.

#![expect(clippy::unwrap_used, reason = "a test states facts, also in the functions that its cases share")]

use std::path::PathBuf;

use icecore_archive::{Archive, Code, Compression, Error, Keep, Limits, Options};
use serde_json::Value;

/// The folder of a case, in the corpus or among the fixtures. `None`: it is in neither.
fn case(name: &str) -> Option<PathBuf> {
    // Hostile cases lie in a folder of their own, and are named with it here.
    icecore_tests::find(name).map(|case| case.dir)
}

/// Opens the archive of a case, and gives what is expected of it beside.
fn open(name: &str, options: &Options) -> Option<(Result<Archive, Error>, Value)> {
    let case = case(name)?;
    let expected: Value =
        serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
    let file = expected.pointer("/file").and_then(Value::as_str).unwrap();
    Some((Archive::open_path(case.join(file), options), expected))
}

fn everything() -> Options {
    Options::default().keep(Keep::Everything)
}

/// The findings about the compression; the archive inside may have its own.
fn about_compression(archive: &Archive) -> Vec<Code> {
    let codes = [
        Code::StreamDamaged,
        Code::ChecksumWrong,
        Code::SizeClaimWrong,
        Code::CompressedTrailing,
        Code::OutputLimit,
    ];
    archive.findings().iter().map(|finding| finding.code).filter(|code| codes.contains(code)).collect()
}

/// Cases that open, wholly or in part: all members are there and can be read.
#[test]
fn everything_is_served() {
    let cases = [
        ("gzip-members", Compression::Gzip, vec![]),
        ("gzip-trailing-junk", Compression::Gzip, vec![Code::CompressedTrailing]),
        ("gzip-wrong-crc", Compression::Gzip, vec![Code::ChecksumWrong]),
        ("zstd-skippable", Compression::Zstd, vec![]),
        ("zstd-wrong-checksum", Compression::Zstd, vec![Code::ChecksumWrong]),
        ("zstd-content-size", Compression::Zstd, vec![Code::SizeClaimWrong]),
        ("xz-wrong-check", Compression::Xz, vec![Code::ChecksumWrong]),
        ("name-lies", Compression::Zstd, vec![]),
    ];
    for (name, compression, findings) in cases {
        let Some((archive, expected)) = open(&format!("broken/{name}"), &everything()) else { continue };
        let archive = archive.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(archive.compression(), compression, "{name}");
        assert_eq!(about_compression(&archive), findings, "{name}");
        if let Some(members) = expected.pointer("/facts/members").and_then(Value::as_u64) {
            assert_eq!(archive.members().len() as u64, members, "{name}");
        }
        for member in archive.members().iter().filter(|member| member.is_file()) {
            assert!(!member.is_cut(), "{name}: {}", member.name);
            let read = member.bytes(("image", 1 << 30)).unwrap();
            assert_eq!(read.len() as u64, member.size, "{name}: {}", member.name);
        }
        let first = archive.findings().iter().find(|finding| findings.first() == Some(&finding.code));
        for key in ["/facts/trailing_bytes", "/facts/claimed", "/facts/output_there"] {
            if let Some(number) = expected.pointer(key).and_then(Value::as_u64) {
                let text = &first.unwrap().text;
                assert!(text.contains(&number.to_string()), "{name}: {text}");
            }
        }
    }
}

#[test]
fn what_is_in_front_of_damage_is_served() {
    for name in ["gzip-truncated", "bzip2-wrong-crc"] {
        let Some((archive, expected)) = open(&format!("broken/{name}"), &everything()) else { continue };
        let archive = archive.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(about_compression(&archive), [Code::StreamDamaged], "{name}");
        let least = expected.pointer("/facts/members_at_least").and_then(Value::as_u64).unwrap_or(5);
        assert!(archive.members().len() as u64 >= least, "{name}");
        if let Some(names) = expected.pointer("/facts/first_members").and_then(Value::as_array) {
            let first: Vec<_> = archive
                .members()
                .iter()
                .take(names.len())
                .map(|member| member.raw_name().to_string())
                .collect();
            assert_eq!(first, names.iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>());
            assert!(archive.members().iter().any(icecore_archive::Member::is_cut), "{name}");
        }
    }
}

#[test]
fn windows_above_the_limit_are_refused_at_once() {
    for (name, asked) in [("zstd-window", "2147483648"), ("xz-dictionary", "4294967295")] {
        let name = format!("broken/{name}");
        let Some((archive, expected)) = open(&name, &Options::default()) else { continue };
        let refused = archive.unwrap_err().to_string();
        for part in [asked, "134217728", "--allow-large-window"] {
            assert!(refused.contains(part), "{name}: {refused}");
        }
        let large = Options::default().limits(Limits::default().window(1 << 32));
        let archive = open(&name, &large).unwrap().0.unwrap();
        let members = expected.pointer("/facts/with_option/members").and_then(Value::as_u64);
        assert_eq!(Some(archive.members().len() as u64), members, "{name}");
        assert_eq!(about_compression(&archive), [], "{name}");
    }
}

#[test]
fn one_layer_of_compression_is_undone() {
    let Some((archive, _)) = open("broken/gzip-in-gzip", &Options::default()) else { return };
    let refused = archive.unwrap_err().to_string();
    assert!(refused.contains("gzip inside gzip"), "{refused}");
}

#[test]
fn output_stops_at_its_limit() {
    let limits = Limits::default().output(50_000);
    let Some((archive, _)) = open("broken/bomb-gzip", &Options::default().limits(limits)) else { return };
    let archive = archive.unwrap();
    assert_eq!(about_compression(&archive), [Code::OutputLimit]);
    assert!(archive.members().len() > 3);
}

/// Real archives of Podman, and lz4 around something else.
#[test]
fn real_archives_open_without_a_finding() {
    let files = [
        ("podman-shop", "shop-gzip.tar.gz", Compression::Gzip),
        ("podman-shop", "shop-zstd.tar.zst", Compression::Zstd),
        ("podman-precopy", "relay-final.tar.zst", Compression::Zstd),
        ("podman-pod", "kitchen.tar.gz", Compression::Gzip),
        ("user-namespace", "checkpoint.tar.xz", Compression::Xz),
        ("stream-minimal", "one.stream.lz4", Compression::Lz4),
    ];
    for (name, file, compression) in files {
        let Some(case) = case(name).filter(|case| case.join(file).is_file()) else { continue };
        let archive = Archive::open_path(case.join(file), &Options::default()).unwrap();
        assert_eq!(archive.compression(), compression, "{file}");
        assert_eq!(about_compression(&archive), [], "{file}");
        assert!(archive.members().len() > 5, "{file}");
    }
}
