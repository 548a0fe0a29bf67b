//! Terminals.

use std::collections::BTreeMap;

use icecore_images::messages::{TermiosEntry, TtyInfoEntry, TtyType};
use serde::Serialize;

use crate::images::Images;
use crate::{Diagnostic, Pid};

/// A terminal, or one side of a pseudo-terminal. Source: `tty-info.img`, `tty_info_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Terminal {
    /// Its number in the image.
    pub id: u32,
    /// What it is.
    pub kind: TerminalKind,
    /// N of `/dev/pts/N`; of pseudo-terminals only.
    pub index: Option<u32>,
    /// Whether it is the side of the terminal emulator; of pseudo-terminals only.
    pub is_master: bool,
    /// The session that it controls.
    pub session: Option<Pid>,
    /// Its foreground process group.
    pub foreground: Option<Pid>,
    /// Its size; absent if it was hung up.
    pub size: Option<WindowSize>,
    /// Whether the slave is locked.
    pub locked: bool,
    /// Whether it cannot be opened again.
    pub exclusive: bool,
    /// Whether the master is in packet mode.
    pub packet_mode: bool,
    /// Owner and group of its node; since CRIU 2.6.
    pub owner: Option<(u32, u32)>,
    /// Its settings, with the flags of the dumped architecture: `c_iflag`, `c_oflag`, `c_cflag`, `c_lflag`. `None` if it
    /// was hung up. Speeds and, but for the first eight words, control characters of the record have no meaning.
    pub settings: Option<[u32; 4]>,
}

/// What a terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TerminalKind {
    /// A side of a pseudo-terminal.
    Pseudo,
    /// `/dev/console`.
    Console,
    /// A virtual terminal.
    Virtual,
    /// `/dev/tty`: whatever controls the process.
    Current,
    /// Handed in by who restores.
    External,
    /// A serial line.
    Serial,
    /// None of these.
    Unknown(i32),
}

impl TerminalKind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pseudo => "pty",
            Self::Console => "console",
            Self::Virtual => "vt",
            Self::Current => "current",
            Self::External => "external",
            Self::Serial => "serial",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl From<TtyType> for TerminalKind {
    fn from(number: TtyType) -> Self {
        match number {
            TtyType::PTY => Self::Pseudo,
            TtyType::CONSOLE => Self::Console,
            TtyType::VT => Self::Virtual,
            TtyType::CTTY => Self::Current,
            TtyType::EXT_TTY => Self::External,
            TtyType::SERIAL => Self::Serial,
            other => Self::Unknown(other.0),
        }
    }
}

/// The size of a terminal, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WindowSize {
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
}

impl From<&TtyInfoEntry> for Terminal {
    fn from(entry: &TtyInfoEntry) -> Self {
        let nonzero = |id: u32| (id != 0).then_some(Pid(id));
        let settings =
            |termios: &TermiosEntry| [termios.c_iflag, termios.c_oflag, termios.c_cflag, termios.c_lflag];
        let is_pseudo = entry.r#type == TtyType::PTY;
        Self {
            id: entry.id,
            kind: entry.r#type.into(),
            index: entry.pty.as_ref().map(|pty| pty.index),
            // Twice the index, and one more for the master.
            is_master: is_pseudo && entry.id & 1 == 1,
            session: nonzero(entry.sid),
            foreground: nonzero(entry.pgrp),
            size: entry.winsize.as_ref().map(|size| WindowSize { rows: size.ws_row, columns: size.ws_col }),
            locked: entry.locked,
            exclusive: entry.exclusive,
            packet_mode: entry.packet_mode,
            owner: entry.uid.zip(entry.gid),
            settings: entry.termios.as_ref().map(settings),
        }
    }
}

/// All terminals by their numbers.
pub(super) fn read(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<u32, Terminal> {
    let records: Vec<TtyInfoEntry> = images.records("tty-info.img", diagnostics).unwrap_or_default();
    records.iter().map(|record| (record.id, Terminal::from(record))).collect()
}
