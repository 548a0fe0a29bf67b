//! `icecore info`: what images are, without what is in them.

use bstr::{BString, ByteSlice as _};
use icecore::archive::Keep;
use icecore::images_format::Image;
use icecore::{Diagnostic, Survey};

use super::Run;
use crate::answer::Answer;
use crate::arguments::{Format, Input, Inputs, ReadOptions, TableOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::opening::images::{self, ImageFile, Opened};
use crate::output::{self, Document, Row, Shape, Writer};
use crate::views::images::{IMAGES, row};
use crate::{diagnostics, opening};

/// Arguments of `info`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    table: TableOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "info fixtures/minimal/checkpoint.tar",
        "info fixtures/crun-busybox/images/core-1.img fixtures/crun-busybox/images/files.img",
        "info fixtures/s390x/checkpoint.tar.gz --columns name,byte_order,entries",
    ];

    const ANSWER: Answer = Answer::Lists(&[&IMAGES]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let inputs = self.inputs.checked()?;
        let mut failed = false;
        let mut sets = Vec::new();
        for input in inputs {
            match self.sets(input, io) {
                Ok(found) => sets.extend(found),
                // One that cannot be read does not keep the others from being shown.
                Err(error) if inputs.len() > 1 => {
                    failed = true;
                    let _ = writeln!(io.err, "icecore: {}", error.to_line());
                }
                Err(error) => return Err(error),
            }
        }
        if self.table.format == Format::Text && sets.iter().all(|set| set.is_file) {
            sets = vec![together(sets)];
        }
        let shape = Shape { several_documents: sets.len() > 1, several_lists: false };
        let mut writer = Writer::open(io, &self.table, inputs, shape)?;
        for set in sets {
            write(set, &mut writer)?;
        }
        let exit = writer.finish()?;
        Ok(if failed { Exit::Trouble } else { exit })
    }
}

/// The images of one document.
struct Set {
    document: Document,
    is_file: bool,
    images: Vec<ImageFile>,
    told: Vec<output::Diagnostic>,
}

impl Arguments {
    /// A file alone is a set; an archive has one for each container.
    fn sets(&self, input: &Input, io: &mut Io<'_>) -> Result<Vec<Set>, Error> {
        let archive = match images::open(input, &self.read, Keep::Metadata, io)? {
            Opened::Archive(archive) => archive,
            Opened::Image(image) => {
                let document = Document { archive: opening::name(input), container: None };
                return Ok(vec![Set { document, is_file: true, images: vec![image], told: Vec::new() }]);
            }
        };
        let checkpoints = opening::checkpoints_of(archive, input, &self.read)?;
        let sets = checkpoints.iter().map(|checkpoint| Set {
            document: Document { archive: opening::name(input), container: opening::container(checkpoint) },
            is_file: false,
            images: checkpoint.images().files().map(ImageFile::of_member).collect(),
            told: diagnostics::of_archive(checkpoint.archive()),
        });
        Ok(sets.collect())
    }
}

/// Files as the rows of one table, by the names that they were given.
fn together(sets: Vec<Set>) -> Set {
    let document = Document { archive: BString::default(), container: None };
    let images = sets.into_iter().flat_map(|set| {
        let name = set.document.archive;
        set.images.into_iter().map(move |mut image| {
            image.name.clone_from(&name);
            image
        })
    });
    Set { document, is_file: true, images: images.collect(), told: Vec::new() }
}

fn write(set: Set, writer: &mut Writer<'_>) -> Result<(), Error> {
    let Set { document, images, mut told, .. } = set;
    writer.begin(document)?;
    writer.list(&IMAGES, images.iter().map(|image| Ok(look_over(image, &mut told))))?;
    writer.end(&told)
}

/// The row of an image. What has to be told about it is added to what was told. Contents without records are not read.
fn look_over(file: &ImageFile, told: &mut Vec<output::Diagnostic>) -> Row {
    let (name, size) = (file.name.as_bstr(), file.size());
    let mut tell = |diagnostic: &Diagnostic| told.push(diagnostics::convert(diagnostic));
    let head = file.head();
    let begun = Image::parse(name, &head);
    let bytes = match begun.as_ref().is_ok_and(|image| image.kind().messages().next().is_some()) {
        true => file.bytes(),
        false => Ok(head.as_slice().into()),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            tell(&Diagnostic::unreadable(name, error.to_string()));
            return row(name, size, begun.as_ref(), None);
        }
    };
    let image = Image::parse(name, &bytes);
    let survey = match &image {
        Ok(image) => Some(Survey::of(name, image)),
        Err(error) => {
            tell(&Diagnostic::of_image(name, error));
            None
        }
    };
    survey.iter().flat_map(|survey| &survey.diagnostics).for_each(tell);
    row(name, size, image.as_ref(), survey.as_ref())
}
