//! The earlier checkpoints that lie beside a directory of images, as incremental dumps leave them.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use icecore_archive::{Archive, Options};

use crate::Checkpoint;

/// The most links that are followed.
const LONGEST: usize = 64;

/// Follows the links `parent` from a directory: each must be relative, lead to a directory beside it, and that must
/// hold `inventory.img`. Nothing else on this machine is opened, whatever a link says.
pub(crate) fn open(directory: &Path, options: &Options) -> Vec<Checkpoint> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = fs::canonicalize(directory);
    while let Ok(here) = next {
        if found.len() >= LONGEST || !seen.insert(here.clone()) {
            break;
        }
        next = sibling(&here);
        let Ok(path) = &next else { break };
        let opened = Archive::open_path(path, options).map_err(crate::Error::from);
        match opened.and_then(Checkpoint::from_archive).map(|mut all| all.pop()) {
            Ok(Some(checkpoint)) if !seen.contains(path) => found.push(checkpoint),
            _ => break,
        }
    }
    found
}

/// The directory beside this one that its link `parent` names.
fn sibling(directory: &Path) -> io::Result<PathBuf> {
    let target = fs::read_link(directory.join("parent"))?;
    // `./../1` is `../1`.
    let mut components = target.components().filter(|part| *part != Component::CurDir);
    let (Some(Component::ParentDir), Some(Component::Normal(name)), None) =
        (components.next(), components.next(), components.next())
    else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let sibling = directory.parent().ok_or(io::ErrorKind::NotFound)?.join(name);
    let is_sound = fs::symlink_metadata(&sibling)?.is_dir()
        && fs::symlink_metadata(sibling.join("inventory.img"))?.is_file();
    if is_sound { Ok(sibling) } else { Err(io::ErrorKind::NotFound.into()) }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Two directories of images and one without, the link of the first as given.
    fn leads_to(link: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, file) in [("final", "inventory.img"), ("1", "inventory.img"), ("other", "readme")] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join(file), "").unwrap();
        }
        symlink(
            link.replace("HERE", &folder.path().display().to_string()),
            folder.path().join("final/parent"),
        )
        .unwrap();
        let found = sibling(&folder.path().join("final")).ok()?;
        Some(found.file_name().unwrap().to_str().unwrap().to_owned())
    }

    #[test]
    fn a_link_leads_to_a_directory_of_images_beside_it_however_it_is_written() {
        for link in ["../1", "../1/", "./../1", ".././1", "..//1/."] {
            assert_eq!(leads_to(link).as_deref(), Some("1"), "{link}");
        }
    }

    #[test]
    fn a_link_leads_nowhere_else() {
        for link in ["HERE/1", "1", "..", "../other", "../none", "../../1", "../1/../1", "/", "."] {
            assert_eq!(leads_to(link), None, "{link}");
        }
    }
}
