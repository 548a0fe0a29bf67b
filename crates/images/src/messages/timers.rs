//! Timers.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// All timers of a process.
    TaskTimersEntry("task_timers_entry") {
        /// `ITIMER_REAL`, of wall-clock time.
        1 real: ItimerEntry,
        /// `ITIMER_VIRTUAL`, of time in user mode.
        2 virt: ItimerEntry,
        /// `ITIMER_PROF`, of processor time.
        3 prof: ItimerEntry,
        /// Timers of timer_create(2).
        4 posix: Vec<PosixTimerEntry>,
    }

    /// An interval timer; all 0 is disarmed.
    ItimerEntry("itimer_entry") {
        /// Interval, seconds.
        1 isec: u64,
        /// Interval, microseconds above the seconds.
        2 iusec: u64,
        /// Time left, seconds.
        3 vsec: u64,
        /// Time left, microseconds above the seconds.
        4 vusec: u64,
    }

    /// A timer of timer_create(2).
    PosixTimerEntry("posix_timer_entry") {
        /// Id of the timer in its process.
        1 it_id: u32,
        /// Clock: 0 REALTIME, 1 MONOTONIC, 2 processor time of the process, 3 of the thread, 7 BOOTTIME;
        /// dynamic clocks are negative numbers.
        2 clock_id: u32,
        /// Signal that it sends.
        3 si_signo: u32,
        /// 0 signal, 1 nothing, 2 thread, 4 signal to one thread.
        4 it_sigev_notify: u32,
        /// Value that goes with the signal.
        5 sival_ptr: u64,
        /// Expirations since the last signal was sent.
        6 overrun: u32,
        /// Interval, seconds.
        7 isec: u64,
        /// Interval, nanoseconds above the seconds.
        8 insec: u64,
        /// Time left, seconds. All 0 with an interval: it was about to fire.
        9 vsec: u64,
        /// Time left, nanoseconds above the seconds.
        10 vnsec: u64,
        /// The thread that gets the signal; since CRIU 3.16.
        11 notify_thread_id: Option<i32>,
    }
}
