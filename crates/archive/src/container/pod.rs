//! Pod archives: the checkpoints of several containers in one archive, as tars or as directories.
//!
//! No released engine writes one; the names `pod.options` and `pod.dump` are reserved for it, and the Kubernetes
//! proposal has a folder or a tar for each container. So both are read, wherever there is no checkpoint at the top.

use std::sync::Arc;

use bstr::ByteSlice;

use super::tree;
use crate::archive::{Opener, Root};
use crate::finding::{Code, Finding, Findings};
use crate::{Member, Members};

/// Whether the members are those of a pod.
pub(crate) fn is_pod(members: &Members) -> bool {
    tars(members).next().is_some() || folders(members).nth(1).is_some()
}

/// Whether an engine marked it as a pod's.
pub(crate) fn has_options(members: &Members) -> bool {
    let marked = members.file(b"pod.options").is_some() || members.file(b"pod.dump").is_some();
    marked && (tars(members).next().is_some() || folders(members).next().is_some())
}

/// The checkpoints, in the order of their names.
pub(crate) fn roots(members: &Arc<Members>, opener: &Opener<'_>, findings: &mut Findings) -> Vec<Root> {
    let mut roots: Vec<Root> = folders(members)
        .map(|folder| Root { label: Some(folder.into()), ..Root::whole(members, folder.into()) })
        .collect();
    for member in tars(members) {
        match opener.nested(member, findings) {
            Ok(nested) => {
                let label = member.name.file_name();
                let label = label.split_str(".tar").next().unwrap_or(label);
                match tree::find(&nested) {
                    Some(at) => roots.push(Root { label: Some(label.into()), ..Root::whole(&nested, at) }),
                    None => findings.add(Finding::new(Code::NotATar, "holds no checkpoint").of(&member.name)),
                }
            }
            Err(error) => findings.add(Finding::new(Code::NotATar, error.to_string()).of(&member.name)),
        }
    }
    roots.sort_by(|left, right| left.label.cmp(&right.label));
    roots
}

/// Files at the top, or one directory below, that are tars by their content.
fn tars(members: &Members) -> impl Iterator<Item = &Member> {
    members.iter().filter(|member| {
        let name = member.name.as_bytes();
        member.is_file()
            && name.find_iter(b"/").count() <= 1
            && member.name.file_name().contains_str(".tar")
            && crate::archive::looks_like_tar(&member.head())
    })
}

/// Directories at the top that each hold a checkpoint.
fn folders(members: &Members) -> impl Iterator<Item = &[u8]> {
    tree::directories(members).into_iter().filter(|folder| tree::is_top(members, folder))
}
