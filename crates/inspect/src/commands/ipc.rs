//! `icecore ipc`: SysV objects, as `ipcs` would list them.

use icecore::archive::Keep;
use icecore::namespaces::NamespaceKind;

use super::Run;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::ipc;

/// Arguments of `ipc`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Also list the limits of each namespace
    #[arg(short, long)]
    limits: bool,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "ipc fixtures/s390x/checkpoint.tar.gz",
        "ipc fixtures/s390x/checkpoint.tar.gz --format json | jq .semaphores[].values",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, true, |checkpoint, writer| {
            let is_wanted = |id| self.listing.wants_namespace(checkpoint, NamespaceKind::Ipc, id);
            let wanted: Vec<_> = checkpoint.ipc().namespaces.iter().filter(|it| is_wanted(it.id)).collect();
            for list in ipc::LISTS.iter().filter(|list| self.limits || list.is_short) {
                writer.list(list.table, wanted.iter().flat_map(|it| (list.rows)(it)).map(Ok))?;
            }
            Ok(())
        })
    }
}
