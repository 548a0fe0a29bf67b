//! Documents that are plain lists: `deleted.files`, `bind.mounts`, `descriptors.json`.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::crio::BindMount;
use crate::document::Value;
use crate::finding::{Brief, Code, Findings};
use crate::json::{Node, Path};

/// `deleted.files`: paths of the image that the container no longer had. CRI-O and Podman since 1.7.
///
/// A deleted directory is one entry. Names that are not UTF-8 were changed by the engine: a U+FFFD may stand
/// for bytes that are lost. Paths that are no absolute ones of the container are kept, each with a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DeletedFiles {
    /// The paths in the order of the document.
    pub paths: Vec<String>,
}

/// `bind.mounts`: parts of the host's tree that were visible in the container. CRI-O.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct BindMounts {
    /// The mounts in the order of the document.
    pub mounts: Vec<BindMount>,
}

/// `descriptors.json`: what standard input, output and error of the first process were. Written by runc and
/// crun.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Descriptors {
    /// The text of /proc/PID/fd/0, 1 and 2, as `pipe:[174396]`.
    pub links: Vec<String>,
}

impl Value for DeletedFiles {
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        let mut paths: Option<Vec<String>> = None;
        Value::read(&mut paths, node, at, findings)?;
        let paths = paths.unwrap_or_default();
        let mut seen = BTreeSet::new();
        for (index, path) in paths.iter().enumerate() {
            let why = oddity(path).or_else(|| (!seen.insert(path)).then_some("stands in the list twice"));
            if let Some(why) = why {
                let shown = Brief(path);
                findings.at_path(
                    Code::PathOdd,
                    &Path::Index(at, index),
                    format_args!("the path {shown} {why}"),
                );
            }
        }
        *slot = Some(DeletedFiles { paths });
        Ok(())
    }
}

impl Value for BindMounts {
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        let mut mounts = None;
        Value::read(&mut mounts, node, at, findings)?;
        *slot = Some(BindMounts { mounts: mounts.unwrap_or_default() });
        Ok(())
    }
}

impl Value for Descriptors {
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        let mut links = None;
        Value::read(&mut links, node, at, findings)?;
        *slot = Some(Descriptors { links: links.unwrap_or_default() });
        Ok(())
    }
}

/// Why a path is none that an engine writes into a list of files.
fn oddity(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        Some("is empty")
    } else if !path.starts_with('/') {
        Some("is not absolute")
    } else if path.split('/').all(|part| part.is_empty() || part == ".") {
        Some("is the root itself")
    } else if path.split('/').any(|part| part == "..") {
        Some("climbs")
    } else if path.chars().any(|c| c.is_control() || is_bidirectional_control(c)) {
        Some("holds control characters")
    } else {
        None
    }
}

/// Characters that change the order in which a terminal shows the others.
fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Document};

    fn deleted(text: &str) -> (Document<DeletedFiles>, Vec<String>) {
        let mut findings = Findings::new("deleted.files");
        let document = document::read(text.as_bytes(), &mut findings);
        (document, findings.finish().iter().map(|finding| finding.text.clone()).collect())
    }

    #[test]
    fn odd_paths_are_kept_and_told() {
        let (document, texts) =
            deleted(r#"["/etc/motd", "../up", "", "/", "/a/../b", "/c\u001b", "/-rf", "/etc/motd"]"#);
        assert_eq!(document.get().unwrap().paths.len(), 8);
        assert_eq!(
            texts,
            [
                "the path \"../up\" is not absolute",
                "the path \"\" is empty",
                "the path \"/\" is the root itself",
                "the path \"/a/../b\" climbs",
                "the path \"/c\\u{1b}\" holds control characters",
                "the path \"/etc/motd\" stands in the list twice",
            ]
        );
    }

    #[test]
    fn what_is_no_list_is_not_an_empty_one() {
        assert_eq!(deleted("{\"a\": 1}").0, Document::Unreadable);
        assert_eq!(deleted("/etc/motd\n").0, Document::Unreadable);
        assert_eq!(deleted("null").0.get(), Some(&DeletedFiles::default()));
    }

    /// Each path that an engine writes, and each that none does.
    #[test]
    fn paths_are_judged_one_by_one() {
        for path in
            ["/a", "/a/b", "/a//b", "/.a", "/a..b/c", "/...", "/caf\u{e9}", "/a b", "/a\u{fffd}b", "/a/"]
        {
            assert_eq!(oddity(path), None, "{path}");
        }
        for (path, why) in [
            ("", "is empty"),
            ("a", "is not absolute"),
            ("./a", "is not absolute"),
            ("/", "is the root itself"),
            ("//", "is the root itself"),
            ("/./.", "is the root itself"),
            ("/..", "climbs"),
            ("/a/..", "climbs"),
            ("/a\n", "holds control characters"),
            ("/a\0b", "holds control characters"),
            ("/a\u{7f}", "holds control characters"),
            ("/a\u{85}", "holds control characters"),
            ("/txt.\u{202e}gnp", "holds control characters"),
            ("/a\u{2066}b", "holds control characters"),
            ("/a\u{200f}b", "holds control characters"),
            ("/a\u{61c}b", "holds control characters"),
        ] {
            assert_eq!(oddity(path), Some(why), "{path:?}");
        }
    }

    #[test]
    fn items_of_another_type_are_left_out_and_told() {
        let (document, texts) = deleted(r#"["/a", 7, null, ["/b"], "/c"]"#);
        assert_eq!(document.get().unwrap().paths, ["/a", "/c"]);
        assert_eq!(texts.len(), 3);
        assert!(texts[0].contains("expected a string, found the number \"7\""), "{}", texts[0]);
    }

    #[test]
    fn a_flood_of_odd_paths_is_counted() {
        let list = format!("[{}]", vec!["\"x\""; 5000].join(","));
        let (document, texts) = deleted(&list);
        assert_eq!(document.get().unwrap().paths.len(), 5000);
        assert_eq!(texts.len(), crate::PER_CODE + 1);
        assert_eq!(texts.last().unwrap(), "4980 more findings of this kind");
    }
}
