//! Where a search looks, and what it finds bytes in.

use icecore::filesystem::Origin;
use icecore::memory::PageSource;

/// Where to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// Memory that processes have mapped, their arguments and environment in it.
    Memory,
    /// Shared objects where no process that was searched sees them, changed files, temporary file systems, volumes, ghosts.
    Files,
    /// Bytes that waited in pipes, sockets, terminals and message queues.
    Queues,
    /// Logs of the container and of CRIU.
    Logs,
    /// Documents of the engine, as `config.dump`.
    Documents,
    /// Pages files that nothing refers to.
    Stale,
}

impl Place {
    /// All places, in the order in which they are searched.
    pub const ALL: [Self; 6] =
        [Self::Memory, Self::Files, Self::Queues, Self::Logs, Self::Documents, Self::Stale];

    /// The name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Files => "files",
            Self::Queues => "queues",
            Self::Logs => "logs",
            Self::Documents => "documents",
            Self::Stale => "stale",
        }
    }
}

/// Where the first byte of a hit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Memory that a process has mapped.
    Page(PageSource),
    /// Something else.
    Beside(Beside),
}

impl Source {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page(source) => source.name(),
            Self::Beside(beside) => beside.name(),
        }
    }
}

/// What holds the first byte of a hit beside mapped memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Beside {
    /// A file of the container.
    File(Origin),
    /// Shared anonymous memory where nobody has it mapped.
    Shared,
    /// A queue, or an image of queues.
    Queue,
    /// A log.
    Log,
    /// A document of the engine.
    Document,
    /// A pages file that nothing refers to.
    Stale,
}

impl Beside {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::File(origin) => origin.name(),
            Self::Shared => "shared",
            Self::Queue => "queue",
            Self::Log => "log",
            Self::Document => "document",
            Self::Stale => "stale",
        }
    }
}
