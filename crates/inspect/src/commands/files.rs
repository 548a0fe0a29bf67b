//! `icecore files`: what processes have open, as `lsof` would list it.

use icecore::archive::Keep;

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::files;

/// Arguments of `files`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only files of these types, such as file, dir, pipe, tcp, unix, epoll, memfd
    #[arg(short, long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "files fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar -p 6",
        "files fixtures/podman-pod/front.tar.zst --type tcp,unix --format json | jq .files[].link",
    ];

    const ANSWER: Answer = Answer::Lists(&[&files::FILES]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let ask = self.listing.ask();
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let wanted = files::open(checkpoint, &ask.processes).filter(|open| self.is_of_type(open));
            writer.list(&files::FILES, wanted.map(|open| Ok(files::row(checkpoint.files(), &open, &ask))))
        })
    }
}

impl Arguments {
    fn is_of_type(&self, open: &icecore::files::Open<'_>) -> bool {
        let name = open.file.map_or("unknown", |file| file.type_name());
        self.types.is_empty() || self.types.iter().any(|wanted| wanted == name)
    }
}
