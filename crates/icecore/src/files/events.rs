//! Files without a path that wait for something or stand for something: epoll, timers, processes, BPF maps.

use bstr::BString;
use icecore_images::messages::{BpfmapFileEntry, EventpollTfdEntry, PidfdEntry, TimerfdEntry};
use serde::Serialize;

use crate::Pid;

/// One descriptor that an epoll file watches. Source: `eventpoll_tfd_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EpollTarget {
    /// The number in the process that registered it. It can have been closed since, or be another file now.
    pub fd: u32,
    /// `EPOLL*` bits; the kernel adds `EPOLLERR` and `EPOLLHUP`.
    pub events: u32,
    /// What the program gets back with an event.
    pub data: u64,
    /// The inode of the watched file; since CRIU 3.11.
    pub ino: Option<u64>,
}

/// The names of the bits of an epoll mask.
const EPOLL_EVENTS: [(&str, u32); 13] = [
    ("IN", 0x1),
    ("PRI", 0x2),
    ("OUT", 0x4),
    ("ERR", 0x8),
    ("HUP", 0x10),
    ("RDNORM", 0x40),
    ("RDBAND", 0x80),
    ("WRNORM", 0x100),
    ("RDHUP", 0x2000),
    ("EXCLUSIVE", 0x1000_0000),
    ("WAKEUP", 0x2000_0000),
    ("ONESHOT", 0x4000_0000),
    ("ET", 0x8000_0000),
];

impl EpollTarget {
    /// The names of its events, without `EPOLL`.
    pub fn event_names(self) -> impl Iterator<Item = &'static str> {
        EPOLL_EVENTS.into_iter().filter(move |(_, bit)| self.events & bit != 0).map(|(name, _)| name)
    }
}

impl From<&EventpollTfdEntry> for EpollTarget {
    fn from(entry: &EventpollTfdEntry) -> Self {
        Self { fd: entry.tfd, events: entry.events, data: entry.data, ino: entry.inode }
    }
}

/// A timer file. Source: `timerfd_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Timerfd {
    /// The clock: 0 `CLOCK_REALTIME`, 1 `CLOCK_MONOTONIC`, 7 `CLOCK_BOOTTIME`, 8 and 9 those that wake the machine.
    pub clock: u32,
    /// Expirations that were not read yet.
    pub ticks: u64,
    /// 1: set to a point in time; 2: cancelled when the clock is set.
    pub settime_flags: u32,
    /// Time left, in seconds and nanoseconds; zero if it is not armed.
    pub left: (u64, u64),
    /// Time between expirations, in seconds and nanoseconds; zero if there is but one.
    pub interval: (u64, u64),
}

impl Timerfd {
    /// The name of its clock in `clock_gettime(2)`, if the kernel has timer files for it.
    pub fn clock_name(self) -> Option<&'static str> {
        Some(match self.clock {
            0 => "CLOCK_REALTIME",
            1 => "CLOCK_MONOTONIC",
            7 => "CLOCK_BOOTTIME",
            8 => "CLOCK_REALTIME_ALARM",
            9 => "CLOCK_BOOTTIME_ALARM",
            _ => return None,
        })
    }
}

impl From<&TimerfdEntry> for Timerfd {
    fn from(entry: &TimerfdEntry) -> Self {
        Self {
            clock: entry.clockid,
            ticks: entry.ticks,
            settime_flags: entry.settime_flags,
            left: (entry.vsec, entry.vnsec),
            interval: (entry.isec, entry.insec),
        }
    }
}

/// A file that stands for a process. Source: `pidfd_entry`, since CRIU 4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pidfd {
    /// The process; `None` if it was gone.
    pub pid: Option<Pid>,
}

impl From<&PidfdEntry> for Pidfd {
    fn from(entry: &PidfdEntry) -> Self {
        Self { pid: u32::try_from(entry.nspid).ok().map(Pid) }
    }
}

/// A BPF map. Source: `bpfmap_file_entry`, since CRIU 3.15; its content is in `bpfmap-data.img`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Bpfmap {
    /// Its id.
    pub id: u32,
    /// Its name.
    pub name: BString,
    /// Its type: 1 hash, 2 array.
    pub map_type: u32,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// Entries that it can hold.
    pub max_entries: u32,
    /// `BPF_F_*` flags.
    pub flags: u32,
    /// Whether programs can no longer write it.
    pub frozen: bool,
}

impl From<&BpfmapFileEntry> for Bpfmap {
    fn from(entry: &BpfmapFileEntry) -> Self {
        Self {
            id: entry.map_id,
            name: entry.map_name.clone(),
            map_type: entry.map_type,
            key_size: entry.key_size,
            value_size: entry.value_size,
            max_entries: entry.max_entries,
            flags: entry.map_flags,
            frozen: entry.frozen,
        }
    }
}
