//! `icecore sockets`: sockets and who has them, as `ss -anp` would list them.

use icecore::archive::Keep;
use icecore::sockets::Socket;

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::views::sockets;

/// Arguments of `sockets`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only sockets that wait for connections
    #[arg(short, long)]
    listening: bool,
    /// Only these families or protocols: inet, inet6, unix, netlink, packet, tcp, udp, raw …
    #[arg(short, long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "sockets fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar",
        "sockets fixtures/podman-pod/front.tar.zst --listening --format json | jq .sockets[].local.port",
    ];

    const ANSWER: Answer = Answer::Lists(&[&sockets::SOCKETS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let held = sockets::held(checkpoint, &self.listing.processes);
            let wanted = held.filter(|held| self.is_wanted(held.socket));
            writer.list(&sockets::SOCKETS, wanted.map(|held| Ok(sockets::row(&held))))
        })
    }
}

impl Arguments {
    fn is_wanted(&self, socket: &Socket) -> bool {
        let family = socket.family.to_string();
        let is = |wanted: &String| *wanted == family || wanted == socket.type_name();
        (!self.listening || socket.is_listening()) && (self.types.is_empty() || self.types.iter().any(is))
    }
}
