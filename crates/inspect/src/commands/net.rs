//! `icecore net`: devices, addresses, routes, rules and firewall, as `ip` would show them.

use icecore::archive::Keep;
use icecore::namespaces::NamespaceKind;

use super::Run;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::net;

/// Arguments of `net`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Also list the sysctls of each device
    #[arg(short, long)]
    sysctls: bool,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "net fixtures/s390x/checkpoint.tar.gz",
        "net --sysctls fixtures/s390x/checkpoint.tar.gz --format json | jq .interfaces[].name",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, true, |checkpoint, writer| {
            let is_wanted = |id| self.listing.wants_namespace(checkpoint, NamespaceKind::Net, id);
            let networks: Vec<_> =
                checkpoint.networks().namespaces.iter().filter(|network| is_wanted(network.id)).collect();
            for list in net::LISTS.iter().filter(|list| self.sysctls || list.is_short) {
                let rows = networks.iter().flat_map(|network| (list.rows)(network));
                writer.list(list.table, rows.map(Ok))?;
            }
            Ok(())
        })
    }
}
