//! All documents of one archive, read from bytes by the name of their member.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base_image::BaseImage;
use crate::config_dump::ConfigDump;
use crate::containerd::{Status, StatusDump};
use crate::crio::CrioAnnotations;
use crate::criu_log::CriuLog;
use crate::ctr::{self, CheckpointOptions, RuntimeOptions};
use crate::docker::DockerCheckpoint;
use crate::document::{self, Document, Value};
use crate::file_lists::{BindMounts, DeletedFiles, Descriptors};
use crate::finding::{Finding, Findings};
use crate::json::{self, Path};
use crate::network_status::NetworkStatus;
use crate::oci_spec::Spec;
use crate::pod::{PodDump, PodOptions};

/// What a document is, whatever its member is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// The engine's facts.
    ConfigDump,
    /// The OCI runtime specification.
    SpecDump,
    /// containerd's record of the container.
    Status,
    /// The CRI's status of the container.
    StatusDump,
    /// Podman's addresses.
    NetworkStatus,
    /// Paths of the image that the container had deleted.
    DeletedFiles,
    /// Bind mounts of CRI-O.
    BindMounts,
    /// What the standard descriptors were.
    Descriptors,
    /// A pod's options.
    PodOptions,
    /// A pod's names.
    PodDump,
    /// CRIU's log.
    DumpLog,
    /// `config.json`: the specification of a runc bundle, or the facts of an old Docker checkpoint.
    ConfigJson,
    /// Blob of a `ctr` export: the OCI runtime specification.
    CtrSpec,
    /// Blob of a `ctr` export: options of the checkpoint.
    CtrCheckpointOptions,
    /// Blob of a `ctr` export: options of the runtime.
    CtrRuntimeOptions,
    /// Blob of a `ctr` export: the manifest or index of the image that the container was made from.
    CtrBaseImage,
}

/// Members by the names that engines give them.
const MEMBERS: &[(&str, Role)] = &[
    ("config.dump", Role::ConfigDump),
    ("spec.dump", Role::SpecDump),
    ("status", Role::Status),
    ("status.dump", Role::StatusDump),
    ("network.status", Role::NetworkStatus),
    ("deleted.files", Role::DeletedFiles),
    ("bind.mounts", Role::BindMounts),
    ("checkpoint/descriptors.json", Role::Descriptors),
    ("descriptors.json", Role::Descriptors),
    ("pod.options", Role::PodOptions),
    ("pod.dump", Role::PodDump),
    ("dump.log", Role::DumpLog),
    ("checkpoint/dump.log", Role::DumpLog),
    ("criu.work/dump.log", Role::DumpLog),
    ("config.json", Role::ConfigJson),
];

/// Blobs of a `ctr` export by their media types.
const MEDIA_TYPES: &[(&str, Role)] = &[
    ("application/vnd.containerd.container.checkpoint.config.v1+proto", Role::CtrSpec),
    ("application/vnd.containerd.container.checkpoint.options.v1+proto", Role::CtrCheckpointOptions),
    ("application/vnd.containerd.container.checkpoint.runtime.options+proto", Role::CtrRuntimeOptions),
    ("application/vnd.oci.image.manifest.v1+json", Role::CtrBaseImage),
    ("application/vnd.oci.image.index.v1+json", Role::CtrBaseImage),
    ("application/vnd.docker.distribution.manifest.v2+json", Role::CtrBaseImage),
    ("application/vnd.docker.distribution.manifest.list.v2+json", Role::CtrBaseImage),
];

impl Role {
    /// The role of a member, told by its exact name (normalised: no leading `./` or `/`).
    pub fn of_member(name: &str) -> Option<Role> {
        MEMBERS.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
    }

    /// The role of a blob of a `ctr` export, told by its media type.
    pub fn of_media_type(media_type: &str) -> Option<Role> {
        MEDIA_TYPES.iter().find(|(known, _)| *known == media_type).map(|(_, role)| *role)
    }

    /// The names of all members that hold documents.
    pub fn members() -> impl Iterator<Item = &'static str> {
        MEMBERS.iter().map(|(name, _)| *name)
    }
}

