//! Names and bytes as the documents of an engine.

use icecore_metadata::{Documents, Layout, Metadata, Role, logs};

use crate::{named, split};

/// The documents of an input that count.
const DOCUMENTS: usize = 20;

/// Reads files, each by its name or media type, brings them together, and reads each as a container's log.
///
/// # Panics
/// If the same documents give something else the second time, or a fact without a place.
pub fn metadata(data: &[u8]) {
    let files: Vec<(String, &[u8])> = split(data, DOCUMENTS)
        .into_iter()
        .map(|file| {
            let (name, bytes) = named(file);
            (String::from_utf8_lossy(name).into_owned(), bytes)
        })
        .collect();
    let first = read(&files);
    assert!(first == read(&files), "the same documents, read differently");
    for (_, bytes) in &files {
        let texts: usize = logs::messages(bytes).map(|message| message.text.len()).sum();
        assert!(texts <= bytes.len().saturating_mul(2), "a log grows while it is read");
    }
}

/// All that is made of the documents, as text.
fn read(files: &[(String, &[u8])]) -> String {
    let mut documents = Documents::default();
    for (name, bytes) in files {
        if !documents.add(name, bytes)
            && let Some(role) = Role::of_media_type(name)
        {
            documents.add_as(role, name, bytes);
        }
    }
    let has = |name: &str| files.iter().any(|(file, _)| file == name);
    let metadata = Metadata::new(&documents, &Layout::new(&has));
    for (fact, origin) in metadata.container.origins() {
        assert!(!origin.to_string().is_empty(), "{fact} has no place");
    }
    let json = serde_json::to_string(&(&documents, &metadata)).expect("documents can be serialized");
    format!("{json}{:?}", documents.findings)
}
