//! A bar for long work: on the error stream, on a terminal only, and not before half a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::escape;
use crate::io::Terminal;

/// Work that ends sooner than this shows nothing: a bar that flashes only distracts.
const PATIENCE: Duration = Duration::from_millis(500);

const WITH_TOTAL: &str = "{msg} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
const WITHOUT_TOTAL: &str = "{msg} {spinner} {bytes}, {bytes_per_sec}";

/// Bytes that have been worked through. Dropping it takes the bar away.
///
/// Finish it before the first row is written: both share the screen.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// When to appear; `None` for one that never will, or already has.
    waiting_since: Option<Instant>,
}

impl Progress {
    /// Progress towards `total` bytes, if that is known; `what` is what is being done, such as `reading a.tar`.
    pub fn new(terminal: Terminal, what: &str, total: Option<u64>) -> Self {
        if !terminal.err_is_tty {
            return Self::hidden();
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = if total.is_some() { WITH_TOTAL } else { WITHOUT_TOTAL };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(escape::line(what).to_string());
        Self { bar, waiting_since: Some(Instant::now()) }
    }

    /// Progress that is never shown.
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), waiting_since: None }
    }

    /// Says how many bytes from the beginning are done. Cheap: drawing is limited to some times a second.
    pub fn reached(&mut self, bytes: u64) {
        if self.waiting_since.is_some_and(|since| since.elapsed() >= PATIENCE) {
            self.waiting_since = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_understood() {
        for template in [WITH_TOTAL, WITHOUT_TOTAL] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_pipe_never_gets_a_bar_and_a_terminal_not_at_once() {
        let terminal = |err_is_tty| Terminal { err_is_tty, ..Terminal::default() };
        assert!(Progress::new(terminal(false), "reading", Some(10)).waiting_since.is_none());
        let mut progress = Progress::new(terminal(true), "reading \u{1b}", None);
        progress.reached(5);
        assert!(progress.waiting_since.is_some());
        assert_eq!(progress.bar.message(), r"reading \x1b");
    }
}
