//! Every archive of the corpus opens as what it is.

use std::fmt::Write as _;
use std::fs;

use icecore_archive::{Archive, Keep, Member, Options};

use crate::decoded;

#[test]
fn every_archive_is_taken_for_what_it_is() {
    let mut wrong = String::new();
    let mut opened = 0;
    for case in icecore_tests::cases() {
        for expected in case.archives() {
            let told = match Archive::open_path(&expected.path, &Options::default()) {
                Err(error) => error.to_string(),
                Ok(archive) => {
                    opened += 1;
                    format!(
                        "{} {} {}",
                        archive.kind().name(),
                        archive.compression().name(),
                        archive.roots().len()
                    )
                }
            };
            // One checkpoint in each: pods have an archive for each container.
            let right = format!("{} {} 1", expected.kind, expected.compression);
            if told != right {
                writeln!(wrong, "{} {}: {told}, expected {right}", case.name, expected.file).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(opened > 25, "only {opened} archives were opened");
}

/// What a compressed archive lists and holds is what its bytes, decoded before, do.
#[test]
fn decoding_on_the_way_changes_nothing() {
    let options = Options::default().keep(Keep::Everything);
    let facts = |member: &Member| {
        let bytes = member.is_file().then(|| member.bytes(("image", u64::MAX)).unwrap().into_owned());
        (member.raw_name().into_owned(), member.kind, member.offset, member.size, bytes)
    };
    let mut compared = 0;
    for case in icecore_tests::cases() {
        for expected in
            case.archives().iter().filter(|archive| archive.kind == "tar" && archive.compression != "none")
        {
            let archive = Archive::open_path(&expected.path, &options).unwrap();
            let plain = decoded::plain(fs::read(&expected.path).unwrap()).unwrap();
            let plain = decoded::Tar { origin: expected.file.clone(), bytes: plain }.open();
            assert!(
                archive.members().iter().map(facts).eq(plain.members().iter().map(facts)),
                "{}",
                case.name
            );
            compared += 1;
        }
    }
    assert!(compared > 8, "only {compared} archives were compared");
}
