//! Colour and weight, where the terminal and the user want them.

use std::fmt::Display;

/// Decides once whether text is dressed; undressed text has no control sequence at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    colored: bool,
}

impl Style {
    /// Dressed text if `colored`.
    pub fn new(colored: bool) -> Self {
        Self { colored }
    }

    /// A heading, or the name of the thing the line is about.
    pub fn bold(self, text: impl Display) -> String {
        self.wrap("1", text)
    }

    /// What matters less.
    pub fn dim(self, text: impl Display) -> String {
        self.wrap("2", text)
    }

    /// Something went wrong.
    pub fn red(self, text: impl Display) -> String {
        self.wrap("31", text)
    }

    /// Something deserves a look.
    pub fn yellow(self, text: impl Display) -> String {
        self.wrap("33", text)
    }

    /// `text` must have been escaped before: this adds control sequences and takes none away.
    fn wrap(self, code: &str, text: impl Display) -> String {
        if self.colored { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(Style::new(false).red("x"), "x");
        assert_eq!(Style::new(true).bold("x"), "\x1b[1mx\x1b[0m");
    }
}
