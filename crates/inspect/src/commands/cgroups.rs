//! `icecore cgroups`: control groups, and what they were allowed.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::cgroups;

/// Arguments of `cgroups`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "cgroups fixtures/kitchen-sink/checkpoint.tar.gz -p 1",
        "cgroups fixtures/podman-pod/front.tar.zst --format json | jq .cgroup_properties[].value",
    ];

    const ANSWER: Answer = Answer::Lists(&[&cgroups::CGROUPS, &cgroups::PROPERTIES]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.lists(io, &cgroups::LISTS)
    }
}
