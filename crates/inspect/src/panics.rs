//! A panic is a bug of ours; its report is one line, and as harmless as any other line.

use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};

use crate::output::escape;

/// The exit code after a panic, as Rust has it.
pub const EXIT_CODE: u8 = 101;

/// Makes every panic of this process, on any thread, report itself in one line on standard error.
pub fn report_in_one_line() {
    panic::set_hook(Box::new(|info| {
        // There is nobody left to tell if this fails.
        let _ = writeln!(io::stderr(), "{}", line(info));
    }));
}

fn line(info: &PanicHookInfo<'_>) -> String {
    let place =
        info.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    let payload = info.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let message = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    // The message may quote what it stumbled over.
    escape::line(&format!("icecore: internal error{place}: {message} (a bug; please report it)")).to_string()
}
