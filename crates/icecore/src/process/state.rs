//! Whether a process runs, stands, or is dead.

use std::fmt;

use icecore_images::messages::TaskCoreEntry;
use serde::{Serialize, Serializer};

use super::SignalNumber;

/// The state of a process. Source: `core-PID.img`, `task_core_entry.task_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum State {
    /// It runs or sleeps. Which of both is not stored.
    Alive,
    /// Job control has stopped it; the signal is stored since CRIU 3.18.
    Stopped(Option<SignalNumber>),
    /// It is dead, and its parent has not yet asked for its status.
    Zombie,
    /// A number that no CRIU writes into an image.
    Other(u32),
}

impl State {
    pub(super) fn of(task: &TaskCoreEntry) -> Self {
        const ALIVE: u32 = 1;
        const DEAD: u32 = 2;
        const STOPPED: u32 = 3;
        const ZOMBIE: u32 = 6;
        match task.task_state {
            ALIVE => Self::Alive,
            DEAD | ZOMBIE => Self::Zombie,
            STOPPED => Self::Stopped(task.stop_signo.filter(|signal| *signal != 0).map(SignalNumber)),
            other => Self::Other(other),
        }
    }

    /// `alive`, `stopped`, `zombie` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Stopped(_) => "stopped",
            Self::Zombie => "zombie",
            Self::Other(_) => "unknown",
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How a process ended, as wait(2) gives it. Source: `task_core_entry.exit_code`.
///
/// ```
/// use icecore::WaitStatus;
/// assert_eq!(WaitStatus(768).exit_code(), Some(3));
/// assert_eq!(WaitStatus(9).signal(), Some(9));
/// assert_eq!(WaitStatus(0x8b).to_string(), "killed by signal 11, core dumped");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct WaitStatus(pub u32);

impl WaitStatus {
    /// What it gave to exit(2), if it ended so.
    pub fn exit_code(self) -> Option<u32> {
        (self.0 & 0x7f == 0).then_some(self.0 >> 8 & 0xff)
    }

    /// The signal that ended it.
    pub fn signal(self) -> Option<u32> {
        Some(self.0 & 0x7f).filter(|signal| *signal != 0)
    }

    /// Whether the kernel wrote a core file.
    pub fn is_core_dumped(self) -> bool {
        self.0 & 0x80 != 0
    }
}

impl fmt::Display for WaitStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.signal() {
            None => write!(formatter, "exit {}", self.0 >> 8 & 0xff),
            Some(signal) if self.is_core_dumped() => {
                write!(formatter, "killed by signal {signal}, core dumped")
            }
            Some(signal) => write!(formatter, "killed by signal {signal}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(task_state: u32, stop_signo: Option<u32>) -> State {
        let mut task = TaskCoreEntry::default();
        (task.task_state, task.stop_signo) = (task_state, stop_signo);
        State::of(&task)
    }

    #[test]
    fn states_are_those_that_criu_writes_and_not_those_that_crit_shows() {
        assert_eq!(state(1, None), State::Alive);
        assert_eq!(state(2, None), State::Zombie);
        assert_eq!(state(3, Some(19)), State::Stopped(Some(SignalNumber(19))));
        assert_eq!(state(3, Some(0)), State::Stopped(None));
        assert_eq!(state(128, None), State::Other(128));
    }
}
