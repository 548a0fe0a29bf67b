//! The JSON documents of images: indexes, manifests and configurations, and the list in a docker-archive.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::{Each, Field, First, Strings, Take};

/// What a document says about a blob: the object of that name in the OCI image specification.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Descriptor {
    /// `mediaType`
    pub(super) media_type: Field<String>,
    /// `digest`, not checked yet.
    pub(super) digest: Field<String>,
    /// `size`, in bytes.
    pub(super) size: Field<u64>,
    /// `urls`: where the blob could be fetched from, which never happens.
    pub(super) urls: Field<First>,
    /// `data`: the blob itself, in base64.
    pub(super) data: Field<String>,
    /// `annotations`
    pub(super) annotations: Field<Strings>,
}

impl Descriptor {
    /// What is of a wrong type in it.
    pub(super) fn complaints(&self) -> impl Iterator<Item = String> {
        let fields = [
            self.media_type.complaint("mediaType"),
            self.digest.complaint("digest"),
            self.size.complaint("size"),
            self.urls.complaint("urls"),
            self.data.complaint("data"),
            self.annotations.complaint("annotations"),
        ];
        fields.into_iter().flatten()
    }
}

impl Take for Descriptor {
    const EXPECTED: &'static str = "a descriptor";

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut descriptor = Self::default();
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "mediaType" => descriptor.media_type = object.next_value()?,
                "digest" => descriptor.digest = object.next_value()?,
                "size" => descriptor.size = object.next_value()?,
                "urls" => descriptor.urls = object.next_value()?,
                "data" => descriptor.data = object.next_value()?,
                "annotations" => descriptor.annotations = object.next_value()?,
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(descriptor))
    }
}

/// What some editors put in front of a text, and no JSON parser takes.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Which list of a document a descriptor stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// `manifests` of an index.
    Manifest,
    /// `config` of a manifest.
    Config,
    /// `layers` of a manifest.
    Layer,
}

/// What a document holds beside its descriptors. An index, a manifest and a configuration have no key in common
/// that would mean different things, so one type reads all three.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Whether there is a list of `manifests`: it is an index.
    pub(super) is_index: bool,
    /// Whether there is a list of `layers`: it is a manifest.
    pub(super) is_manifest: bool,
    /// `annotations`
    pub(super) annotations: Field<Strings>,
    /// `created` of a configuration, RFC 3339.
    pub(super) created: Field<String>,
}

impl Document {
    /// Reads a document and hands its descriptors to `sink`, in their order. What stands in front of an error is
    /// taken all the same.
    pub(super) fn read(
        &mut self,
        text: &str,
        sink: &mut dyn FnMut(Role, Field<Descriptor>),
    ) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text.trim_start_matches(BYTE_ORDER_MARK));
        deserializer.deserialize_map(DocumentVisitor { document: self, sink })?;
        deserializer.end()
    }
}

struct DocumentVisitor<'a> {
    document: &'a mut Document,
    sink: &'a mut dyn FnMut(Role, Field<Descriptor>),
}

impl<'de> Visitor<'de> for DocumentVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { document, sink } = self;
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "manifests" => {
                    document.is_index = true;
                    object.next_value_seed(Each::new(|element| sink(Role::Manifest, element)))?;
                }
                "layers" => {
                    document.is_manifest = true;
                    object.next_value_seed(Each::new(|element| sink(Role::Layer, element)))?;
                }
                // A configuration has a `config` of its own, which is no descriptor: who reads one ignores it.
                "config" => sink(Role::Config, object.next_value()?),
                "annotations" => document.annotations = object.next_value()?,
                "created" => document.created = object.next_value()?,
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// What comes out of the `manifest.json` of a docker-archive, in its order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Saved {
    /// The name of a layer of the image that ends next.
    Layer(Field<String>),
    /// An image ends: the name of its configuration, and its first tag.
    Image {
        /// `Config`
        config: Field<String>,
        /// `RepoTags`, which is `null` for an image without a name.
        tag: Field<First>,
    },
}

/// Reads the list of images in a docker-archive and hands on what it finds.
pub(super) fn read_saved(text: &str, sink: &mut dyn FnMut(Saved)) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text.trim_start_matches(BYTE_ORDER_MARK));
    deserializer.deserialize_seq(SavedList(sink))?;
    deserializer.end()
}

struct SavedList<'a>(&'a mut dyn FnMut(Saved));

impl<'de> Visitor<'de> for SavedList<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of images")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(SavedImage(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

struct SavedImage<'a>(&'a mut dyn FnMut(Saved));

impl<'de> DeserializeSeed<'de> for SavedImage<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for SavedImage<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with `Config`, `RepoTags` and `Layers`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let sink = self.0;
        let (mut config, mut tag) = (Field::Absent, Field::Absent);
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "Config" => config = object.next_value()?,
                "RepoTags" => tag = object.next_value()?,
                "Layers" => object.next_value_seed(Each::new(|name| sink(Saved::Layer(name))))?,
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        sink(Saved::Image { config, tag });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> (Document, Vec<(Role, Field<Descriptor>)>, bool) {
        let mut document = Document::default();
        let mut descriptors = Vec::new();
        let read = document.read(text, &mut |role, descriptor| descriptors.push((role, descriptor)));
        (document, descriptors, read.is_ok())
    }

    #[test]
    fn a_wrong_value_takes_nothing_else_along() {
        let (document, descriptors, sound) = document(
            r#"{"created": 7, "layers": [3, {"digest": "a", "size": -1, "new": [{}]}, {"digest": "b", "digest": "c"}]}"#,
        );
        assert!(sound && document.is_manifest && !document.is_index);
        assert_eq!(document.created, Field::Wrong("a number"));
        let [(_, number), (_, Field::Value(negative)), (Role::Layer, Field::Value(twice))] = &descriptors[..]
        else {
            panic!("{descriptors:?}")
        };
        assert_eq!(number.complaint("descriptor").unwrap(), "`descriptor` is a number, not a descriptor");
        assert_eq!(negative.digest, Field::Value("a".into()));
        assert_eq!(
            negative.complaints().collect::<Vec<_>>(),
            ["`size` is a negative number, not a count of bytes"]
        );
        assert_eq!(twice.digest, Field::Value("c".into()));
    }

    #[test]
    fn what_stands_in_front_of_an_error_is_taken() {
        let (document, descriptors, sound) = document("\u{feff}{\"manifests\": [{\"digest\": \"a\"}, {\"dig");
        assert!(!sound && document.is_index);
        assert_eq!(descriptors.len(), 1);
        assert!(!self::document("[]").2 && !self::document("{} x").2);
    }

    #[test]
    fn saved_images_come_behind_their_layers() {
        let mut saved = Vec::new();
        let text = r#"[{"RepoTags": ["t", "u"], "Layers": ["a", 1], "Config": "c"}, {"Layers": null}]"#;
        read_saved(text, &mut |event| saved.push(event)).unwrap();
        let image = |config, tag| Saved::Image { config, tag };
        assert_eq!(
            saved,
            [
                Saved::Layer(Field::Value("a".into())),
                Saved::Layer(Field::Wrong("a number")),
                image(Field::Value("c".into()), Field::Value(First(Some("t".into())))),
                image(Field::Absent, Field::Absent),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text: String, json in r#"([\[\]{},:]|"(manifests|layers|config|digest|size|Layers)"|null|-?1|"a"){0,40}"#) {
            for text in [&text, &json] {
                document(text);
                drop(read_saved(text, &mut |_| {}));
            }
        }
    }
}
