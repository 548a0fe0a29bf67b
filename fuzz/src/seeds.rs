//! Where seeds come from: files of this folder, and fixtures of the repository by reference.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use icecore_archive::{Archive, Member, Options};
use icecore_images::Kind;
use icecore_metadata::Role;
use icecore_synth::Random;
use icecore_synth::address_space::{AddressSpace, Coding, PARENT, Vma};

use crate::BETWEEN;
use crate::extract::Ask;
use crate::image::BY_ROW;

/// Files above this are left out, in bytes: a fuzzer is as fast as its seeds are small.
const LARGEST: u64 = 160 << 10;

/// Broken archives, and sound ones of each container kind.
pub fn archives() -> Vec<(String, Vec<u8>)> {
    let fixtures = here("../fixtures");
    let mut paths = files(&here("seeds/archive"));
    for folder in ["broken", "minimal", "stream-minimal", "podman-pod", "podman-precopy", "user-namespace"] {
        paths.extend(files(&fixtures.join(folder)));
    }
    paths.extend(files(&fixtures.join("podman-depot-image")));
    let is_document = |path: &Path| {
        let end = path.extension().and_then(|end| end.to_str());
        matches!(end, Some("json" | "md")) || path.to_string_lossy().ends_with(".json.gz")
    };
    paths.retain(|path| !is_document(path));
    read(&paths)
}

/// The images of small checkpoints, each with its name; of pages nothing. And images of every kind.
pub fn images() -> Vec<(String, Vec<u8>)> {
    let is_image = |name: &[u8]| {
        let pages = name.starts_with(b"pages-") || name.starts_with(b"tmpfs-");
        (name.ends_with(b".img") || name.starts_with(b"stats-")) && !pages
    };
    let name = |archive: &str, file: &str| format!("{archive} // {file}");
    let of_archive = |(archive, files): Files| {
        files.into_iter().map(move |(file, bytes)| (name(&archive, &file), input(&[(file, bytes)])))
    };
    unique(members(&is_image).into_iter().flat_map(of_archive).chain(rows()).collect())
}

/// Images of every kind, checkpoints of which may be rare: two records of random values each, in both byte orders.
fn rows() -> impl Iterator<Item = (String, Vec<u8>)> {
    let ways = Kind::ALL.iter().enumerate().flat_map(|(row, kind)| [0, 1].map(|way| (row, *kind, way)));
    ways.map(|(row, kind, way)| {
        let choices: Vec<u8> = (0..251u8).map(|index| index.wrapping_mul(97) ^ (index >> 2)).collect();
        let mut random = Random::new(&choices).with_unknown(way == 1);
        let mut body = Vec::new();
        for message in (0..2).filter_map(|index| kind.message_at(index)) {
            let record = random.record(message.name, 2).encode();
            let length = record.as_bytes().len() as u32;
            body.extend(if way == 0 { length.to_le_bytes() } else { length.to_be_bytes() });
            body.extend(record.as_bytes());
        }
        let row = u8::try_from(row).expect("a byte picks a row");
        (format!("{kind} // way {way}"), [&[BY_ROW, row, way], &body[..]].concat())
    })
}

/// Whole checkpoints that are small: what matters of each, without large files.
pub fn checkpoints() -> Vec<(String, Vec<u8>)> {
    let is_telling = |name: &[u8]| !name.ends_with(b".tar.gz.img") && !name.ends_with(b".log");
    let files = members(&is_telling).into_iter();
    let small = files.map(|(archive, files)| (archive, input(&files)));
    unique(small.filter(|(_, bytes)| bytes.len() as u64 <= LARGEST).collect())
}

/// The files of small checkpoints with the images that name some, and scripts of every way to ask.
pub fn extractions() -> Vec<(String, Vec<u8>)> {
    let of_files = |name: &[u8]| {
        let prefixes = [
            "ghost-file-",
            "remap-fpath",
            "files.img",
            "mountpoints-",
            "tmpfs-dev-",
            "memfd",
            "pagemap-shmem-",
        ];
        let is_archive = name.ends_with(b".tar") || name == b"deleted.files";
        is_archive || prefixes.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
    };
    let asked = |ask: u8, rest: &[u8]| [&[ask], rest].concat();
    let real = members(&of_files).into_iter();
    let real =
        real.map(|(archive, files)| (archive, asked(Ask::RAW | Ask::LINKS | Ask::SUMS, &input(&files))));
    let made = (0..=u8::MAX).step_by(2).map(|ask| {
        let script = (0..1200u32).map(|index| (index.wrapping_mul(0x9e37_79b1) >> 13) as u8 ^ ask);
        (format!("script {ask:#x}"), asked(ask, &script.collect::<Vec<_>>()))
    });
    unique(real.filter(|(_, bytes)| bytes.len() as u64 <= LARGEST).chain(made).collect())
}

