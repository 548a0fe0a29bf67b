//! The cases of the corpus and the files in their archives.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use icecore_images::{Image, Kind};
use serde_json::Value;

/// A folder of the corpus.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Its images, but for pages, compressed tars, and logs.
    pub(crate) images: Vec<File>,
    /// `expected.json`: what the case was made to be.
    pub(crate) expected: Value,
    /// What crit printed: paths and texts.
    pub(crate) crit: Vec<File>,
}

/// A file of a case, in an archive or not.
pub(crate) struct File {
    /// The archive, or empty.
    pub(crate) archive: String,
    /// Where it lies there, or in the folder.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    /// The name without directories.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    fn is_image(&self) -> bool {
        let content = [Kind::Pages, Kind::TmpfsDev, Kind::TmpfsImg, Kind::Log];
        Image::parse(&self.path, &self.bytes).is_ok_and(|image| !content.contains(&image.kind()))
    }
}

/// The cases with their images, read once; none if there is no corpus, which is an error if the environment
/// says so.
pub(crate) fn cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(read);
    &CASES
}

fn read() -> Vec<Case> {
    let Some(corpus) = icecore_tests::places().into_iter().next() else { return Vec::new() };
    let mut folders = folders(&corpus);
    // Of the broken ones those that are about images; others are about tars, and some are bombs.
    let broken = self::folders(&corpus.join("broken")).into_iter();
    folders.extend(broken.filter(|path| expected(path)["level"] == "image"));
    folders.into_iter().map(|path| Case::read(&path)).collect()
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> =
        fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.retain(|path| path.is_dir() && !path.ends_with("broken") && !path.ends_with("schema"));
    folders
}

fn expected(folder: &Path) -> Value {
    fs::read(folder.join("expected.json"))
        .map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap())
}

impl Case {
    /// Whether it is one of the damaged and hostile ones.
    pub(crate) fn is_broken(&self) -> bool {
        self.expected["level"].is_string()
    }

    fn read(folder: &Path) -> Self {
        let mut images = Vec::new();
        let mut crit = Vec::new();
        walk(folder, folder, &mut |relative, path| match relative {
            "rootfs.tar.gz" => {}
            "crit.tar.gz" => crit = unpack(relative, &fs::read(path).unwrap()).unwrap(),
            _ => {
                let bytes = fs::read(path).unwrap();
                match unpack(relative, &bytes) {
                    Some(members) => images.extend(members),
                    None => images.push(File { archive: String::new(), path: relative.into(), bytes }),
                }
            }
        });
        images.retain(File::is_image);
        let name = folder.file_name().unwrap().to_string_lossy().into();
        Self { name, images, expected: expected(folder), crit }
    }
}

fn walk(root: &Path, folder: &Path, visit: &mut impl FnMut(&str, &Path)) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(root, &path, visit);
        } else if kind.is_file() {
            visit(&path.strip_prefix(root).unwrap().to_string_lossy(), &path);
        }
    }
}

/// The members of a tar, plain or compressed; what is damaged ends the list.
fn unpack(name: &str, bytes: &[u8]) -> Option<Vec<File>> {
    let mut plain = Vec::new();
    let cursor = Cursor::new(bytes);
    let _ = match bytes.get(..4)? {
        [0x1f, 0x8b, ..] => flate2::read::MultiGzDecoder::new(cursor).read_to_end(&mut plain),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            ruzstd::decoding::StreamingDecoder::new(cursor).ok()?.read_to_end(&mut plain)
        }
        [0xfd, b'7', b'z', b'X'] => {
            let reader = lzma_rust2::XzReader::new(cursor, true);
            reader.take(64 << 20).read_to_end(&mut plain)
        }
        _ => {
            plain = bytes.to_vec();
            Ok(0)
        }
    };
    if plain.get(257..262)? != b"ustar" {
        return None;
    }
    let mut files = Vec::new();
    for entry in tar::Archive::new(&plain[..]).entries().ok()? {
        let Ok(mut entry) = entry else { break };
        if !entry.header().entry_type().is_file() || entry.size() > 64 << 20 {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_string();
        let mut bytes = Vec::new();
        if entry.read_to_end(&mut bytes).is_err() {
            break;
        }
        files.push(File { archive: name.into(), path, bytes });
    }
    Some(files)
}
