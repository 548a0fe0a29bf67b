//! The metadata of a checkpoint made through containerd's client (`ctr containers checkpoint`): protobuf
//! blobs.
//!
//! A blob is a `google.protobuf.Any`: field 1 is a type URL, field 2 the value. The configuration's value is
//! the OCI specification as JSON text; those of the options are small messages of flags.

use serde::Serialize;

use crate::finding::{Brief, Code, Findings};

/// Type URL of the OCI specification, whose value is JSON.
pub const SPEC_TYPE: &str = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

/// Annotation of the index of a checkpoint: the runtime's shim.
pub const RUNTIME_ANNOTATION: &str = "io.containerd.checkpoint.runtime";

/// Annotation of the descriptor that leads to a checkpoint: what it was called.
pub(crate) const IMAGE_NAME: &str = "io.containerd.image.name";

/// The container in the name that a checkpoint gets where nobody gives it one:
/// `containerd.io/checkpoint/ID:MM-DD-YYYY-HH:MM:SS`.
pub(crate) fn container_of(name: &str) -> Option<&str> {
    name.strip_prefix("containerd.io/checkpoint/")?.split_once(':').map(|(id, _)| id)
}

/// The options of the checkpoint: message `containerd.runc.v1.CheckpointOptions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckpointOptions {
    /// Type URL of the message.
    pub type_url: String,
    /// Field 1: the container was stopped afterwards.
    pub exit: bool,
    /// Field 2: established TCP connections were kept.
    pub open_tcp: bool,
    /// Field 3: unix sockets to the outside were kept.
    pub external_unix_sockets: bool,
    /// Field 4: the container had a terminal.
    pub terminal: bool,
    /// Field 5: file locks were kept.
    pub file_locks: bool,
    /// Field 6: namespaces that were left empty.
    pub empty_namespaces: Vec<String>,
    /// Field 7: how cgroups were treated.
    pub cgroups_mode: String,
    /// Field 8: directory of the images on the host.
    pub image_path: String,
    /// Field 9: directory of the log on the host.
    pub work_path: String,
}

/// The options of the runtime: message `containerd.runc.v1.Options`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuntimeOptions {
    /// Type URL of the message.
    pub type_url: String,
    /// Field 6: the runtime's program, a name or a path on the host; empty for the default, runc.
    pub binary_name: String,
}

/// A type URL and the bytes of a message of that type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Any<'a> {
    pub(crate) type_url: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl<'a> Any<'a> {
    /// Reads a blob; a fault becomes a finding.
    pub(crate) fn read(bytes: &'a [u8], findings: &mut Findings) -> Option<Self> {
        let mut any = Any { type_url: &[], value: &[] };
        for field in fields(bytes, findings)? {
            match field {
                (1, Wire::Bytes(bytes)) => any.type_url = bytes,
                (2, Wire::Bytes(bytes)) => any.value = bytes,
                _ => {}
            }
        }
        Some(any)
    }

    fn type_text(&self) -> String {
        String::from_utf8_lossy(self.type_url).into_owned()
    }
}

/// The JSON of the specification in a configuration blob.
pub(crate) fn spec_json<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<&'a [u8]> {
    let any = Any::read(bytes, findings)?;
    if any.type_url != SPEC_TYPE.as_bytes() {
        let shown = any.type_text();
        let text =
            format_args!("expected the type {SPEC_TYPE}, found {}; read as that nevertheless", Brief(&shown));
        findings.add(Code::WireInvalid, text);
    }
    Some(any.value)
}

impl CheckpointOptions {
    pub(crate) fn read(bytes: &[u8], findings: &mut Findings) -> Option<Self> {
        let any = Any::read(bytes, findings)?;
        let mut options = CheckpointOptions { type_url: any.type_text(), ..Default::default() };
        for field in fields(any.value, findings)? {
            match field {
                (1, Wire::Number(value)) => options.exit = value != 0,
                (2, Wire::Number(value)) => options.open_tcp = value != 0,
                (3, Wire::Number(value)) => options.external_unix_sockets = value != 0,
                (4, Wire::Number(value)) => options.terminal = value != 0,
                (5, Wire::Number(value)) => options.file_locks = value != 0,
                (6, Wire::Bytes(bytes)) => options.empty_namespaces.push(text(bytes)),
                (7, Wire::Bytes(bytes)) => options.cgroups_mode = text(bytes),
                (8, Wire::Bytes(bytes)) => options.image_path = text(bytes),
                (9, Wire::Bytes(bytes)) => options.work_path = text(bytes),
                _ => {}
            }
        }
        Some(options)
    }
}

impl RuntimeOptions {
    pub(crate) fn read(bytes: &[u8], findings: &mut Findings) -> Option<Self> {
        let any = Any::read(bytes, findings)?;
        let mut options = RuntimeOptions { type_url: any.type_text(), binary_name: String::new() };
        for field in fields(any.value, findings)? {
            if let (6, Wire::Bytes(bytes)) = field {
                options.binary_name = text(bytes);
            }
        }
        Some(options)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A value of a field, as the wire has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message in order. A fault ends in a finding with its offset in the message.
fn fields<'a>(message: &'a [u8], findings: &mut Findings) -> Option<Vec<(u64, Wire<'a>)>> {
    let (mut list, mut rest) = (Vec::new(), message);
    while !rest.is_empty() {
        match field(rest) {
            Some((number, wire, after)) => {
                list.push((number, wire));
                rest = after;
            }
            None => {
                let offset = message.len().saturating_sub(rest.len());
                let text = format_args!("expected a field of a protobuf message, found bytes that are none");
                findings.at_offset(Code::WireInvalid, u64::try_from(offset).unwrap_or(u64::MAX), text);
                return None;
            }
        }
    }
    Some(list)
}

/// One field and the bytes behind it.
fn field(bytes: &[u8]) -> Option<(u64, Wire<'_>, &[u8])> {
    let (tag, rest) = varint(bytes)?;
    let (wire, rest) = match tag & 7 {
        0 => varint(rest).map(|(value, rest)| (Wire::Number(value), rest))?,
        1 => rest.split_at_checked(8).map(|(bytes, rest)| (Wire::Bytes(bytes), rest))?,
        2 => {
            let (length, rest) = varint(rest)?;
            let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            (Wire::Bytes(bytes), rest)
        }
        5 => rest.split_at_checked(4).map(|(bytes, rest)| (Wire::Bytes(bytes), rest))?,
        _ => return None,
    };
    Some((tag >> 3, wire, rest))
}

/// A number in groups of seven bits, lowest first, and the bytes behind it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        let shift = u32::try_from(index).ok()?.checked_mul(7)?;
        let group = u64::from(byte & 0x7f);
        let shifted = group.checked_shl(shift)?;
        if shifted >> shift != group {
            return None;
        }
        value |= shifted;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index.checked_add(1)?..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests;
