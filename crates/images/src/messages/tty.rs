//! Terminals.

use alloc::vec::Vec;

use super::FownEntry;
use crate::declare::{enums, messages};

messages! {
    /// An open terminal.
    TtyFileEntry("tty_file_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// The terminal, an id of `tty-info.img`.
        2 tty_info_id: u32,
        /// Open flags.
        3 flags: u32 as hex,
        /// Owner for SIGIO.
        4 fown: FownEntry,
        /// The file with its path, an id of `files.img`; since CRIU 3.6.
        6 regf_id: Option<u32>,
    }

    /// A terminal, or one side of a pseudo-terminal: `tty-info.img`.
    TtyInfoEntry("tty_info_entry") {
        /// Its number: twice the index, and one more for the master of a pseudo-terminal.
        1 id: u32,
        /// What it is.
        2 r#type: TtyType,
        /// Whether the slave is locked.
        3 locked: bool,
        /// Whether it cannot be opened again.
        4 exclusive: bool,
        /// Whether the master is in packet mode.
        5 packet_mode: bool,
        /// Session that it controls, virtual; 0 none.
        6 sid: u32,
        /// Foreground process group, virtual; 0 none.
        7 pgrp: u32,
        /// Its device, encoded as by the C library.
        8 rdev: u32,
        /// Its settings; absent if it was hung up.
        9 termios: Option<TermiosEntry>,
        /// Its locked settings.
        10 termios_locked: Option<TermiosEntry>,
        /// Its size.
        11 winsize: Option<WinsizeEntry>,
        /// What only pseudo-terminals have.
        12 pty: Option<TtyPtyEntry>,
        /// Device of the file system of its node, encoded as by the C library; since CRIU 2.0.
        13 dev: Option<u32>,
        /// Owner; since CRIU 2.6.
        14 uid: Option<u32>,
        /// Group; since CRIU 2.6.
        15 gid: Option<u32>,
    }

    /// Settings of a terminal, with the flags of the dumped architecture.
    TermiosEntry("termios_entry") {
        /// Input flags.
        1 c_iflag: u32,
        /// Output flags.
        2 c_oflag: u32,
        /// Control flags.
        3 c_cflag: u32,
        /// Local flags.
        4 c_lflag: u32,
        /// Line discipline.
        5 c_line: u32,
        /// 0: speeds are in `c_cflag`.
        6 c_ispeed: u32,
        /// 0: speeds are in `c_cflag`.
        7 c_ospeed: u32,
        /// Control characters: 32 bytes packed into the first 8 words in memory order; the others have no
        /// meaning.
        8 c_cc: Vec<u32>,
    }

    /// Size of a terminal.
    WinsizeEntry("winsize_entry") {
        /// Rows.
        1 ws_row: u32,
        /// Columns.
        2 ws_col: u32,
        /// Width in pixels.
        3 ws_xpixel: u32,
        /// Height in pixels.
        4 ws_ypixel: u32,
    }

    /// What only pseudo-terminals have.
    TtyPtyEntry("tty_pty_entry") {
        /// N of `/dev/pts/N`.
        1 index: u32,
    }

    /// Unread input of a terminal: `tty-data.img`.
    TtyDataEntry("tty_data_entry") {
        /// The terminal, an id of `tty-info.img`.
        1 tty_id: u32,
        /// The bytes.
        2 data: Vec<u8>,
    }
}

enums! {
    /// What a terminal is.
    TtyType("TtyType") {
        /// None of these.
        UNKNOWN = 0,
        /// Pseudo-terminal.
        PTY = 1,
        /// `/dev/console`.
        CONSOLE = 2,
        /// Virtual terminal.
        VT = 3,
        /// `/dev/tty`, the current one.
        CTTY = 4,
        /// External, handed in by who restores.
        EXT_TTY = 5,
        /// Serial line.
        SERIAL = 6,
    }
}
