//! The broken cases of the corpus whose damage is that of the archive: each fact that is stated about one is checked.

use std::fmt::Write as _;

use icecore_archive::{Archive, Error, Keep, Limits, Member, MemberKind, MemberName, Members, Options};
use icecore_tests::Broken;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Whether one fact holds of an archive: its value, and what to say if not.
type Check = fn(&Archive, &Value) -> Result<(), String>;

/// Facts that an archive answers.
const FACTS: &[(&str, Check)] = &[
    ("members", |archive, value| equal(value, archive.members().len())),
    ("members_at_least", |archive, value| {
        holds(archive.members().len() as u64 >= number(value), archive.members().len())
    }),
    ("members_at_most", |archive, value| {
        holds(archive.members().len() as u64 <= number(value), archive.members().len())
    }),
    ("first_members", first_members),
    ("good_until", |archive, value| equal(value, archive.members().iter().last().map(name))),
    ("size_of", |archive, value| each(archive.members(), value, |member| member.size.into())),
    ("bytes_there", |archive, value| each(archive.members(), value, |member| member.available().into())),
    ("sha256_of", |archive, value| each(archive.members(), value, sha256)),
    ("mtime_of", |archive, value| each(archive.members(), value, |member| member.mtime.seconds.into())),
    ("uid_of", |archive, value| each(archive.members(), value, |member| member.uid.into())),
    ("resolved_size_of", resolved_size_of),
    ("raw_names", |archive, value| {
        all(value, |raw| archive.members().iter().any(|member| *member.raw_name() == *raw))
    }),
    ("names", |archive, value| all(value, |name| get(archive.members(), name).is_some())),
    ("names_hex", |archive, value| {
        all(value, |raw| archive.members().iter().any(|member| hex(&member.raw_name()) == raw))
    }),
    ("nested", nested),
    ("absent", |archive, value| all(value, |name| archive.members().file(name.as_bytes()).is_none())),
    ("missing", |archive, value| all(value, |name| get(archive.members(), name).is_none())),
    ("flags", flags),
    ("kind", |archive, value| equal(value, archive.kind().name())),
    ("kinds", |archive, value| all(value, |kind| told(archive, kind))),
    ("compression", |archive, value| equal(value, archive.compression().name())),
    ("trailing_bytes", |archive, value| holds(told(archive, &value.to_string()), archive.findings())),
    ("claimed", |archive, value| holds(told(archive, &value.to_string()), archive.findings())),
];

/// Facts about what is in the members, about cost, about how the damage was made, or checked apart.
const ELSEWHERE: &[&str] = &[
    "bounds",
    "compressed_bytes",
    "container_id",
    "deleted",
    "layers",
    "memory",
    "name_length",
    "output_bytes",
    "output_there",
    "pids",
    "unpack",
    "window_log",
    "with_option",
];

/// Partial, because a document or image is no regular file. The archive does not know which members should be; who reads
/// them as such tells it.
const TOLD_BY_READERS: &[&str] =
    &["directory-special", "tar-member-directory", "tar-member-special", "tar-member-symlink"];

#[test]
fn archives_of_level_tar_are_as_stated() {
    check_level("tar");
}

#[test]
fn archives_of_level_compression_are_as_stated() {
    check_level("compression");
}

/// What is broken in these lies deeper; the archives around it are sound, and what is stated about them holds.
#[test]
fn archives_around_other_damage_are_as_stated() {
    let levels = ["document", "image", "memory", "engine", "text"];
    check_all(&levels, |broken| {
        let options = Options::default().keep(Keep::Everything);
        let archive = Archive::open_path(broken.path(), &options).map_err(|error| error.to_string())?;
        let mut stated = broken.facts().clone();
        stated.as_object_mut().unwrap().retain(|key, _| FACTS.iter().any(|(name, _)| name == key));
        facts(&archive, &stated)
    });
}

fn check_level(level: &str) {
    check_all(&[level], check);
}

