//! Searching what a checkpoint holds beside memory that processes have mapped.

use std::ops::ControlFlow;
use std::sync::Arc;

use bstr::BString;
use icecore::archive::{Member, SharedSource, read_full_at};
use icecore::filesystem::Origin;
use icecore::images_format::Kind;
use icecore::memory::{AreaKind, Object};
use icecore::metadata::Role;
use icecore::{Checkpoint, Pid};

use super::owners::Sharers;
use super::{CONTEXT, Hit, MAX_SHOWN, Needles};
use crate::windows;

/// Where to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// Memory that processes have mapped, their arguments and environment in it.
    Memory,
    /// Shared objects where no process that was searched sees them, changed files, temporary file systems, volumes, ghosts.
    Files,
    /// Bytes that waited in pipes, sockets and message queues.
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

/// What holds the first byte of a hit beside mapped memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Holder {
    /// A file of the container.
    File(Origin),
    /// Shared anonymous memory where nobody has it mapped.
    Shared,
    /// An image of queues.
    Queue,
    /// A log.
    Log,
    /// A document of the engine.
    Document,
    /// A pages file that nothing refers to.
    Stale,
}

impl Holder {
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

/// Searches these places, [`Place::Memory`] left out, and gives hits one by one until `take` breaks. Returns whether the
/// search came to its end. Of shared objects, what any of `seen` has mapped is passed over: a search of the memory of these
/// processes gives it.
pub fn search_beyond(
    checkpoint: &Checkpoint,
    needles: &Needles,
    places: &[Place],
    seen: &[Pid],
    take: &mut dyn FnMut(Hit) -> ControlFlow<()>,
) -> bool {
    let wants = |place| places.contains(&place);
    let mut walk = |content: Content| content.search(needles, take);
    let searched = (|| {
        if wants(Place::Files) {
            let sharers = Arc::new(Sharers::of(checkpoint, seen));
            objects(checkpoint, &sharers).try_for_each(&mut walk)?;
            files(checkpoint).try_for_each(&mut walk)?;
        }
        if wants(Place::Queues) {
            queues(checkpoint).try_for_each(&mut walk)?;
        }
        if wants(Place::Logs) {
            let logs = checkpoint.logs().map(|(_, member)| member);
            logs.filter_map(|member| Content::of(Holder::Log, member)).try_for_each(&mut walk)?;
        }
        if wants(Place::Documents) {
            let is_log = |member: &Member| checkpoint.logs().any(|(_, log)| log.name == member.name);
            let members = Role::members().filter_map(|name| checkpoint.root().file(name));
            let members = members.filter(|member| !is_log(member));
            members.filter_map(|member| Content::of(Holder::Document, member)).try_for_each(&mut walk)?;
        }
        if wants(Place::Stale) {
            let members = checkpoint.stale_pages().into_iter();
            members.filter_map(|member| Content::of(Holder::Stale, member)).try_for_each(&mut walk)?;
        }
        ControlFlow::Continue(())
    })();
    searched.is_continue()
}

/// Bytes that are searched as one, and what a hit in them is said to be in.
struct Content {
    holder: Holder,
    path: Option<BString>,
    member: BString,
    bytes: SharedSource,
    /// An object, of which parts are searched elsewhere.
    object: Option<(Arc<Object>, Arc<Sharers>)>,
}

impl Content {
    /// A member as it is. `None`: it cannot be read.
    fn of(holder: Holder, member: &Member) -> Option<Self> {
        let bytes = member.source().ok()?;
        Some(Self { holder, path: None, member: member.name.as_bytes().into(), bytes, object: None })
    }

    fn search(&self, needles: &Needles, take: &mut dyn FnMut(Hit) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut cursors = needles.cursors();
        let mut found = Vec::new();
        windows::visit_source(self.bytes.as_ref(), needles.longest(), &mut |window| {
            found.clear();
            needles.find(window.bytes, window.start.0, window.limit, &mut cursors, &mut found);
            for &(start, end, pattern) in &found {
                let at = window.start.0.saturating_add(start as u64);
                let matched = window.bytes.get(start..end).unwrap_or_default();
                if let Some(hit) = self.hit(at, matched, pattern) {
                    take(hit)?;
                }
            }
            ControlFlow::Continue(())
        })
    }

    fn hit(&self, at: u64, matched: &[u8], pattern: usize) -> Option<Hit> {
        let mut place = (Some(self.member.clone()), Some(at));
        if let Some((object, sharers)) = &self.object {
            if sharers.see(object, at) {
                return None;
            }
            place = object.place(at).map_or((None, None), |(member, at)| (Some(member.clone()), Some(at)));
        }
        let length = matched.len() as u64;
        let end = at.saturating_add(length);
        Some(Hit {
            pattern,
            matched: matched.get(..MAX_SHOWN.min(matched.len())).unwrap_or_default().to_vec(),
            length,
            before: self.context(at.saturating_sub(CONTEXT), at),
            after: self.context(end, end.saturating_add(CONTEXT)),
            owners: Vec::new(),
            source: super::Source::Beside(self.holder),
            path: self.path.clone(),
            member: place.0,
            offset: place.1,
        })
    }

    /// Bytes beside a match, if they can be read.
    fn context(&self, start: u64, end: u64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or(0)];
        let read = read_full_at(self.bytes.as_ref(), start, &mut bytes).unwrap_or(0);
        bytes.truncate(read);
        bytes
    }
}

fn objects<'a>(
    checkpoint: &'a Checkpoint,
    sharers: &Arc<Sharers>,
) -> impl Iterator<Item = Content> + use<'a> {
    let sharers = sharers.clone();
    checkpoint.shared_objects().into_iter().map(move |(object, bytes)| Content {
        holder: match object.kind {
            AreaKind::Memfd => Holder::File(Origin::Memfd),
            AreaKind::SysvShm => Holder::File(Origin::Sysv),
            _ => Holder::Shared,
        },
        path: Some(object.name.clone()),
        member: BString::default(),
        bytes,
        object: Some((object, sharers.clone())),
    })
}

/// The files that are not objects. A further name of a file is no further file.
fn files(checkpoint: &Checkpoint) -> impl Iterator<Item = Content> {
    let entries = checkpoint.filesystem().entries();
    let wanted = entries.filter(|entry| {
        let is_object = matches!(entry.origin, Origin::Memfd | Origin::Sysv);
        entry.is_file() && entry.same_as.is_none() && !is_object
    });
    wanted.filter_map(|entry| {
        let bytes = entry.content().ok()?;
        let (path, member) = (Some(entry.path.clone()), entry.member.clone());
        Some(Content { holder: Holder::File(entry.origin), path, member, bytes, object: None })
    })
}

/// Kinds of images that hold what waited in queues.
const QUEUES: [Kind; 6] =
    [Kind::PipesData, Kind::FifoData, Kind::SkQueues, Kind::TcpStream, Kind::TtyData, Kind::IpcnsMsg];

/// The images of queues, each as it is: what damage hides from the list of queues is found here.
fn queues(checkpoint: &Checkpoint) -> impl Iterator<Item = Content> {
    let known = checkpoint.images().known();
    let images = known.filter(|(_, kind, member)| member.is_file() && QUEUES.contains(kind));
    images.filter_map(|(_, _, member)| Content::of(Holder::Queue, member))
}
