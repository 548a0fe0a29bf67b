//! `icecore encode`: an image from its JSON.

use std::fs::File;
use std::io::{BufReader, Read, Write as _};
use std::slice;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use icecore::images_format::json::{self, Tree};

use super::Run;
use crate::arguments::{Input, OutputOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::opening;
use crate::output::Raw;

/// Arguments of `encode`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// JSON of one image, as `decode` writes it, crit of CRIU, or crit of go-criu; `-` reads standard input
    #[arg(value_name = "FILE", value_parser = OsStringValueParser::new().map(Input::from))]
    input: Input,
    #[command(flatten)]
    output: OutputOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "encode fixtures/json/fs-1.img.json | icecore info -",
        "encode fixtures/json/fs-1.img.json | icecore decode --pretty -",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let failed = |source| Error::Input { archive: opening::name(&self.input).to_string(), source };
        let stream: Box<dyn Read> = match &self.input {
            Input::Path(path) => Box::new(File::open(path).map_err(|error| failed(error.into()))?),
            Input::Stdin => match io.input.take() {
                Some(stream) => stream,
                None => return Err(Error::Usage("there is no standard input to read".to_owned())),
            },
        };
        let tree: Tree = serde_json::from_reader(BufReader::new(stream)).map_err(|error| {
            let several = error.to_string().starts_with("trailing characters");
            let hint = if several { "; `encode` makes one image, so give it one line" } else { "" };
            failed(format!("not the JSON of an image: {error}{hint}").into())
        })?;
        let image = json::encode(&tree).map_err(|error| failed(error.into()))?;
        let mut raw = Raw::open(io, &self.output, slice::from_ref(&self.input))?;
        raw.write_all(&image).map_err(|error| raw.error(error))?;
        raw.finish()?;
        Ok(Exit::Done)
    }
}