/// Checks all cases of some levels, but for the bombs, which take minutes.
fn check_all(levels: &[&str], check: impl Fn(&Broken) -> Result<usize, String>) {
    let mut wrong = String::new();
    let mut checked = 0;
    for broken in icecore_tests::broken_cases(levels).iter().filter(|case| !case.case.name.contains("bomb")) {
        match check(broken) {
            Ok(count) => checked += count,
            Err(why) => writeln!(wrong, "{}: {why}", broken.case.name).unwrap(),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(checked > 20, "only {checked} facts were checked");
}

/// Opens a case as it should open, and checks each fact about it; says how many there were.
fn check(broken: &Broken) -> Result<usize, String> {
    let options = Options::default().keep(Keep::Everything);
    let opened = Archive::open_path(broken.path(), &options);
    let mut checked = 1;
    match (opened, broken.open.as_str()) {
        (Err(error), "refused") => checked += refused(broken, &error)?,
        (Ok(_), "refused") => return Err("opens, and should be refused".into()),
        (Err(error), _) => return Err(format!("is refused: {error}")),
        (Ok(archive), open) => {
            let silent =
                archive.findings().is_empty() && !TOLD_BY_READERS.contains(&broken.case.name.as_str());
            holds(open != "partial" || !silent, "partial, and nothing is told")?;
            checked += facts(&archive, broken.facts())?;
        }
    }
    Ok(checked)
}

fn facts(archive: &Archive, facts: &Value) -> Result<usize, String> {
    let mut checked = 0;
    for (key, value) in facts.as_object().into_iter().flatten() {
        let row = FACTS.iter().find(|(name, _)| name == key);
        match row {
            Some((_, check)) => check(archive, value).map_err(|why| format!("{key}: {why}"))?,
            None => holds(ELSEWHERE.contains(&key.as_str()), format!("{key}: nothing checks this"))?,
        }
        checked += usize::from(row.is_some());
    }
    Ok(checked)
}

/// An error says what is wrong; where a limit can be raised, it opens then.
fn refused(broken: &Broken, error: &Error) -> Result<usize, String> {
    let raised = &broken.facts()["with_option"];
    if raised.is_null() {
        return holds(error.to_string().contains("inside"), error).map(|()| 1);
    }
    holds(matches!(error, Error::Limit { limit: "window", .. }), error)?;
    let options = Options::default().keep(Keep::Everything).limits(Limits::default().window(u64::MAX));
    let archive = Archive::open_path(broken.path(), &options)
        .map_err(|error| format!("with its limit raised: {error}"))?;
    facts(&archive, raised)
}

fn first_members(archive: &Archive, value: &Value) -> Result<(), String> {
    match value.as_u64() {
        Some(count) => holds(archive.members().len() as u64 >= count, archive.members().len()),
        None => all(value, |wanted| get(archive.members(), wanted).is_some()),
    }
}

fn resolved_size_of(archive: &Archive, value: &Value) -> Result<(), String> {
    for (name, size) in value.as_object().into_iter().flatten() {
        equal(size, archive.members().file(name.as_bytes()).map(|member| member.size))?;
    }
    Ok(())
}

/// The same facts of a tar inside.
fn nested(archive: &Archive, value: &Value) -> Result<(), String> {
    for (name, inner_facts) in value.as_object().into_iter().flatten() {
        let member = get(archive.members(), name).ok_or(format!("no {name}"))?;
        let inner = archive.open_member(member).map_err(|error| format!("{name}: {error}"))?;
        let mut rest = inner_facts.clone();
        for (key, value) in rest["xattr_hex"].take().as_object().into_iter().flatten() {
            let xattrs = || inner.members().iter().flat_map(Member::xattrs);
            holds(
                xattrs().any(|(name, bytes)| name == key && *value == hex(bytes)),
                format!("{name}: {key}"),
            )?;
        }
        rest.as_object_mut().unwrap().remove("xattr_hex");
        facts(&inner, &rest).map_err(|why| format!("{name}: {why}"))?;
    }
    Ok(())
}

/// Type flags that are listed and not interpreted, but for `7`, which reads as a regular file.
fn flags(archive: &Archive, value: &Value) -> Result<(), String> {
    let flags: Vec<String> = archive
        .members()
        .iter()
        .filter_map(|member| match member.kind {
            MemberKind::Other(flag) => Some(format!("{flag:02x}")),
            _ => None,
        })
        .collect();
    all(value, |flag| flag == "37" || flags.iter().any(|found| found == flag))
}

/// A fact of some members, by name.
fn each(members: &Members, value: &Value, fact: fn(&Member) -> Value) -> Result<(), String> {
    for (name, wanted) in value.as_object().into_iter().flatten() {
        let member = get(members, name).ok_or(format!("no {name}"))?;
        equal(wanted, fact(member)).map_err(|why| format!("{name}: {why}"))?;
    }
    Ok(())
}

/// A member by a name in any spelling.
fn get<'a>(members: &'a Members, name: &str) -> Option<&'a Member> {
    members.get(MemberName::new(name.as_bytes()).as_bytes())
}

/// Whether something holds for each text of a list.
fn all(value: &Value, test: impl Fn(&str) -> bool) -> Result<(), String> {
    let texts = value.as_array().ok_or("no list")?;
    texts.iter().map(|text| text.as_str().unwrap()).try_for_each(|text| holds(test(text), text))
}

fn equal(wanted: &Value, found: impl Into<Value>) -> Result<(), String> {
    let found = found.into();
    holds(*wanted == found, format!("{found}, expected {wanted}"))
}

fn holds(condition: bool, why: impl std::fmt::Debug) -> Result<(), String> {
    if condition { Ok(()) } else { Err(format!("{why:?}")) }
}

/// Whether a finding says something.
fn told(archive: &Archive, text: &str) -> bool {
    archive.findings().iter().any(|finding| finding.text.contains(text))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn name(member: &Member) -> String {
    String::from_utf8_lossy(member.name.as_bytes()).into_owned()
}

fn sha256(member: &Member) -> Value {
    hex(&Sha256::digest(member.bytes(("image", u64::MAX)).unwrap())).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
