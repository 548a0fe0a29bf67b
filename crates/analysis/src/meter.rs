//! How far long work has come, and the switch that ends it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts the bytes that work has gone through. Whoever waits may read it from another thread, and end the work.
///
/// ```
/// use icecore_analysis::Meter;
///
/// let meter = Meter::default();
/// assert!(meter.pass(4096));
/// meter.stop();
/// assert!(!meter.pass(4096));
/// assert_eq!(meter.done(), 8192);
/// ```
#[derive(Debug, Default)]
pub struct Meter {
    done: AtomicU64,
    stopped: AtomicBool,
}

impl Meter {
    /// Adds bytes, and says whether the work goes on.
    pub fn pass(&self, bytes: u64) -> bool {
        // Each is a count or a flag by itself: nothing else is published by them.
        self.done.fetch_add(bytes, Ordering::Relaxed);
        !self.is_stopped()
    }

    /// How many bytes there were so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Ends the work: it stops behind the piece that it is at, which is a mebibyte or so.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether somebody ended it.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
