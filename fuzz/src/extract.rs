//! Bytes as the files of a container, taken out beside something to lose.

mod hostile;
mod scene;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use icecore_analysis::hashes::Sha256;
use icecore_archive::{Archive, Member, MemberKind, Options};
use icecore_inspect::{Io, Terminal, run};
use icecore_synth::Tar;
use serde_json::Value;

use crate::{named, split};
use hostile::Script;
use scene::{Scene, Seen, Walk};

/// The first byte of an input: which rules of an engine its files have, and what is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask(u8);

impl Ask {
    /// What follows are the members of an archive as they are, as in the target `checkpoint`; without it, what follows
    /// makes members whose names and links lead elsewhere.
    pub(crate) const RAW: u8 = 1;
    pub(crate) const LINKS: u8 = 1 << 1;
    const SET_ID: u8 = 1 << 2;
    pub(crate) const SUMS: u8 = 1 << 3;
    /// Into one tar instead of a directory.
    const TAR: u8 = 1 << 4;
    /// The last bits pick the engine.
    const ENGINE: u32 = 5;

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    fn spec(self) -> &'static str {
        const SPECS: [&str; 3] = [
            r#"{"annotations":{"io.container.manager":"cri-o"}}"#,
            r#"{"annotations":{"io.kubernetes.cri.container-type":"container"}}"#,
            r#"{"annotations":{"io.container.manager":"libpod"}}"#,
        ];
        SPECS[usize::from(self.0 >> Self::ENGINE) % SPECS.len()]
    }

    fn options<'a>(self) -> impl Iterator<Item = &'a str> {
        let options = [(self.has(Self::LINKS), "--links"), (self.has(Self::SET_ID), "--set-id")];
        let options = options.into_iter().chain([(!self.has(Self::SUMS), "--no-hash")]);
        options.filter_map(|(wanted, option)| wanted.then_some(option))
    }
}

/// The members of an input that count.
const MEMBERS: usize = 40;
/// The bytes of a tar that are looked at: holes make it large.
const OUTPUT: usize = 8 << 20;
const MANIFEST: &str = "manifest.json";

/// Makes an archive, extracts it with the command, and looks around.
///
/// # Panics
/// If anything beside the directory changed; anything in it is not whole, a device, or a link or set-user-ID without being
/// asked for; the manifest does not tell exactly what is there.
pub fn extract(data: &[u8]) {
    let Some((&ask, rest)) = data.split_first() else { return };
    let ask = Ask(ask);
    let archive = if ask.has(Ask::RAW) { raw(ask, rest) } else { Script::new(rest).archive(ask.spec()) };
    if ask.has(Ask::TAR) {
        let mut out = Bounded::default();
        let code = ask_for(ask, archive, "-", &mut out);
        if code <= 1 && !out.closed {
            check_tar(ask, out.bytes);
        }
        return;
    }
    let scene = Scene::new();
    let before = scene.around();
    let code = ask_for(ask, archive, scene.out(), &mut io::sink());
    assert_eq!(before, scene.around(), "something beside the directory changed");
    let mut inside = scene.inside();
    match inside.remove(MANIFEST) {
        Some(manifest) => check(ask, &manifest, &inside),
        None => assert!(code == 2 && !inside.keys().any(|name| is_partial(name)), "{inside:?}"),
    }
}

/// The members of the input, and those that make it a checkpoint of an engine if it has none of their names.
fn raw(ask: Ask, data: &[u8]) -> Vec<u8> {
    let files = split(data, MEMBERS).into_iter().map(named);
    let tar = Tar::new().file("spec.dump", ask.spec()).file("config.dump", "{}");
    let tar = tar.file("checkpoint/inventory.img", icecore_synth::image::inventory());
    files.fold(tar, |tar, (name, bytes)| tar.file(name, bytes)).finish()
}

/// Extracts an archive into a directory, or with `-` into the stream; gives the exit code.
fn ask_for(ask: Ask, archive: Vec<u8>, output: &str, out: &mut dyn Write) -> u8 {
    let words = ["icecore", "extract", "-", "--max-output", "16M", "-o", output].into_iter();
    let mut err = Vec::new();
    let input: Option<Box<dyn io::Read + Send>> = Some(Box::new(io::Cursor::new(archive)));
    let mut io = Io { out, err: &mut err, input, terminal: Terminal::default() };
    let code = run(words.chain(ask.options()).map(Into::into), &mut io);
    assert!(code <= 2, "exit code {code}: {}", String::from_utf8_lossy(&err));
    code
}

