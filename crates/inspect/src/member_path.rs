//! Names of members on the command line, also of those in an archive inside.

use std::error::Error as StdError;
use std::ffi::OsString;

use bstr::{BString, ByteSlice as _, ByteVec as _};
use icecore::archive::{Archive, Member, MemberName};

/// A way to a member: names of members, each but the last an archive.
#[derive(Debug)]
pub(crate) struct MemberPath {
    steps: Vec<BString>,
}

impl MemberPath {
    pub(crate) fn new(argument: &OsString) -> Self {
        let bytes = Vec::from_os_str_lossy(argument);
        Self { steps: bytes.split_str("//").map(BString::from).collect() }
    }

    /// The name of the member in the archive that was opened.
    pub(crate) fn outermost(&self) -> MemberName {
        MemberName::new(self.steps.first().map(|step| step.as_bytes()).unwrap_or_default())
    }

    /// Walks into the archives and gives the member.
    ///
    /// # Errors
    /// If there is none of this name, or what leads to it is no archive.
    pub(crate) fn member(&self, archive: &Archive) -> Result<Member, Box<dyn StdError + Send + Sync>> {
        let mut steps = self.steps.iter();
        let first = steps.next().map(|step| step.as_bytes()).unwrap_or_default();
        let mut member = find(archive, first)?;
        for step in steps {
            let inner =
                archive.open_member(&member).map_err(|error| format!("`{}`: {error}", member.name))?;
            member = find(&inner, step)?;
        }
        Ok(member)
    }
}

/// A regular file by its name as it stands in the archive, or as it is normalised.
fn find(archive: &Archive, name: &[u8]) -> Result<Member, Box<dyn StdError + Send + Sync>> {
    let normal = MemberName::new(name);
    let members = archive.members();
    if let Some(member) = members.file(normal.as_bytes()) {
        return Ok(member.clone());
    }
    match members.get(normal.as_bytes()) {
        Some(member) => Err(format!("`{}` is a {}, not a file", normal, member.kind.name()).into()),
        None => Err(format!("no member `{normal}`; `icecore ls` lists them").into()),
    }
}
