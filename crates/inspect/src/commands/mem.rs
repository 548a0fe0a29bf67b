//! `icecore mem`: the bytes of memory, where they are, and how many there are.

use super::Run;
use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::views::memory;

mod dump;
mod hexdump;
mod pages;
mod read;
mod target;
mod usage;

subcommands! {
    "Arguments of `mem`.";
    Read read => "Write exactly the bytes of a range; exit 1 and nothing written if any is unknown";
    Hexdump hexdump => "Show the bytes of a range as numbers and text";
    Dump dump => "Write whole address spaces to files, with an index";
    Pages pages => "List the pieces of memory and where the bytes of each come from";
    Usage usage => "Sum up what each process uses, and all together";
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "mem read fixtures/minimal/checkpoint.tar -p 1 0x409020+35",
        "mem hexdump fixtures/minimal/checkpoint.tar -p 1 0x409000..0x409100",
        "mem dump fixtures/minimal/checkpoint.tar -p 1 --kind heap,stack --index index.json | sha256sum",
        "mem pages fixtures/minimal/checkpoint.tar -p 1",
        "mem usage fixtures/podman-pod/front.tar.zst",
    ];

    const ANSWER: Answer = Answer::Each(&[
        // Of its index.
        ("dump", Answer::Lists(&[&memory::PIECES])),
        ("pages", Answer::Lists(&[&memory::RUNS])),
        ("usage", Answer::Lists(&[&memory::USAGE, &memory::TOTALS])),
    ]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        self.what.run(io)
    }
}
