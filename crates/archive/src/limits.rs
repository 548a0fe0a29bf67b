//! How much of a hostile archive is believed.

/// Bounds on what opening and reading an archive may cost. Reaching one is told, by an error or a finding that
/// names the limit; nothing is cut off silently.
///
/// ```
/// use icecore_archive::Limits;
///
/// let limits = Limits::default().members(10_000).output(8 << 30);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub(crate) members: u64,
    pub(crate) name: u64,
    pub(crate) pax_header: u64,
    pub(crate) sparse_chunks: u64,
    pub(crate) document: u64,
    pub(crate) image: u64,
    pub(crate) output: u64,
    pub(crate) window: u64,
    pub(crate) memory: u64,
    pub(crate) spool: u64,
    pub(crate) nesting: u32,
    pub(crate) descriptors: u64,
    pub(crate) markers: u64,
}

/// One declaration a limit: its default, its setter, its getter.
macro_rules! limits {
    ($($(#[$doc:meta])+ $name:ident: $type:ty = $default:expr;)+) => {
        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default),+ }
            }
        }

        impl Limits {
            $($(#[$doc])+ #[must_use] pub fn $name(mut self, limit: $type) -> Self {
                self.$name = limit;
                self
            })+
        }
    };
}

limits! {
    /// Members of one archive. Default: 1,000,000; an engine writes about three for each process.
    members: u64 = 1_000_000;
    /// Bytes of a member's name. Default: 1 MiB; the kernel's own limit for a path is 4096.
    name: u64 = 1 << 20;
    /// Bytes of one PAX header. Default: 8 MiB; extended attributes of one file reach 64 KiB each.
    pax_header: u64 = 8 << 20;
    /// Chunks of one sparse member. Default: 1,000,000.
    sparse_chunks: u64 = 1_000_000;
    /// Bytes of one engine document (`config.dump`, `spec.dump` …). Default: 64 MiB.
    document: u64 = 64 << 20;
    /// Bytes of one image that is not memory pages. Default: 1 GiB, 30 million pagemap entries.
    image: u64 = 1 << 30;
    /// Decoded bytes of one compressed stream. Default: 64 GiB; memory compresses extremely, so the ratio alone
    /// says nothing.
    output: u64 = 64 << 30;
    /// Bytes that a decoder may hold for its window or dictionary. Default: 128 MiB, what `zstd --long` asks for.
    window: u64 = 128 << 20;
    /// Bytes of decoded members that are kept in memory, those of one archive together. Default: 64 MiB.
    memory: u64 = 64 << 20;
    /// Bytes of decoded members that are kept in the temporary file. Default: 64 GiB.
    spool: u64 = 64 << 30;
    /// How deep archives lie in archives below a member that is one by its role. Default: 2.
    nesting: u32 = 2;
    /// Descriptors of an OCI layout that are looked at. Default: 10,000.
    descriptors: u64 = 10_000;
    /// Markers of an image stream. Default: 10,000,000; a stream has four for each MiB, and each takes 32 bytes while
    /// the stream is opened.
    markers: u64 = 10_000_000;
}