/// Looks at what is in the directory.
fn check(ask: Ask, manifest: &Seen, inside: &Walk) {
    let mut told = places(manifest.bytes.as_ref().expect("a manifest that can be read"));
    let mut folded = HashSet::new();
    for (name, seen) in inside {
        check_name(name);
        assert!(folded.insert(name.to_lowercase()), "two names where case is folded: {name}");
        let kind = seen.kind();
        assert!(
            matches!(kind, "file" | "dir") || ask.has(Ask::LINKS) && kind == "symlink",
            "{name}: {seen:?}"
        );
        assert!(ask.has(Ask::SET_ID) || kind == "symlink" || seen.mode & 0o7000 == 0, "{name}: {seen:?}");
        // What was made on the way to another is not told.
        let Some(row) = told.remove(name) else {
            assert_eq!(kind, "dir", "{name} is not in the manifest");
            continue;
        };
        assert_eq!(row["type"], kind, "{name}: {row}");
        if let (Some(told), Some(bytes)) = (row["sha256"].as_str(), &seen.bytes) {
            assert_eq!(told, Sha256::of(bytes).to_string(), "{name}: {row}");
        }
    }
    assert!(told.is_empty(), "in the manifest and nowhere else: {:?}", told.keys());
}

/// The rows of a manifest that have a place, by it.
fn places(manifest: &[u8]) -> BTreeMap<String, Value> {
    let document: Value = serde_json::from_slice(manifest).expect("a manifest is JSON");
    let rows = document["extracted"].as_array().expect("a manifest has its list").iter();
    let mut places = BTreeMap::new();
    for row in rows {
        match row["file"].as_str() {
            Some(file) => {
                let before = places.insert(file.to_owned(), row.clone());
                assert!(before.is_none() || row["type"] == "dir", "two in one place: {before:?}, {row}");
            }
            None => assert!(row["why"].is_string(), "neither written nor told why: {row}"),
        }
    }
    places
}

/// Looks at a tar as somebody would who unpacks it without a thought.
fn check_tar(ask: Ask, tar: Vec<u8>) {
    let archive = Archive::open(std::sync::Arc::new(tar), &Options::default()).expect("a tar");
    let manifest = archive.members().file(MANIFEST.as_bytes()).expect("a manifest");
    let manifest = manifest.bytes((MANIFEST, u64::MAX)).expect("a manifest that is there");
    let mut told = places(&manifest);
    for member in archive.members().iter().filter(|member| member.name.as_bytes() != MANIFEST.as_bytes()) {
        let name = std::str::from_utf8(member.name.as_bytes()).expect("safe names are text");
        check_name(name);
        let known = match member.kind {
            MemberKind::File | MemberKind::Directory => true,
            MemberKind::Hardlink => leads_to_a_file(&archive, member),
            MemberKind::Symlink => ask.has(Ask::LINKS),
            _ => false,
        };
        assert!(known, "{member:?}");
        assert!(ask.has(Ask::SET_ID) || member.mode & 0o7000 == 0, "{member:?}");
        assert!(told.remove(name).is_some() || member.kind == MemberKind::Directory, "not told: {name}");
    }
    assert!(told.is_empty(), "in the manifest, not in the tar: {:?}", told.keys());
}

/// Whether a further name has one that stands in the tar itself, and leads nowhere else.
fn leads_to_a_file(archive: &Archive, member: &Member) -> bool {
    let target = member.link().unwrap_or_default();
    archive.members().iter().any(|it| it.kind == MemberKind::File && it.name.as_bytes() == target)
}

/// Names lead down, are not those of unfinished files, and do nothing to a terminal.
fn check_name(name: &str) {
    let is_safe = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= 255;
    assert!(name.split('/').all(is_safe) && !is_partial(name), "{name:?}");
    assert!(!name.chars().any(|c| c.is_control() || c == '\\'), "{name:?}");
}

fn is_partial(name: &str) -> bool {
    name.contains("%partial")
}

/// A stream that takes [`OUTPUT`] bytes and is closed then.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    closed: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.closed |= self.bytes.len() + bytes.len() > OUTPUT;
        if self.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