/// The documents of an archive. Those that were not added are [`Document::Absent`].
///
/// Bytes are not kept; what of them has no place in a type stays in the `other` members of each document. The
/// size of a document is for the caller to limit; reading one needs at most about three times its size.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Documents {
    /// `config.dump`.
    pub config: Document<ConfigDump>,
    /// `spec.dump`, or the configuration blob of a `ctr` export, or a bundle's `config.json`.
    pub spec: Document<Spec>,
    /// The JSON in CRI-O's annotations of the specification.
    pub crio: CrioAnnotations,
    /// `status`.
    pub status: Document<Status>,
    /// `status.dump`.
    pub status_dump: Document<StatusDump>,
    /// `network.status`.
    pub network: Document<NetworkStatus>,
    /// `deleted.files`.
    pub deleted: Document<DeletedFiles>,
    /// `bind.mounts`.
    pub bind_mounts: Document<BindMounts>,
    /// `descriptors.json`.
    pub descriptors: Document<Descriptors>,
    /// `pod.options`.
    pub pod_options: Document<PodOptions>,
    /// `pod.dump`.
    pub pod_dump: Document<PodDump>,
    /// `config.json` of an old Docker checkpoint.
    pub docker: Document<DockerCheckpoint>,
    /// `dump.log`.
    pub log: Document<CriuLog>,
    /// Options of the checkpoint, from a `ctr` export.
    pub ctr_options: Document<CheckpointOptions>,
    /// Options of the runtime, from a `ctr` export.
    pub ctr_runtime: Document<RuntimeOptions>,
    /// The image that the container was made from, from a `ctr` export.
    pub base_image: Document<BaseImage>,
    /// The member that each document came from.
    members: BTreeMap<Role, String>,
    /// What was wrong with the documents, in the order in which they were added.
    pub findings: Vec<Finding>,
}

impl Documents {
    /// Reads a member if it holds a document; tells whether it does.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> bool {
        let role = Role::of_member(name);
        if let Some(role) = role {
            self.add_as(role, name, bytes);
        }
        role.is_some()
    }

    /// Reads a document whose role the caller knows. `member` is what findings call it.
    ///
    /// Of two members with one role the later wins, as in an unpacked archive; a specification in `spec.dump`
    /// is not replaced by one from elsewhere.
    pub fn add_as(&mut self, role: Role, member: &str, bytes: &[u8]) {
        let mut findings = Findings::new(member);
        self.members.insert(role, member.to_owned());
        let sink = &mut findings;
        match role {
            Role::ConfigDump => self.config = document::read(bytes, sink),
            Role::SpecDump => self.take_spec(document::read(bytes, sink), sink),
            Role::Status => self.status = document::read(bytes, sink),
            Role::StatusDump => self.status_dump = document::read(bytes, sink),
            Role::NetworkStatus => self.network = document::read(bytes, sink),
            Role::DeletedFiles => self.deleted = document::read(bytes, sink),
            Role::BindMounts => self.bind_mounts = document::read(bytes, sink),
            Role::Descriptors => self.descriptors = document::read(bytes, sink),
            Role::PodOptions => self.pod_options = document::read(bytes, sink),
            Role::PodDump => self.pod_dump = document::read(bytes, sink),
            Role::DumpLog => self.log = Document::Read(Box::new(CriuLog::read(bytes, sink))),
            Role::ConfigJson => self.take_config_json(bytes, sink),
            Role::CtrSpec => {
                let spec = ctr::spec_json(bytes, sink).map(|json| document::read(json, sink));
                self.take_spec(spec.unwrap_or(Document::Unreadable), sink);
            }
            Role::CtrCheckpointOptions => self.ctr_options = boxed(CheckpointOptions::read(bytes, sink)),
            Role::CtrRuntimeOptions => self.ctr_runtime = boxed(RuntimeOptions::read(bytes, sink)),
            Role::CtrBaseImage => self.base_image = document::read(bytes, sink),
        }
        self.findings.extend(findings.finish());
    }

    /// The member that a document came from, for those that were added.
    pub fn member(&self, role: Role) -> Option<&str> {
        self.members.get(&role).map(String::as_str)
    }

    /// The member that the specification came from.
    pub fn spec_member(&self) -> &str {
        let roles = [Role::SpecDump, Role::CtrSpec, Role::ConfigJson];
        roles.into_iter().find_map(|role| self.member(role)).unwrap_or("spec.dump")
    }

    fn take_spec(&mut self, spec: Document<Spec>, findings: &mut Findings) {
        if let Some(annotations) = spec.get().and_then(|spec| spec.annotations.as_ref()) {
            self.crio = CrioAnnotations::new(annotations, findings);
        }
        self.spec = spec;
    }

    /// A specification has `ociVersion`; Docker's document has `created` and `name`.
    fn take_config_json(&mut self, bytes: &[u8], findings: &mut Findings) {
        let Some(node) = json::parse(bytes, findings) else { return };
        if node.get("ociVersion").is_some() {
            if !self.members.contains_key(&Role::SpecDump) {
                let spec = typed(node, findings);
                self.take_spec(spec, findings);
            }
        } else if node.get("created").is_some() {
            self.docker = typed(node, findings);
        }
    }
}

fn typed<T: Value>(node: json::Node, findings: &mut Findings) -> Document<T> {
    let mut slot = None;
    let read = T::read(&mut slot, node, &Path::Root, findings);
    boxed(slot.filter(|_| read.is_ok()))
}

fn boxed<T>(value: Option<T>) -> Document<T> {
    value.map_or(Document::Unreadable, |value| Document::Read(Box::new(value)))
}

#[cfg(test)]
mod tests;
