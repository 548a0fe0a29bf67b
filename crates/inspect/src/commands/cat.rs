//! `icecore cat`: the bytes of a member, also of one in an archive inside.

use std::ffi::OsString;
use std::io::{self, Write as _};

use icecore::archive::{Keep, Reader};

use super::Run;
use crate::arguments::{Input, OneInput, OutputOptions, ReadOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::member_path::MemberPath;
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
        let paths: Vec<MemberPath> = self.members.iter().map(MemberPath::new).collect();
        let keep = Keep::MetadataAnd(paths.iter().map(MemberPath::outermost).collect());
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
                let raw_name = member.raw_name();
                let name = escape::field(&raw_name);
                let (there, size) = (member.available(), member.size);
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
