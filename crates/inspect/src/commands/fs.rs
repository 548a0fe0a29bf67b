//! `icecore fs`: the files that the archive holds, by the paths that the container had for them.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::views::{changes, entries};

mod cat;
mod diff;
mod find;
mod ls;
mod question;
mod stat;

pub(super) use question::paths;

subcommands! {
    "Arguments of `fs`.";
    Diff diff => "List what the container changed and deleted against its image, what is remarkable about it, and who uses it";
    Ls ls => "List what the container had in a directory, as far as the archive holds it";
    Find find => "List every file that is at hand, also those without a name: unlinked, of memory";
    Stat stat => "Tell what is known of a file, and where its bytes are";
    Cat cat => "Write the bytes of files; exit 1 if the archive does not hold them";
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "fs diff fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar",
        "fs find fixtures/podman-precopy/relay-final.tar.zst --hash",
        "fs ls fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar /opt/shop",
        "fs stat fixtures/podman-precopy/relay-final.tar.zst /srv/relay/scratch.tmp",
        "fs cat fixtures/podman-precopy/relay-final.tar.zst /srv/relay/depot.log",
    ];

    const ANSWER: Answer = Answer::Each(&[
        ("diff", Answer::Lists(&[&changes::CHANGES, &changes::UNRECORDED])),
        ("ls", Answer::Lists(&[&entries::FILES])),
        ("find", Answer::Lists(&[&entries::FILES])),
        ("stat", Answer::Lists(&[&entries::FILES])),
    ]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.what.run(io)
    }
}
