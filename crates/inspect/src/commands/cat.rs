//! `icecore cat`: the bytes of a member, also of one in an archive inside.

use std::ffi::OsString;
use std::io::{self, Write as _};

use bstr::{BString, ByteSlice as _, ByteVec as _};
use icecore::archive::{Archive, Keep, Member, MemberName, Reader};

use super::Run;
use crate::arguments::{Input, OneInput, OutputOptions, ReadOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::opening;
use crate::output::{Raw, escape};

/// Arguments of `cat`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    input: OneInput,
    /// The members, by the names that `ls` shows; `rootfs-diff.tar//etc/motd` reaches into an archive inside
    #[arg(required = true, value_name = "MEMBER")]
    members: Vec<OsString>,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "cat fixtures/podman-pod/front.tar.zst config.dump | jq .name",
        "cat fixtures/podman-pod/front.tar.zst rootfs-diff.tar//srv/front/depot.log",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let paths: Vec<Path> = self.members.iter().map(Path::new).collect();
        let outermost = paths.iter().filter_map(|path| path.steps.first()).map(|step| MemberName::new(step));
        let keep = Keep::MetadataAnd(outermost.collect());
        let archive = opening::archive(&self.input.archive, &self.read, keep, io)?;
        let sources: Result<Vec<_>, Error> =
            paths.iter().map(|path| path.member(&archive).map_err(|error| self.failed(error))).collect();
        let sources = sources?;
        let mut raw = Raw::open(io, &self.output, std::slice::from_ref(&self.input.archive))?;
        let mut cut = None;
        for member in &sources {
            let source = member.source().map_err(|error| self.failed(error.into()))?;
            io::copy(&mut Reader::new(source), &mut raw).map_err(|error| raw.error(error))?;
            cut = cut.or(member.is_cut().then_some(member));
        }
        raw.flush().map_err(|error| raw.error(error))?;
        raw.finish()?;
        Ok(match cut {
            Some(member) => {
                let name = escape::field(&member.raw_name);
                let (there, size) = (member.available, member.size);
                let _ = writeln!(io.err, "error: {name}: the archive has {there} of its {size} bytes");
                if self.output.strict { Exit::Trouble } else { Exit::Done }
            }
            None => Exit::Done,
        })
    }
}

impl Arguments {
    fn failed(&self, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        let archive = match &self.input.archive {
            Input::Stdin => String::from("-"),
            path @ Input::Path(_) => opening::name(path).to_string(),
        };
        Error::Input { archive, source }
    }
}

/// A way to a member: names of members, each but the last an archive.
#[derive(Debug)]
struct Path {
    steps: Vec<BString>,
}

impl Path {
    fn new(argument: &OsString) -> Self {
        let bytes = Vec::from_os_str_lossy(argument);
        Self { steps: bytes.split_str("//").map(BString::from).collect() }
    }

    /// Walks into the archives and gives the member.
    fn member(&self, archive: &Archive) -> Result<Member, Box<dyn std::error::Error + Send + Sync>> {
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
fn find(archive: &Archive, name: &[u8]) -> Result<Member, Box<dyn std::error::Error + Send + Sync>> {
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
