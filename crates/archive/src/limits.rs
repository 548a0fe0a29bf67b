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
    /// Members of one archive. Default: 2,000,000; an engine writes about three for each process, and one for each file
    /// that a container changed. Each takes some 160 bytes of memory.
    members: u64 = 2_000_000;
    /// Bytes of a member's name. Default: 1 MiB; the kernel's own limit for a path is 4096.
    name: u64 = 1 << 20;
    /// Bytes of the PAX headers of one member together. Default: 8 MiB; extended attributes of one file reach 64 KiB each.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each setter sets its own limit and no other.
    #[test]
    fn setters_set_one_limit() {
        let numbers = |limits: &Limits| {
            [
                limits.members,
                limits.name,
                limits.pax_header,
                limits.sparse_chunks,
                limits.document,
                limits.image,
                limits.output,
                limits.window,
                limits.memory,
                limits.spool,
                limits.nesting.into(),
                limits.descriptors,
                limits.markers,
            ]
        };
        let setters: [fn(Limits) -> Limits; 13] = [
            |limits| limits.members(7),
            |limits| limits.name(7),
            |limits| limits.pax_header(7),
            |limits| limits.sparse_chunks(7),
            |limits| limits.document(7),
            |limits| limits.image(7),
            |limits| limits.output(7),
            |limits| limits.window(7),
            |limits| limits.memory(7),
            |limits| limits.spool(7),
            |limits| limits.nesting(7),
            |limits| limits.descriptors(7),
            |limits| limits.markers(7),
        ];
        let default = numbers(&Limits::default());
        for (index, setter) in setters.iter().enumerate() {
            let mut expected = default;
            expected[index] = 7;
            assert_eq!(numbers(&setter(Limits::default())), expected, "{index}");
        }
    }

    /// A limit that an engine's own archive reaches would be a refusal to work.
    #[test]
    fn defaults_leave_room_for_what_engines_write() {
        let limits = Limits::default();
        assert!(limits.name >= 4096, "a path of the kernel");
        assert!(limits.pax_header >= 64 << 10, "an extended attribute");
        assert!(limits.window >= 128 << 20, "zstd --long=27");
        assert!(limits.document >= 16 << 20 && limits.image >= limits.document);
        assert!(limits.memory <= 1 << 30, "opening must not fill the machine");
        assert!(limits.nesting >= 2, "a tar in an image");
    }
}
