//! `icecore ls`: the members of an archive, and of the archives in it.

use icecore::archive::{Archive, Keep, Member, MemberName};

use super::Run;
use crate::answer::Answer;
use crate::arguments::{Format, Input, Inputs, ReadOptions, TableOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::{Diagnostic, Document, Row, Shape, Writer};
use crate::views::members;
use crate::{diagnostics, opening};

/// Arguments of `ls`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Also list the archives inside: changed files, volumes, temporary file systems, image layers
    #[arg(short, long)]
    recursive: bool,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    table: TableOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "ls fixtures/minimal/checkpoint.tar",
        "ls -r fixtures/podman-pod/front.tar.zst --columns name,size",
    ];

    const ANSWER: Answer = Answer::Lists(&[&members::MEMBERS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let inputs = self.inputs.checked()?;
        let keep = if self.recursive { Keep::Everything } else { Keep::Metadata };
        let mut first = Some(opening::archive(first_of(inputs)?, &self.read, keep.clone(), io)?);
        let mut rest = Vec::new();
        for input in inputs.iter().skip(1) {
            rest.push(opening::archive(input, &self.read, keep.clone(), io)?);
        }
        let shape = Shape { several_documents: inputs.len() > 1, several_lists: false };
        let mut writer = Writer::open(io, &self.table, inputs, shape)?;
        for (input, archive) in inputs.iter().zip(first.take().into_iter().chain(rest)) {
            let container = None;
            writer.begin(Document { archive: opening::name(input), container })?;
            let mut listing =
                Listing { machine: self.table.format != Format::Text, rows: Vec::new(), told: Vec::new() };
            listing.add(b"", 0, &archive, self.recursive);
            writer.list(&members::MEMBERS, listing.rows.into_iter().map(Ok))?;
            writer.end(&listing.told)?;
        }
        writer.finish()
    }
}

fn first_of(inputs: &[Input]) -> Result<&Input, Error> {
    inputs.first().ok_or_else(|| Error::Usage("no archive is named".to_owned()))
}

/// Rows of an archive and of those inside, each behind the member it is in.
struct Listing {
    machine: bool,
    rows: Vec<Row>,
    told: Vec<Diagnostic>,
}

impl Listing {
    fn add(&mut self, prefix: &[u8], depth: u32, archive: &Archive, recursive: bool) {
        self.told.extend(diagnostics::of_archive(archive).into_iter().map(|mut diagnostic| {
            if depth > 0 {
                let inner = diagnostic.member.take().unwrap_or_default();
                diagnostic.member = Some([prefix, &inner].concat().into());
            }
            diagnostic
        }));
        for member in archive.members().iter() {
            self.rows.push(members::row(prefix, depth, member, self.machine));
            if recursive && archive.can_open_members() && is_archive(member) {
                self.add_nested(prefix, depth, archive, member);
            }
        }
    }

    fn add_nested(&mut self, prefix: &[u8], depth: u32, archive: &Archive, member: &Member) {
        match archive.open_member(member) {
            Ok(nested) => {
                let prefix = [prefix, &member.raw_name(), b"//"].concat();
                self.add(&prefix, depth.saturating_add(1), &nested, true);
            }
            Err(error) => self.told.push(Diagnostic {
                code: icecore::archive::Code::NotATar.name().into(),
                severity: crate::output::Severity::Error,
                member: Some([prefix, member.name.as_bytes()].concat().into()),
                offset: None,
                text: error.to_string(),
            }),
        }
    }
}

/// Whether a member is an archive by the place that engines give it. What it holds is told when it is opened.
fn is_archive(member: &Member) -> bool {
    let name: &MemberName = &member.name;
    let bytes = name.as_bytes();
    let file: &[u8] = name.file_name();
    let tar_name = file.ends_with(b".tar") || file.ends_with(b".tar.gz.img") || file.ends_with(b".tar.gz");
    // Blobs of image layouts have digests for names; those that are no archives are documents.
    let blob = bytes.starts_with(b"blobs/") || file.len() == 64;
    member.is_file() && (tar_name || blob && icecore::archive::looks_like_tar(&member.head()))
}