/// The documents of checkpoints and of those whose documents are broken, those of one archive together.
pub fn documents() -> Vec<(String, Vec<u8>)> {
    let roles: Vec<&str> = Role::members().map(|name| name.rsplit('/').next().unwrap_or(name)).collect();
    let is_document = |name: &[u8]| roles.iter().any(|role| role.as_bytes() == name);
    let files = members(&is_document).into_iter();
    unique(files.map(|(archive, files)| (archive, input(&files))).collect())
}

/// Address spaces: those of small checkpoints with the pages that are small, and one made to measure in every coding.
pub fn address_spaces() -> Vec<(String, Vec<u8>)> {
    let of_memory = |name: &[u8]| {
        let prefixes = ["mm-", "pagemap-", "pages-", "inventory", "files", "memfd", "ipcns-shm"];
        name.ends_with(b".img") && prefixes.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
    };
    let real = members(&of_memory).into_iter().map(|(archive, files)| {
        let plain =
            |(name, bytes): (String, Vec<u8>)| (name.rsplit('/').next().unwrap_or("").to_owned(), bytes);
        (archive, input(&files.into_iter().map(plain).collect::<Vec<_>>()))
    });
    let codings =
        [Coding::Fields, Coding::Old, Coding::Oldest, Coding::Blocks(2, false), Coding::Blocks(1, true)];
    let made = codings.into_iter().map(|coding| (format!("{coding:?}"), made(coding)));
    unique(real.filter(|(_, bytes)| bytes.len() as u64 <= LARGEST).chain(made).collect())
}

/// An address space with pages of every source, in two checkpoints.
fn made(coding: Coding) -> Vec<u8> {
    let page = |byte: u8| [byte; 4096];
    let space = AddressSpace::new(1, 4096)
        .coding(coding)
        .area(Vma::anon(0x1000, 0x6000))
        .area(Vma::shared(0x6000, 0x9000, 5, 0))
        .area(Vma::guard(0x4000, 0x5000))
        .stored(0, 0x1000, &[page(b'a'), page(b'b')].concat())
        .entry(0, 0x3000, 1, PARENT)
        .stored(1, 0x3000, &page(b'c'))
        .shared(5, 4096, &page(b'd'));
    let mut files = Vec::new();
    for (images, folder) in space.images().into_iter().zip(["checkpoint", "parent-1"]) {
        files.extend(images.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
    }
    files.push(("checkpoint/parent".to_owned(), b"-> ../parent-1".to_vec()));
    input(&files)
}

/// Each input once: broken archives share most of their members.
fn unique(mut seeds: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    seeds.sort_by(|(_, left), (_, right)| left.cmp(right));
    seeds.dedup_by(|(_, left), (_, right)| left == right);
    seeds
}

/// Files as the input of a target.
fn input(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let files: Vec<Vec<u8>> =
        files.iter().map(|(name, bytes)| [name.as_bytes(), b"\0", bytes].concat()).collect();
    files.join(BETWEEN)
}

/// An archive and some of its members, by the names they have in their checkpoint.
type Files = (String, Vec<(String, Vec<u8>)>);

/// The members of all archives that are seeds, whose file names are wanted and which are small.
fn members(wanted: &dyn Fn(&[u8]) -> bool) -> Vec<Files> {
    let files = |(origin, bytes): (String, Vec<u8>)| {
        let archive = Archive::open(Arc::new(bytes), &Options::default()).ok()?;
        let root = archive.roots().first()?;
        let small = |member: &Member| member.is_file() && member.size <= LARGEST / 4;
        let found = root.iter().filter(|(_, member)| wanted(member.name.file_name()) && small(member));
        let files: Vec<_> = found
            .filter_map(|(name, member)| {
                Some((name.to_string(), member.bytes(("image", LARGEST)).ok()?.into_owned()))
            })
            .collect();
        (!files.is_empty()).then_some((origin, files))
    };
    archives().into_iter().filter_map(files).collect()
}

fn here(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn read(paths: &[PathBuf]) -> Vec<(String, Vec<u8>)> {
    let small =
        paths.iter().filter(|path| fs::metadata(path).is_ok_and(|metadata| metadata.len() <= LARGEST));
    small.filter_map(|path| Some((path.display().to_string(), fs::read(path).ok()?))).collect()
}
