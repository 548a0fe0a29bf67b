//! Images that hold a checkpoint: OCI layouts and docker-archives.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Tar;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The digest by which a blob is named: `sha256:` and 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// An OCI image layout in the making: files below one directory.
#[derive(Debug, Clone)]
pub struct OciLayout {
    files: Vec<(String, Vec<u8>)>,
    descriptors: Vec<Value>,
}

impl Default for OciLayout {
    fn default() -> Self {
        Self::new()
    }
}

impl OciLayout {
    /// A layout with nothing in its index.
    pub fn new() -> Self {
        let mark = (String::from("oci-layout"), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec());
        Self { files: vec![mark], descriptors: Vec::new() }
    }

    /// Adds a blob and gives its descriptor: media type, digest, size.
    pub fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = digest(bytes);
        self.files.push((format!("blobs/{}", digest.replace(':', "/")), bytes.to_vec()));
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    /// Adds an image: layers as media type and bytes, annotations of its manifest.
    #[must_use]
    pub fn image(self, layers: &[(&str, &[u8])], annotations: &[(&str, &str)]) -> Self {
        let mut layout = self;
        let layers: Vec<Value> = layers.iter().map(|(media, bytes)| layout.blob(media, bytes)).collect();
        let config = layout.blob(CONFIG, br#"{"architecture":"amd64","os":"linux","rootfs":{}}"#);
        let annotations: serde_json::Map<_, _> =
            annotations.iter().map(|(key, value)| (String::from(*key), Value::from(*value))).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": layers,
            "annotations": annotations,
        });
        let descriptor = layout.blob(MANIFEST, manifest.to_string().as_bytes());
        layout.descriptor(descriptor)
    }

    /// Adds any descriptor to the index.
    #[must_use]
    pub fn descriptor(mut self, descriptor: Value) -> Self {
        self.descriptors.push(descriptor);
        self
    }

    /// The files with their names.
    pub fn files(mut self) -> Vec<(String, Vec<u8>)> {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": self.descriptors});
        self.files.push((String::from("index.json"), index.to_string().into_bytes()));
        self.files
    }

    /// The layout as a tar.
    pub fn tar(self) -> Vec<u8> {
        self.files().iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes)).finish()
    }
}

/// A tar as `docker save` writes it, in the making.
#[derive(Debug, Clone, Default)]
pub struct DockerArchive {
    tar: Tar,
    layers: Vec<String>,
}

impl DockerArchive {
    /// One without layers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a layer, a tar.
    #[must_use]
    pub fn layer(self, bytes: &[u8]) -> Self {
        let name = format!("{}.tar", digest(bytes).replace("sha256:", ""));
        let tar = self.tar.file(&name, bytes);
        Self { tar, ..self }.layer_named(&name)
    }

    /// Names a layer in the manifest, whether it is there or not.
    #[must_use]
    pub fn layer_named(mut self, name: &str) -> Self {
        self.layers.push(name.into());
        self
    }

    /// The archive.
    pub fn finish(self) -> Vec<u8> {
        let config = br#"{"architecture":"amd64","os":"linux"}"#;
        let name = format!("{}.json", digest(config).replace("sha256:", ""));
        let manifest = json!([{"Config": name, "RepoTags": ["synthetic:latest"], "Layers": self.layers}]);
        self.tar.file(&name, config).file("manifest.json", manifest.to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_have_the_names_of_their_digests() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest(b""), format!("sha256:{empty}"));
        let mut layout = OciLayout::new();
        let descriptor = layout.blob("text/plain", b"");
        assert_eq!(descriptor["digest"], digest(b""));
        assert!(layout.files().iter().any(|(name, _)| *name == format!("blobs/sha256/{empty}")));
    }

    #[test]
    fn the_index_leads_to_the_layer() {
        let layout =
            OciLayout::new().image(&[("application/vnd.oci.image.layer.v1.tar", b"layer")], &[("a", "b")]);
        let files: std::collections::BTreeMap<_, _> = layout.files().into_iter().collect();
        let blob = |descriptor: &Value| {
            let name = descriptor["digest"].as_str().unwrap().replace(':', "/");
            files[&format!("blobs/{name}")].clone()
        };
        let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
        let manifest: Value = serde_json::from_slice(&blob(&index["manifests"][0])).unwrap();
        assert_eq!(manifest["annotations"]["a"], "b");
        assert_eq!(blob(&manifest["layers"][0]), b"layer");
    }
}
