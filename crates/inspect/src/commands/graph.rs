//! `icecore graph`: who talks to whom.

use std::io::Write as _;

use icecore::archive::Keep;

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::output::Raw;
use crate::views::graph;

/// Arguments of `graph`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Write the graph in the language of Graphviz, for dot(1)
    #[arg(long)]
    dot: bool,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "graph fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar",
        "graph --dot fixtures/podman-pod/front.tar.zst",
    ];

    const ANSWER: Answer = Answer::Lists(&[&graph::EDGES]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        if self.dot {
            return self.draw(io);
        }
        self.listing.lists(io, &[graph::LIST])
    }
}

impl Arguments {
    fn draw(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (opened, failed) = self.listing.open(io, &Keep::Metadata)?;
        let mut raw = Raw::open(io, &self.listing.table.output, self.listing.inputs())?;
        for (_, checkpoint) in &opened {
            let edges = graph::edges(checkpoint, &self.listing.processes);
            let text = graph::dot(edges);
            raw.write_all(text.as_bytes()).map_err(|error| raw.error(error))?;
        }
        raw.finish()?;
        Ok(if failed { Exit::Trouble } else { Exit::Done })
    }
}
