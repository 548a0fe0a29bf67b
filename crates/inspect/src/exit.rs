//! How a command went, in the numbers of grep and diff.

/// The outcome of a command, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: done, and the answer is "yes" where there was a question.
    Done,
    /// 1: done, and the answer is "no": no hit, findings, differences.
    No,
    /// 2: wrong usage, input that cannot be read, or any diagnostic under `--strict`.
    Trouble,
}

impl Exit {
    /// The number for the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Trouble => 2,
        }
    }
}
