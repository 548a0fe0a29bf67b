//! Scans that are heard of while they go on: what they find is taken elsewhere than where it is found.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use icecore_analysis::Meter;

use crate::output::Progress;

/// Findings that are ahead of those that were taken; a scan waits where taking is slower.
const AHEAD: usize = 256;

/// How long findings are waited for before those that there are are to be shown, and the least time between two looks at
/// the meter.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs `find` in a thread of its own, which gives what it finds until it hears `false`, and `take` in this one.
///
/// When `take` is done, `meter` is stopped: whoever has enough, as where the reader of a pipe went away, does not wait for
/// the end of the scan.
pub(crate) fn scan<T: Send, R>(
    meter: &Meter,
    progress: &Progress,
    find: impl FnOnce(&mut dyn FnMut(T) -> bool) + Send,
    take: impl FnOnce(Found<'_, T>) -> R,
) -> R {
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(AHEAD);
        scope.spawn(move || find(&mut |found| sender.send(found).is_ok()));
        let taken = take(Found { receiver, meter, progress, paused: Instant::now() });
        meter.stop();
        taken
    })
}

/// What a scan finds, in its order. `None` is a pause: there has been nothing for a while, or nobody has looked up for as
/// long.
#[derive(Debug)]
pub(crate) struct Found<'a, T> {
    receiver: Receiver<T>,
    meter: &'a Meter,
    progress: &'a Progress,
    paused: Instant,
}

impl<T> Iterator for Found<'_, T> {
    type Item = Option<T>;

    fn next(&mut self) -> Option<Option<T>> {
        let next = match PAUSE.checked_sub(self.paused.elapsed()) {
            Some(left) => self.receiver.recv_timeout(left),
            None => Err(RecvTimeoutError::Timeout),
        };
        match next {
            Ok(found) => Some(Some(found)),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.paused = Instant::now();
                self.progress.reached(self.meter.done());
                Some(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scan waits for whoever takes, so it cannot have ended when the first finding is taken.
    #[test]
    fn findings_are_taken_while_the_scan_goes_on() {
        let (meter, progress) = (Meter::default(), Progress::hidden());
        let (taken, go_on) = mpsc::channel();
        let find = move |give: &mut dyn FnMut(u32) -> bool| {
            assert!(give(1));
            go_on.recv_timeout(Duration::from_secs(60)).unwrap();
            assert!(give(2));
        };
        let mut seen = Vec::new();
        scan(&meter, &progress, find, |found| {
            for found in found.flatten() {
                seen.push(found);
                let _ = taken.send(());
            }
        });
        assert_eq!(seen, [1, 2]);
    }

    #[test]
    fn silence_is_told() {
        let (meter, progress) = (Meter::default(), Progress::hidden());
        let (paused, go_on) = mpsc::channel();
        let find = move |give: &mut dyn FnMut(u32) -> bool| {
            give(1);
            go_on.recv_timeout(Duration::from_secs(60)).unwrap();
        };
        let mut pauses = 0;
        scan(&meter, &progress, find, |found| {
            for _ in found.filter(Option::is_none) {
                pauses += 1;
                let _ = paused.send(());
            }
        });
        assert!(pauses > 0);
    }

    #[test]
    fn a_scan_ends_with_whoever_took_its_findings() {
        let (meter, progress) = (Meter::default(), Progress::hidden());
        let find = |give: &mut dyn FnMut(u32) -> bool| {
            assert!(give(1));
            while meter.pass(1) {
                thread::yield_now();
            }
            while give(2) {}
        };
        assert_eq!(scan(&meter, &progress, find, |found| found.flatten().next()), Some(1));
    }
}
