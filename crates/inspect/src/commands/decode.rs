//! `icecore decode`: images as JSON, in the form of CRIU's own `crit`.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write as _};
use std::slice;

use bstr::{BStr, BString, ByteSlice as _};
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use icecore::images_format::Image;
use icecore::images_format::json::{self, Form, Shown};
use icecore::{Diagnostic, Survey};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Run;
use crate::arguments::{Input, OutputOptions, ReadOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::opening::images::{self, ImageFile, Picked};
use crate::output::{Object, Raw};
use crate::{diagnostics, opening, output};

/// Arguments of `decode`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// An image, or a checkpoint; `-` reads standard input
    #[arg(value_name = "FILE|ARCHIVE", value_parser = OsStringValueParser::new().map(Input::from))]
    input: Input,
    /// Images by the names that `ls` or `info` show, or by their own; without any, all that have records
    ///
    /// One image is written as `crit decode` does; several as JSON Lines with the name under `member`.
    #[arg(value_name = "MEMBER")]
    members: Vec<OsString>,
    /// Addresses, flags and devices in the forms of `crit show`; one image is also indented
    #[arg(long)]
    pretty: bool,
    /// Only the size of payloads behind records; such JSON cannot be encoded again
    #[arg(long)]
    nopl: bool,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "decode --pretty fixtures/crun-busybox/images/fs-1.img",
        "decode fixtures/minimal/checkpoint.tar files.img | jq .entries[].type",
        "decode fixtures/podman-pod/front.tar.zst | jq -r .member",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let opened = images::open(&self.input, &self.read, images::keep(&self.members), io)?;
        let is_alone = matches!(opened, images::Opened::Image(_)) || self.members.len() == 1;
        let Picked { images, told } = match &self.members[..] {
            [] => opened.all(&self.input, &self.read)?,
            names => opened.named(&self.input, names, &self.read)?,
        };
        match &images[..] {
            [(_, image)] if is_alone => self.one(image, told, io),
            images => self.lines(images, told, io),
        }
    }
}

impl Arguments {
    fn form(&self) -> Form {
        let mut form = if self.pretty { Form::PRETTY } else { Form::COMPACT };
        form.payloads = !self.nopl;
        form
    }

    /// One image, byte for byte as crit writes it: with a line feed at the end on standard output only.
    fn one(
        &self,
        file: &ImageFile,
        mut told: Vec<output::Diagnostic>,
        io: &mut Io<'_>,
    ) -> Result<Exit, Error> {
        let failed = |source| Error::Input { archive: opening::name(&self.input).to_string(), source };
        let bytes = file.bytes().map_err(failed)?;
        let image = Image::parse(&file.name, &bytes).map_err(|error| {
            let mut diagnostic = Diagnostic::of_image(file.name.clone(), &error);
            // A file by itself is named already.
            diagnostic.member = diagnostic.member.filter(|_| !self.members.is_empty());
            failed(diagnostic.to_string().into())
        })?;
        let mut raw = Raw::open(io, &self.output, slice::from_ref(&self.input))?;
        let is_file = self.output.output.as_ref().is_some_and(|path| path.as_os_str() != "-");
        let end = if is_file { "" } else { "\n" };
        let written = write_text(&image, self.form(), &mut raw);
        written.and_then(|()| raw.write_all(end.as_bytes())).map_err(|error| raw.error(error))?;
        raw.finish()?;
        told.extend(survey(file.name.as_bstr(), &image));
        Ok(diagnostics::tell(&told, &self.output, io))
    }

    /// One line an image. What is no image is told and has no line; of those that were asked for by name, that is
    /// trouble.
    fn lines(
        &self,
        files: &[(Option<BString>, ImageFile)],
        mut told: Vec<output::Diagnostic>,
        io: &mut Io<'_>,
    ) -> Result<Exit, Error> {
        let are_named = !self.members.is_empty();
        let mut exit = Exit::Done;
        let mut raw = Raw::open(io, &self.output, slice::from_ref(&self.input))?;
        for (container, file) in files {
            if !are_named && !may_have_records(file) {
                continue;
            }
            let bytes = read(file);
            let image = bytes.as_ref().map_err(Clone::clone).and_then(|bytes| {
                Image::parse(&file.name, bytes)
                    .map_err(|error| Diagnostic::of_image(file.name.clone(), &error))
            });
            match image {
                Ok(image) => {
                    let line = Line::new(container.as_ref(), file, json::shown(&image, self.form()));
                    line.write(&mut raw).map_err(|error| raw.error(error))?;
                    told.extend(survey(file.name.as_bstr(), &image));
                }
                Err(diagnostic) => {
                    told.push(diagnostics::convert(&diagnostic));
                    exit = if are_named { Exit::Trouble } else { exit };
                }
            }
        }
        raw.finish()?;
        Ok(exit.max(diagnostics::tell(&told, &self.output, io)))
    }
}

/// Writes an image in crit's text, however long, piece by piece.
fn write_text(image: &Image<'_>, form: Form, to: &mut impl io::Write) -> io::Result<()> {
    let mut text = Text { to, failed: None };
    match (json::write(image, form, &mut text), text.failed) {
        (Ok(()), _) => Ok(()),
        (Err(error), failed) => Err(failed.unwrap_or_else(|| io::Error::other(error))),
    }
}

/// Text on its way to where bytes go; an error there is kept, because text knows no reasons.
struct Text<'w, W> {
    to: &'w mut W,
    failed: Option<io::Error>,
}

impl<W: io::Write> fmt::Write for Text<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.to.write_all(text.as_bytes()).map_err(|error| {
            self.failed = Some(error);
            fmt::Error
        })
    }
}

fn read(file: &ImageFile) -> Result<Cow<'_, [u8]>, Diagnostic> {
    file.bytes().map_err(|error| Diagnostic::unreadable(file.name.clone(), error.to_string()))
}

fn survey(name: &BStr, image: &Image<'_>) -> impl Iterator<Item = output::Diagnostic> {
    Survey::of(name, image).diagnostics.into_iter().map(|diagnostic| diagnostics::convert(&diagnostic))
}

/// Whether there is anything to show: memory pages, netlink dumps and the like have no records.
fn may_have_records(file: &ImageFile) -> bool {
    // What is no image has to be told.
    Image::parse(&file.name, &file.head()).map_or(true, |image| image.kind().messages().next().is_some())
}

/// An image among others.
#[derive(Serialize)]
struct Line<'a> {
    /// Its names, with their bytes where they are no text, as all answers have them.
    #[serde(flatten)]
    place: Map<String, Value>,
    #[serde(flatten)]
    image: Shown<'a>,
}

impl<'a> Line<'a> {
    fn new(container: Option<&BString>, file: &ImageFile, image: Shown<'a>) -> Self {
        let place = container.map_or_else(Object::new, |name| Object::new().with("container", name));
        let place = place.with("member", &file.name).to_json();
        // Only what is no JSON fails.
        Self { place: serde_json::from_str(&place).unwrap_or_default(), image }
    }

    fn write(&self, raw: &mut Raw<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut *raw, self)?;
        raw.write_all(b"\n")
    }
}
