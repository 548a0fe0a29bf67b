//! From the words of the command line to a command, and from its outcome to an exit code.

use std::ffi::OsString;

use crate::commands::COMMANDS;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::{Io, Terminal};
use crate::output::escape;

const ABOUT: &str = "Look into container checkpoints (CRIU) without unpacking or restoring them";

/// Commands in the overview; with the lines around them it has ten lines.
const OVERVIEW_COMMANDS: usize = 5;

/// The widest that help is set, for a terminal that is wider or unknown.
const HELP_WIDTH: usize = 100;

/// Runs one command line, its first word being the name of the program; gives the exit code.
///
/// 0: done. 1: the answer is "no". 2: trouble, which one line on the error stream explains. A reader of the
/// answer who went away is no trouble.
pub fn run(arguments: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> u8 {
    let outcome = execute(arguments.into_iter().collect(), io);
    // Before the error line: what was written up to it comes first, also where both are one terminal.
    let flushed = io.out.flush();
    let outcome = outcome.and_then(|exit| flushed.map_err(to_stdout).map(|()| exit));
    match outcome {
        Ok(exit) => exit.code(),
        Err(error) if error.is_broken_pipe() => Exit::Done.code(),
        Err(error) => {
            // A closed error stream cannot be told about itself; the exit code remains.
            let _ = writeln!(io.err, "icecore: {}", error.to_line());
            Exit::Trouble.code()
        }
    }
}

fn execute(arguments: Vec<OsString>, io: &mut Io<'_>) -> Result<Exit, Error> {
    if arguments.len() < 2 {
        return write_overview(io).map_err(to_stdout);
    }
    let matches = match cli(io.terminal).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(answer) => return explain(&answer, io),
    };
    let chosen = matches.subcommand();
    match chosen.and_then(|(name, own)| COMMANDS.iter().find(|command| command.name == name).zip(Some(own))) {
        Some((command, own)) => command.run(own, io),
        None => write_overview(io).map_err(to_stdout),
    }
}

/// The whole command line as clap knows it.
fn cli(terminal: Terminal) -> clap::Command {
    let program = clap::Command::new("icecore")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .subcommand_required(true)
        .term_width(terminal.width.map_or(HELP_WIDTH, |width| width.min(HELP_WIDTH)));
    COMMANDS.iter().fold(program, |program, command| program.subcommand(command.to_clap()))
}

/// Writes what clap has to say: help where it was asked for, else what is wrong with the arguments.
fn explain(answer: &clap::Error, io: &mut Io<'_>) -> Result<Exit, Error> {
    let text = answer.render();
    if answer.use_stderr() {
        // Quotes arguments, which may be names of files that somebody else chose.
        let _ = write!(io.err, "{}", escape::text(text.to_string().as_bytes()));
        return Ok(Exit::Trouble);
    }
    let written = if io.terminal.out_is_tty && io.terminal.color {
        write!(io.out, "{}", text.ansi())
    } else {
        write!(io.out, "{text}")
    };
    written.map_err(to_stdout).map(|()| Exit::Done)
}

/// Ten lines for somebody who typed nothing but the name: what this is, what is used most, where the rest is.
fn write_overview(io: &mut Io<'_>) -> std::io::Result<Exit> {
    writeln!(io.out, "icecore {}: {ABOUT}\n", env!("CARGO_PKG_VERSION"))?;
    let most_used = || COMMANDS.iter().take(OVERVIEW_COMMANDS);
    let width = most_used().map(|command| command.name.len()).max().unwrap_or(0);
    for command in most_used() {
        writeln!(io.out, "  {:width$}  {}", command.name, command.help)?;
    }
    writeln!(io.out, "\nUsage: icecore COMMAND ARCHIVE... [OPTIONS]")?;
    writeln!(io.out, "All commands: icecore --help; one of them, with examples: icecore COMMAND --help")?;
    Ok(Exit::Done)
}

fn to_stdout(source: std::io::Error) -> Error {
    Error::Output { target: "standard output".to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::*;

    /// Exit code, answer and errors of a command line.
    fn check(words: &[&str]) -> (u8, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = ["icecore"].iter().chain(words).map(OsString::from);
        let terminal = Terminal::default();
        let code = run(arguments, &mut Io { out: &mut out, err: &mut err, input: None, terminal });
        (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn the_name_alone_says_what_it_is_in_ten_lines() {
        let (code, out, err) = check(&[]);
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(out.lines().count(), 5 + COMMANDS.len().min(OVERVIEW_COMMANDS));
        assert!(out.lines().all(|line| line.len() <= 100), "{out}");
        assert!(out.contains(ABOUT) && out.contains("icecore --help"));
    }

    #[test]
    fn help_and_version_are_answers() {
        for words in [["--help"], ["--version"]] {
            let (code, out, err) = check(&words);
            assert_eq!((code, err.as_str()), (0, ""), "{words:?}");
            assert!(out.contains("icecore"));
        }
    }

    #[test]
    fn wrong_usage_is_trouble_and_its_words_are_escaped() {
        for words in [["no-such-command"], ["--no-such-flag"], ["\u{202e}\u{9b}2J"]] {
            let (code, out, err) = check(&words);
            assert_eq!((code, out.as_str()), (2, ""), "{words:?}");
            assert!(!err.is_empty() && !err.chars().any(|c| escape::is_hazard(c) && c != '\n'), "{err:?}");
        }
    }

    /// A stream that refuses everything, for one reason.
    struct Refusing(io::ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn check_refused(kind: io::ErrorKind) -> (u8, String) {
        let mut err = Vec::new();
        let mut io =
            Io { out: &mut Refusing(kind), err: &mut err, input: None, terminal: Terminal::default() };
        let code = run(["icecore", "--help"].map(OsString::from), &mut io);
        (code, String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_reader_who_went_away_is_no_trouble_but_a_full_disk_is() {
        assert_eq!(check_refused(io::ErrorKind::BrokenPipe), (0, String::new()));
        let (code, err) = check_refused(io::ErrorKind::StorageFull);
        assert_eq!(code, 2);
        assert!(err.starts_with("icecore: cannot write to standard output: "), "{err}");
        assert_eq!(err.lines().count(), 1);
    }
}
