//! The manifest of the image that a container was made from, where a `ctr` export has it (`--image`).
//!
//! It stands among the parts of the checkpoint. Its digest is nowhere but in the name of its blob; its configuration's
//! digest is the image's id. An image of several platforms has an index in that place, and no id.

use crate::document::documents;

documents! {
    /// The manifest, as far as it says which image it is of.
    BaseImage {
        /// The configuration, whose digest is the image's id.
        config: BaseConfig = "config",
    }

    /// The descriptor of a configuration.
    BaseConfig {
        /// Its digest, as `sha256:…`.
        digest: String = "digest",
    }
}

/// The digest that the name of a blob stands for: `sha256:…` of `blobs/sha256/…`.
pub(crate) fn digest_of_blob(name: &str) -> Option<String> {
    let mut parts = name.rsplit('/');
    let (digits, algorithm) = (parts.next()?, parts.next()?);
    let is_digest = digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| format!("{algorithm}:{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Documents, Layout, Metadata, Role};

    const DIGITS: &str = "13b71d4d859cb63f2ad74853edf0e0361329b3167b29f0dbd421b875343ffd83";

    #[test]
    fn names_of_blobs_are_digests() {
        let name = format!("blobs/sha256/{DIGITS}");
        assert_eq!(digest_of_blob(&name), Some(format!("sha256:{DIGITS}")));
        for name in ["index.json", "blobs/sha256/short", "data", ""] {
            assert_eq!(digest_of_blob(name), None, "{name}");
        }
    }

    #[test]
    fn a_manifest_tells_digest_and_id_and_an_index_the_digest_alone() {
        let manifest =
            format!(r#"{{"schemaVersion": 2, "config": {{"digest": "sha256:{}"}}}}"#, "a".repeat(64));
        let id = Some("a".repeat(64));
        for (media_type, document, id) in [
            ("application/vnd.oci.image.manifest.v1+json", manifest.as_str(), &id),
            ("application/vnd.docker.distribution.manifest.v2+json", manifest.as_str(), &id),
            ("application/vnd.oci.image.index.v1+json", r#"{"manifests": []}"#, &None),
        ] {
            let mut documents = Documents::default();
            let role = Role::of_media_type(media_type).unwrap();
            documents.add_as(role, &format!("blobs/sha256/{DIGITS}"), document.as_bytes());
            assert!(documents.findings.is_empty());
            let has = |_: &str| false;
            let image = Metadata::new(&documents, &Layout::new(&has)).container.image;
            assert_eq!(image.digest.map(|fact| fact.value), Some(format!("sha256:{DIGITS}")), "{media_type}");
            assert_eq!(&image.id.map(|fact| fact.value), id, "{media_type}");
        }
    }
}
