//! What files of one kind have.

use crate::output::Kind;
use crate::views::sockets::kinds::BRIEF;

/// What [`of`](super::of) gives.
pub(crate) const DETAILS: Kind = Kind::OneOf(&[
    Kind::Object(&[("end", Kind::Text)]),
    BRIEF,
    Kind::Object(&[("counter", Kind::Count)]),
    Kind::Object(&[("targets", Kind::List(&TARGET))]),
    Kind::Object(&[("mask", Kind::Mask), ("signals", Kind::List(&Kind::Count))]),
    TIMER,
    Kind::Object(&[("watches", Kind::List(&WATCH))]),
    Kind::Object(&[
        ("class", Kind::Text),
        ("init_flags", Kind::Hex),
        ("event_flags", Kind::Octal),
        ("marks", Kind::List(&MARK)),
    ]),
    TERMINAL,
    Kind::Object(&[("name", Kind::Bytes), ("uid", Kind::Count), ("gid", Kind::Count), ("seals", Kind::Hex)]),
    Kind::Object(&[("pid", Kind::Count)]),
    Kind::Object(&[("kind", Kind::Text), ("id", Kind::Count)]),
    BPF_MAP,
    Kind::Object(&[("device", Kind::Bytes)]),
    Kind::Object(&[("fd_type", Kind::Integer)]),
]);

const TARGET: Kind = Kind::Object(&[
    ("fd", Kind::Count),
    ("events", Kind::Hex),
    ("events_names", Kind::List(&Kind::Text)),
    ("data", Kind::Hex),
    ("ino", Kind::Count),
]);

const TIMER: Kind = Kind::Object(&[
    ("clock", Kind::Count),
    ("clock_name", Kind::Text),
    ("ticks", Kind::Count),
    ("settime_flags", Kind::Count),
    ("left", SECONDS),
    ("interval", SECONDS),
]);

/// A time span to the nanosecond.
pub(crate) const SECONDS: Kind = Kind::Object(&[("seconds", Kind::Count), ("nanoseconds", Kind::Count)]);

const WATCH: Kind = Kind::Object(&[
    ("wd", Kind::Count),
    ("mask", Kind::Hex),
    ("path", Kind::Bytes),
    ("ino", Kind::Count),
    ("dev", Kind::Device),
    ("mnt_id", Kind::Integer),
]);

const MARK: Kind = Kind::Object(&[
    ("mask", Kind::Hex),
    ("ignored_mask", Kind::Hex),
    ("flags", Kind::Hex),
    ("dev", Kind::Device),
    ("on", Kind::Word(&["inode", "mount"])),
    ("ino", Kind::Count),
    ("path", Kind::Bytes),
    ("mnt_id", Kind::Integer),
]);

const TERMINAL: Kind = Kind::Object(&[
    ("kind", Kind::Text),
    ("index", Kind::Count),
    ("master", Kind::Bool),
    ("session", Kind::Count),
    ("foreground", Kind::Count),
    ("size", Kind::Object(&[("rows", Kind::Count), ("columns", Kind::Count)])),
    ("locked", Kind::Bool),
    ("settings", Kind::List(&Kind::Hex)),
]);

const BPF_MAP: Kind = Kind::Object(&[
    ("id", Kind::Count),
    ("name", Kind::Bytes),
    ("type", Kind::Count),
    ("key_size", Kind::Count),
    ("value_size", Kind::Count),
    ("max_entries", Kind::Count),
    ("frozen", Kind::Bool),
]);
