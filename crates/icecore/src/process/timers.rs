//! Timers of a process. Those behind descriptors are files.

use std::time::Duration;

use icecore_images::messages::{ItimerEntry, PosixTimerEntry, TaskTimersEntry};
use serde::{Serialize, Serializer};

use super::SignalNumber;
use crate::{Tid, Vaddr};

/// The timers of a process. Source: `core-PID.img`, `task_core_entry.timers`; since CRIU 1.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Timers {
    /// `ITIMER_REAL`, of wall-clock time; sends SIGALRM.
    pub real: IntervalTimer,
    /// `ITIMER_VIRTUAL`, of time in user mode; sends SIGVTALRM.
    pub virt: IntervalTimer,
    /// `ITIMER_PROF`, of processor time; sends SIGPROF.
    pub prof: IntervalTimer,
    /// Those of timer_create(2), in the order of the image.
    pub posix: Vec<PosixTimer>,
}

/// Times of a timer. A timer without time left is disarmed; CRIU stores one that is about to fire so, with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IntervalTimer {
    /// Time between two expirations; zero: it fires once.
    #[serde(serialize_with = "seconds")]
    pub interval: Duration,
    /// Time left in the frozen instant; zero: disarmed, or about to fire if there is an interval.
    #[serde(serialize_with = "seconds")]
    pub left: Duration,
}

/// A timer of timer_create(2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PosixTimer {
    /// Its number in its process.
    pub id: u32,
    /// The clock: 0 and up as clock_gettime(2) has them, below zero those of processes, threads and devices.
    pub clock: i32,
    /// What happens when it expires.
    pub notify: Notify,
    /// The signal that it sends; 0 if none.
    pub signal: SignalNumber,
    /// What goes with the signal.
    pub value: Vaddr,
    /// Expirations since the last signal was delivered.
    pub overrun: u32,
    /// Interval and time left.
    pub times: IntervalTimer,
}

/// What happens when a timer expires, as `sigev_notify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Notify {
    /// A signal to the process.
    Signal,
    /// Nothing.
    None,
    /// A signal by which the C library starts a thread.
    Thread,
    /// A signal to this thread; which one is stored since CRIU 3.16.
    ThreadId(Option<Tid>),
    /// A number that the kernel does not have.
    Other(u32),
}

impl Timers {
    pub(super) fn of(entry: &TaskTimersEntry) -> Self {
        Self {
            real: IntervalTimer::of(&entry.real),
            virt: IntervalTimer::of(&entry.virt),
            prof: IntervalTimer::of(&entry.prof),
            posix: entry.posix.iter().map(PosixTimer::of).collect(),
        }
    }
}

impl IntervalTimer {
    fn of(entry: &ItimerEntry) -> Self {
        const NANOS: u64 = 1000;
        Self {
            interval: duration(entry.isec, entry.iusec.saturating_mul(NANOS)),
            left: duration(entry.vsec, entry.vusec.saturating_mul(NANOS)),
        }
    }

    /// Whether it will expire.
    pub fn is_armed(&self) -> bool {
        !(self.left.is_zero() && self.interval.is_zero())
    }
}

impl PosixTimer {
    fn of(entry: &PosixTimerEntry) -> Self {
        Self {
            id: entry.it_id,
            clock: entry.clock_id.cast_signed(),
            notify: match entry.it_sigev_notify {
                0 => Notify::Signal,
                1 => Notify::None,
                2 => Notify::Thread,
                4 => {
                    Notify::ThreadId(entry.notify_thread_id.and_then(|tid| u32::try_from(tid).ok()).map(Tid))
                }
                other => Notify::Other(other),
            },
            signal: SignalNumber(entry.si_signo),
            value: Vaddr(entry.sival_ptr),
            overrun: entry.overrun,
            times: IntervalTimer {
                interval: duration(entry.isec, entry.insec),
                left: duration(entry.vsec, entry.vnsec),
            },
        }
    }

    /// The name of its clock, as clock_gettime(2) has it without `CLOCK_`; `None` for one that is not fixed.
    ///
    /// The kernel keeps the processor time of the caller under a number below zero, and so do images.
    pub fn clock_name(&self) -> Option<&'static str> {
        const OWN_PROCESS: i32 = -6;
        const OWN_THREAD: i32 = -2;
        const CLOCKS: [&str; 12] = [
            "REALTIME",
            "MONOTONIC",
            "PROCESS_CPUTIME_ID",
            "THREAD_CPUTIME_ID",
            "MONOTONIC_RAW",
            "REALTIME_COARSE",
            "MONOTONIC_COARSE",
            "BOOTTIME",
            "REALTIME_ALARM",
            "BOOTTIME_ALARM",
            "SGI_CYCLE",
            "TAI",
        ];
        let number = match self.clock {
            OWN_PROCESS => 2,
            OWN_THREAD => 3,
            number => number,
        };
        CLOCKS.get(usize::try_from(number).ok()?).copied()
    }
}

/// A time of an image; one that overflows is the longest there is.
fn duration(seconds: u64, nanoseconds: u64) -> Duration {
    Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanoseconds)).unwrap_or(Duration::MAX)
}

/// Seconds with nine digits behind the point, as text: a binary fraction would round.
fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{}.{:09}", time.as_secs(), time.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_timers_count_microseconds_and_posix_ones_nanoseconds() {
        let mut entry = ItimerEntry::default();
        (entry.isec, entry.iusec, entry.vsec, entry.vusec) = (66, 250_000, 1, 2);
        let timer = IntervalTimer::of(&entry);
        assert_eq!(timer.interval, Duration::from_millis(66_250));
        assert_eq!(timer.left, Duration::new(1, 2000));
        let mut entry = PosixTimerEntry::default();
        (entry.isec, entry.insec, entry.clock_id) = (4, 5000, 7);
        let timer = PosixTimer::of(&entry);
        assert_eq!(timer.times.interval, Duration::new(4, 5000));
        assert_eq!(timer.clock_name(), Some("BOOTTIME"));
        entry.clock_id = (-6_i32).cast_unsigned();
        assert_eq!(PosixTimer::of(&entry).clock_name(), Some("PROCESS_CPUTIME_ID"));
    }

    #[test]
    fn wild_times_do_not_overflow() {
        let mut entry = ItimerEntry::default();
        (entry.isec, entry.iusec) = (u64::MAX, u64::MAX);
        assert!(IntervalTimer::of(&entry).is_armed());
        let mut entry = PosixTimerEntry::default();
        (entry.clock_id, entry.notify_thread_id) = (1 << 31, Some(-1));
        assert_eq!(PosixTimer::of(&entry).clock_name(), None);
    }
}
