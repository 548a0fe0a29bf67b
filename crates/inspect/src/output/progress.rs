//! A bar for long work: on the error stream, on a terminal only, and not before half a second of silence.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::escape;
use crate::io::Terminal;

/// Work that ends or is heard of sooner than this shows nothing: a bar that flashes only distracts.
const PATIENCE: Duration = Duration::from_millis(500);

const WITH_TOTAL: &str = "{msg} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
const WITHOUT_TOTAL: &str = "{msg} {spinner} {bytes}, {bytes_per_sec}";

/// Bytes that have been worked through. The bar goes when the last handle does.
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<Arc<Mutex<Bar>>>);

impl Progress {
    /// Progress towards `total` bytes, if that is known; `what` is what is being done, such as `reading a.tar`. Both are
    /// made only if there is somebody to see them.
    pub fn new(terminal: Terminal, work: impl FnOnce() -> (String, Option<u64>)) -> Self {
        if !terminal.err_is_tty {
            return Self::hidden();
        }
        let (what, total) = work();
        let what = escape::line(&what).to_string();
        let bar = Bar { what, total, done: 0, begun: Instant::now(), heard: Instant::now(), shown: None };
        Self(Some(Arc::new(Mutex::new(bar))))
    }

    /// Progress that is never shown.
    pub fn hidden() -> Self {
        Self(None)
    }

    /// Says how many bytes from the beginning are done. Cheap: drawing is limited to some times a second.
    pub fn reached(&self, bytes: u64) {
        self.with(|bar| bar.reached(bytes));
    }

    /// Says that more bytes are done.
    pub fn add(&self, bytes: u64) {
        self.with(|bar| bar.reached(bar.done.saturating_add(bytes)));
    }

    /// A writer that counts here what goes through it.
    pub fn watch<W>(&self, inner: W) -> Watched<W> {
        Watched { inner, progress: self.clone() }
    }

    /// Makes room for something else on the same screen: the bar comes back after half a second of silence.
    pub fn hush(&self) {
        self.with(Bar::hush);
    }

    fn with(&self, act: impl FnOnce(&mut Bar)) {
        if let Some(Ok(mut bar)) = self.0.as_ref().map(|bar| bar.lock()) {
            act(&mut bar);
        }
    }
}

/// A writer whose bytes are counted: no more at once than takes a moment, so that the bar moves.
#[derive(Debug)]
pub struct Watched<W> {
    inner: W,
    progress: Progress,
}

/// Bytes that are written between two looks at the bar.
const STEP: usize = 1 << 20;

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes.get(..STEP).unwrap_or(bytes))?;
        self.progress.add(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Seek> Seek for Watched<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[derive(Debug)]
struct Bar {
    what: String,
    total: Option<u64>,
    done: u64,
    begun: Instant,
    /// When something else was last seen on the screen.
    heard: Instant,
    shown: Option<ProgressBar>,
}

impl Bar {
    fn reached(&mut self, bytes: u64) {
        // Totals are estimates: more than all of it is never said to be done.
        self.done = self.total.map_or(bytes, |total| bytes.min(total));
        if self.shown.is_none() && self.heard.elapsed() >= PATIENCE {
            self.shown = Some(self.draw());
        }
        if let Some(bar) = &self.shown {
            bar.set_position(self.done);
        }
    }

    fn draw(&self) -> ProgressBar {
        let template = if self.total.is_some() { WITH_TOTAL } else { WITHOUT_TOTAL };
        let bar = ProgressBar::with_draw_target(self.total, ProgressDrawTarget::stderr());
        let bar = bar.with_elapsed(self.begun.elapsed()).with_message(self.what.clone());
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    fn hush(&mut self) {
        self.heard = Instant::now();
        if let Some(bar) = self.shown.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.hush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(err_is_tty: bool) -> Terminal {
        Terminal { err_is_tty, ..Terminal::default() }
    }

    fn bar(progress: &Progress) -> std::sync::MutexGuard<'_, Bar> {
        progress.0.as_ref().unwrap().lock().unwrap()
    }

    #[test]
    fn templates_are_understood() {
        for template in [WITH_TOTAL, WITHOUT_TOTAL] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_pipe_never_gets_a_bar_and_costs_nothing() {
        let progress = Progress::new(terminal(false), || panic!("nobody asked for the total"));
        progress.reached(5);
        assert!(progress.0.is_none());
    }

    #[test]
    fn a_terminal_gets_it_after_a_while_of_silence() {
        let progress = Progress::new(terminal(true), || ("reading \u{1b}".to_owned(), Some(10)));
        progress.reached(5);
        assert!(bar(&progress).shown.is_none());
        bar(&progress).heard -= PATIENCE;
        progress.add(2);
        let position = bar(&progress).shown.as_ref().map(|bar| (bar.position(), bar.length(), bar.message()));
        assert_eq!(position, Some((7, Some(10), r"reading \x1b".to_owned())));
        progress.hush();
        progress.reached(8);
        assert!(bar(&progress).shown.is_none());
        bar(&progress).heard -= PATIENCE;
        progress.reached(9);
        assert!(bar(&progress).shown.is_some());
    }

    #[test]
    fn no_more_is_done_than_there_is() {
        let progress = Progress::new(terminal(true), || (String::new(), Some(10)));
        progress.reached(11);
        assert_eq!(bar(&progress).done, 10);
    }

    #[test]
    fn a_large_piece_is_counted_in_steps() {
        let progress = Progress::new(terminal(true), || (String::new(), None));
        let mut watched = progress.watch(Vec::new());
        assert_eq!(watched.write(&vec![7; 3 * STEP]).unwrap(), STEP);
        assert_eq!(bar(&progress).done, STEP as u64);
        watched.write_all(b"the rest").unwrap();
        assert_eq!((bar(&progress).done, watched.inner.len()), (STEP as u64 + 8, STEP + 8));
    }
}
