//! What ends a command, and the one line that says so.

use std::error::Error as StdError;
use std::io;

use crate::output::escape;

/// Why a command could not be done. Libraries' errors come as [`Error::Input`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The arguments contradict each other or the table they are about.
    #[error("{0}")]
    Usage(String),
    /// An archive cannot be read.
    #[error("{archive}")]
    Input {
        /// The archive as the user named it.
        archive: String,
        /// What the library says about it.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The answer would have been written over what it is about.
    #[error("{path}: `-o` would write into the archive that is being examined; name a file outside it")]
    Evidence {
        /// The path given to `-o`.
        path: String,
    },
    /// The answer cannot be written.
    #[error("cannot write to {target}")]
    Output {
        /// `standard output`, or the path given to `-o`.
        target: String,
        /// What the operating system says.
        source: io::Error,
    },
}

impl Error {
    /// Whether the reader of the answer went away, as `head` does when it has enough.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The error and its causes on one line, escaped: each may quote names from the archive.
    pub fn to_line(&self) -> String {
        let mut message = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Many an error says its cause itself.
            if !message.ends_with(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = error.source();
        }
        escape::line(&message).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_stand_on_the_same_line_and_are_escaped() {
        let source = Box::new(io::Error::other("a name\n\u{1b}[2J"));
        let error = Error::Input { archive: "a.tar".to_owned(), source };
        assert_eq!(error.to_line(), r"a.tar: a name\n\x1b[2J");
    }

    #[test]
    fn only_output_breaks_a_pipe() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(Error::Output { target: "standard output".to_owned(), source: broken() }.is_broken_pipe());
        assert!(!Error::Input { archive: "-".to_owned(), source: Box::new(broken()) }.is_broken_pipe());
    }
}
