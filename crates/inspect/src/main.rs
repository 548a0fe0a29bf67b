//! The process around [`icecore_inspect::run`].

use std::io::{self, BufWriter, Write};
use std::panic;
use std::process::ExitCode;

use icecore_inspect::{Io, Terminal, panics, run};

fn main() -> ExitCode {
    panics::report_in_one_line();
    let code = panic::catch_unwind(|| {
        let terminal = Terminal::detect();
        // Whole lines as they come for a person, large pieces for a program.
        let mut out: Box<dyn Write> =
            if terminal.out_is_tty { Box::new(io::stdout()) } else { Box::new(BufWriter::new(io::stdout())) };
        let input = Some(Box::new(io::stdin()) as _);
        run(std::env::args_os(), &mut Io { out: &mut *out, err: &mut io::stderr(), input, terminal })
    });
    ExitCode::from(code.unwrap_or(panics::EXIT_CODE))
}
