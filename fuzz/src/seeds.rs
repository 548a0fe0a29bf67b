//! Where seeds come from: files of this folder, and fixtures of the repository by reference.

use std::fs;
use std::path::{Path, PathBuf};

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
