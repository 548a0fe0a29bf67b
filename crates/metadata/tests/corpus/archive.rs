//! Just enough of archives to get at the documents of the corpus. The real reader is another crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use icecore_metadata::{Documents, Layout, Metadata, ModificationTimes, Role};
use serde_json::Value;

/// The corpus, or the fixtures of a plain clone.
pub(crate) fn corpus() -> Option<PathBuf> {
    icecore_tests::places().into_iter().next()
}

/// A JSON file of the corpus.
pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// An archive of the corpus: its documents and what else the metadata asks for.
#[derive(Default)]
pub(crate) struct Archive {
    pub(crate) documents: Documents,
    names: BTreeSet<String>,
    kind: String,
    compression: String,
    compressed_diff: bool,
    descriptors_mode: Option<u32>,
    mode_has_type: bool,
    user_names: bool,
    times: BTreeMap<String, i64>,
    all_times: BTreeSet<i64>,
    manifest: BTreeMap<String, String>,
    index: BTreeMap<String, String>,
    file_name: String,
}

impl Archive {
    /// Opens a tar, a directory of images, a `dir:` image or a `ctr` export.
    pub(crate) fn open(path: &Path, kind: &str) -> Archive {
        let mut archive = Archive { kind: kind.to_owned(), ..Default::default() };
        archive.file_name = path.file_name().unwrap().to_string_lossy().into_owned();
        match kind {
            "oci-dir" => archive.add_image_directory(path),
            "ctr-export" => archive.add_ctr_export(&members(&fs::read(path).unwrap())),
            "directory" => archive.add_directory(path),
            _ => {
                let (compression, tar) = decompress(&fs::read(path).unwrap());
                archive.compression = compression.to_owned();
                archive.add_tar(&tar);
            }
        }
        archive
    }

    pub(crate) fn metadata(&self) -> Metadata {
        let has = |name: &str| self.names.contains(name);
        let mut layout = Layout::new(&has);
        layout.kind = &self.kind;
        layout.compression = &self.compression;
        layout.compressed_diff = self.compressed_diff;
        layout.descriptors_mode = self.descriptors_mode;
        layout.mode_has_type = Some(self.mode_has_type);
        layout.user_names = Some(self.user_names);
        layout.times = ModificationTimes { members: self.times.clone(), all_equal: self.all_times.len() < 2 };
        layout.manifest.clone_from(&self.manifest);
        layout.index.clone_from(&self.index);
        layout.file_name = Some(&self.file_name);
        Metadata::new(&self.documents, &layout)
    }

    fn add_tar(&mut self, tar: &[u8]) {
        let mut archive = tar::Archive::new(tar);
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = path.trim_start_matches("./").trim_matches('/').to_owned();
            let header = entry.header();
            let (mode, seconds) =
                (header.mode().unwrap_or(0), i64::try_from(header.mtime().unwrap_or(0)).unwrap_or(0));
            self.mode_has_type |= mode > 0o7777;
            self.user_names |= header.username_bytes().is_some_and(|name| !name.is_empty());
            let mut bytes = Vec::new();
            if !name.ends_with(".img") {
                entry.read_to_end(&mut bytes).unwrap();
            }
            self.add_member(&name, &bytes, mode, seconds);
        }
    }

    fn add_member(&mut self, name: &str, bytes: &[u8], mode: u32, seconds: i64) {
        self.names.insert(name.to_owned());
        for (at, _) in name.match_indices('/') {
            self.names.insert(name[..at].to_owned());
        }
        self.all_times.insert(seconds);
        if ModificationTimes::MEMBERS.contains(&name) {
            self.times.insert(name.to_owned(), seconds);
        }
        if name.ends_with("descriptors.json") {
            self.descriptors_mode = Some(mode);
        }
        if name == "rootfs-diff.tar" {
            self.compressed_diff = bytes.starts_with(&[0x1f, 0x8b]);
        }
        self.documents.add(name, bytes);
    }

    fn add_directory(&mut self, path: &Path) {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let mode = mode(&entry.metadata().unwrap());
            let bytes =
                if name.ends_with(".img") { Vec::new() } else { fs::read(entry.path()).unwrap_or_default() };
            // Copies of the corpus have other times than the engines gave.
            self.add_member(&name, &bytes, mode, 0);
        }
        if let Ok(bytes) = fs::read(path.join("../config.json")) {
            self.documents.add_as(Role::ConfigJson, "../config.json", &bytes);
        }
    }

    /// A `dir:` image: a manifest, and blobs named by their digits.
    fn add_image_directory(&mut self, path: &Path) {
        let manifest = json(&path.join("manifest.json"));
        self.manifest = texts(&manifest["annotations"]);
        for layer in manifest["layers"].as_array().unwrap() {
            let digest = layer["digest"].as_str().unwrap().trim_start_matches("sha256:");
            self.add_tar(&decompress(&fs::read(path.join(digest)).unwrap()).1);
        }
    }

    /// index.json names the index of the checkpoint, which names its parts.
    fn add_ctr_export(&mut self, members: &BTreeMap<String, Vec<u8>>) {
        let blob =
            |digest: &Value| &members[&format!("blobs/{}", digest.as_str().unwrap().replace(':', "/"))];
        let top: Value = serde_json::from_slice(&members["index.json"]).unwrap();
        let index: Value = serde_json::from_slice(blob(&top["manifests"][0]["digest"])).unwrap();
        self.index = texts(&index["annotations"]);
        for part in index["manifests"].as_array().unwrap() {
            let media_type = part["mediaType"].as_str().unwrap();
            if media_type.ends_with("criu.checkpoint.criu.tar") {
                self.add_tar(blob(&part["digest"]));
            } else if let Some(role) = Role::of_media_type(media_type) {
                self.documents.add_as(role, part["digest"].as_str().unwrap(), blob(&part["digest"]));
            }
        }
    }
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions())
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0
}

/// The regular members of a tar.
fn members(tar: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (String::from_utf8_lossy(&entry.path_bytes()).into_owned(), bytes)
    });
    entries.collect()
}

/// Name of the compression and the decompressed bytes.
fn decompress(bytes: &[u8]) -> (&'static str, Vec<u8>) {
    let mut plain = Vec::new();
    let name = match bytes {
        [0x1f, 0x8b, ..] => {
            flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
            "gzip"
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            ruzstd::decoding::StreamingDecoder::new(bytes).unwrap().read_to_end(&mut plain).unwrap();
            "zstd"
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            lzma_rust2::XzReader::new(bytes, true).read_to_end(&mut plain).unwrap();
            "xz"
        }
        _ => {
            plain.extend_from_slice(bytes);
            "none"
        }
    };
    (name, plain)
}

fn texts(object: &Value) -> BTreeMap<String, String> {
    let entries = object.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
