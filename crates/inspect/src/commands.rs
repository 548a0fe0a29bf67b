//! The commands of the program: one list, from which arguments, dispatch, help and documents follow.
//!
//! A new command is a file `commands/NAME.rs` that implements [`Run`] for its arguments, its `pub mod` line
//! and its row in the list below.

use clap::ArgMatches;

use crate::answer::Answer;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;

/// Makes the table [`COMMANDS`] from rows of a module and its line of help:
///
/// ```text
/// commands! { show => "Show what was frozen"; }
/// // becomes
/// pub const COMMANDS: &[Command] = &[Command::new::<show::Arguments>("show", "Show what was frozen")];
/// ```
macro_rules! commands {
    ($($name:ident => $help:literal;)*) => {
        /// Every command, the most used first.
        pub const COMMANDS: &[Command] = &[$(Command::new::<$name::Arguments>(stringify!($name), $help)),*];
    };
}

/// Makes the arguments of a command that has commands below it, from one line each: its name, its module, its help.
macro_rules! subcommands {
    ($about:literal; $($variant:ident $module:ident => $help:literal;)+) => {
        #[doc = $about]
        #[derive(Debug, clap::Args)]
        pub struct Arguments {
            #[command(subcommand)]
            what: What,
        }

        /// The commands below it.
        #[derive(Debug, clap::Subcommand)]
        enum What {
            $(#[doc = $help] $variant($module::Arguments),)+
        }

        impl What {
            fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
                match self {
                    $(Self::$variant(arguments) => arguments.run(io),)+
                }
            }
        }
    };
}

pub mod cat;
pub mod cgroups;
pub mod creds;
pub mod decode;
pub mod encode;
pub mod extract;
pub mod files;
pub mod fs;
pub mod graph;
pub mod info;
pub mod inspect;
pub mod ipc;
pub mod kinds;
pub mod limits;
pub mod logs;
pub mod ls;
pub mod maps;
pub mod mem;
pub mod mounts;
pub mod namespaces;
pub mod net;
pub mod ps;
pub mod queues;
pub mod schema;
pub mod search;
pub mod seccomp;
pub mod show;
pub mod signals;
pub mod sockets;
pub mod strings;
pub mod threads;
pub mod timeline;

commands! {
    show => "What was frozen, by which engine, when, and how big its parts are";
    ps => "The processes, as a tree, with their command lines";
    files => "What processes have open: descriptors, directories, executables, as lsof lists them";
    sockets => "Sockets with addresses, states, queues and who has them, as ss lists them";
    mounts => "The mount tree with types, options and what comes from the host, as findmnt shows it";
    maps => "The mapped areas of processes, and where the pages of each are";
    mem => "Bytes of memory: read, show as numbers, dump, list where they are, sum up";
    fs => "Files: what the container changed and deleted, held open and kept in memory; their bytes";
    extract => "Files out of the archive into a new directory or a tar, with a manifest; nothing leads out of it";
    net => "Network devices, addresses, routes, rules and firewall, as ip and nft show them";
    ipc => "SysV shared memory, semaphores and message queues, as ipcs lists them";
    inspect => "Everything as one document: all that the commands above and below list of a container";
    graph => "Who talks to whom through pipes, sockets and shared memory";
    queues => "Bytes in flight: what waits in pipes, sockets, terminals and message queues";
    timeline => "Every time stamp in order: files, container, members, log messages";
    search => "Where bytes are in memory, and who sees them: texts, bytes, expressions";
    strings => "The texts in memory, with process, address and area";
    threads => "The threads with the system calls they wait in, and their registers";
    creds => "Who each thread is: ids, groups, capabilities, LSM label";
    signals => "Signals that are pending, ignored and caught, and timers";
    seccomp => "The filters that decide on system calls, read instruction by instruction";
    namespaces => "The namespaces of the processes: which are shared, which are the host's, host names, id maps, clocks";
    cgroups => "The control groups of the processes, and what they were allowed";
    limits => "The resource limits of each process";
    ls => "The members of an archive with type, size and offset";
    cat => "The bytes of one member, also inside an archive in the archive";
    logs => "What the container wrote, and what CRIU wrote about it";
    decode => "Images as JSON, in the form of CRIU's own crit";
    encode => "An image from its JSON, byte for byte what it was made of";
    info => "What images are: kind, framing, number of records, unknown fields";
    schema => "What the JSON of every command may hold, as JSON Schema";
    kinds => "Every kind of image that is known, with its file names and messages";
}

/// What the arguments of a command can do.
pub trait Run: clap::Args {
    /// Command lines that work on a fixture, the simplest first, without `icecore` in front.
    const EXAMPLES: &'static [&'static str];

    /// The documents that it gives with `--format json`.
    const ANSWER: Answer = Answer::Raw;

    /// Does what the arguments say.
    ///
    /// # Errors
    /// Whatever keeps the command from an answer; a "no" is an [`Exit`], not an error.
    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error>;
}

/// A row of the table of commands.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// The word behind `icecore`.
    pub name: &'static str,
    /// One line: what it answers.
    pub help: &'static str,
    /// Command lines that work on a fixture, without `icecore` in front.
    pub examples: &'static [&'static str],
    /// The documents that it gives with `--format json`.
    pub answer: Answer,
    arguments: fn(clap::Command) -> clap::Command,
    run: fn(&ArgMatches, &mut Io<'_>) -> Result<Exit, Error>,
}

impl Command {
    /// The row of a command whose arguments are `A`.
    pub const fn new<A: Run>(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            examples: A::EXAMPLES,
            answer: A::ANSWER,
            arguments: A::augment_args,
            run: run::<A>,
        }
    }

    /// The command as clap knows it. Its help ends with the examples.
    pub fn to_clap(&self) -> clap::Command {
        let examples: String = self.examples.iter().map(|example| format!("\n  icecore {example}")).collect();
        // `about` last: the arguments bring the doc comment of their struct as one.
        (self.arguments)(clap::Command::new(self.name))
            .about(self.help)
            .after_help(format!("Examples:{examples}"))
    }

    /// Runs the command with what clap understood.
    ///
    /// # Errors
    /// Those of the command.
    pub fn run(&self, matches: &ArgMatches, io: &mut Io<'_>) -> Result<Exit, Error> {
        (self.run)(matches, io)
    }
}

fn run<A: Run>(matches: &ArgMatches, io: &mut Io<'_>) -> Result<Exit, Error> {
    let arguments = A::from_arg_matches(matches).map_err(|error| Error::Usage(error.to_string()))?;
    arguments.run(io)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_command_has_one_line_of_help_and_two_examples_that_are_understood() {
        for command in COMMANDS {
            let name = command.name;
            assert!(!command.help.is_empty() && !command.help.ends_with('.'), "{name}");
            assert!(!command.help.contains('\n'), "{name}");
            assert_eq!(command.to_clap().get_about().unwrap().to_string(), command.help);
            assert!(command.examples.len() >= 2, "{name}");
            for example in command.examples {
                let alone = example.split(" | ").next().unwrap();
                assert_eq!(alone.split(' ').next(), Some(name), "{example}");
                command.to_clap().try_get_matches_from(alone.split(' ')).unwrap();
            }
        }
    }

    #[test]
    fn every_file_is_a_command_and_clap_finds_no_fault() {
        let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands"));
        for file in files.into_iter().flatten() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(COMMANDS.iter().any(|command| command.name == name), "{name}.rs is not in the list");
        }
        COMMANDS.iter().for_each(|command| command.to_clap().debug_assert());
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|before, after| before < after));
    }
}
