//! Address spaces and where their pages are.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::declare::messages;
use crate::names::{MMAP_FLAGS, MMAP_PROT, MMAP_STATUS, PAGEMAP_FLAGS};

messages! {
    /// The address space of a process: `mm-PID.img`.
    MmEntry("mm_entry") {
        /// Start of the program text.
        1 mm_start_code: u64 as hex,
        /// End of the program text.
        2 mm_end_code: u64 as hex,
        /// Start of initialised data.
        3 mm_start_data: u64 as hex,
        /// End of initialised data.
        4 mm_end_data: u64 as hex,
        /// Start of the stack, an address inside its area.
        5 mm_start_stack: u64 as hex,
        /// Start of the heap.
        6 mm_start_brk: u64 as hex,
        /// The end of the heap, as brk(2) would return it.
        7 mm_brk: u64 as hex,
        /// Start of the argument strings.
        8 mm_arg_start: u64 as hex,
        /// End of the argument strings.
        9 mm_arg_end: u64 as hex,
        /// Start of the environment strings.
        10 mm_env_start: u64 as hex,
        /// End of the environment strings.
        11 mm_env_end: u64 as hex,
        /// The executable, an id of `files.img`.
        12 exe_file_id: u32,
        /// Auxiliary vector: key, value, key, value. It may be cut before `AT_NULL`; of 32-bit x86 tasks each
        /// word holds key and value.
        13 mm_saved_auxv: Vec<u64>,
        /// The areas, by rising address; guard ranges follow behind the last. Before CRIU 1.2 in an image of
        /// their own.
        14 vmas: Vec<VmaEntry>,
        /// As prctl(2) `PR_GET_DUMPABLE`; since CRIU 1.3.
        15 dumpable: Option<i32>,
        /// Contexts of asynchronous I/O; since CRIU 1.5.
        16 aios: Vec<AioRingEntry>,
        /// As prctl(2) `PR_GET_THP_DISABLE`; since CRIU 3.5.
        17 thp_disabled: Option<bool>,
    }

    /// One mapped area. On guard entries (status 0x10000) nothing but the range counts.
    VmaEntry("vma_entry") {
        /// First address.
        1 start: u64 as hex,
        /// First address behind the area.
        2 end: u64 as hex,
        /// Where the area starts in its file, in bytes.
        3 pgoff: u64,
        /// What is mapped: an id of `files.img`, the number of a `pagemap-shmem` image, or a SysV segment, by
        /// `status`.
        4 shmid: u64,
        /// 1 read, 2 write, 4 execute.
        5 prot: u32 as flags(MMAP_PROT),
        /// mmap(2) flags of the dumped architecture.
        6 flags: u32 as flags(MMAP_FLAGS),
        /// `VMA_*` bits of CRIU: what kind of area it is.
        7 status: u32 as flags(MMAP_STATUS),
        /// Always -1.
        8 fd: i64 as zigzag,
        /// Advice given by madvise(2); bit n is advice n. Since CRIU 0.3.
        9 madv: Option<u64> as hex,
        /// How the mapped file was opened for this mapping: 0 read, 1 write, 2 both. Since CRIU 1.3.
        10 fdflags: Option<u32> as hex,
    }

    /// A context of asynchronous I/O.
    AioRingEntry("aio_ring_entry") {
        /// Address of its ring.
        1 id: u64,
        /// Requests that it can hold, estimated from the size of the ring.
        2 nr_req: u32,
        /// Bytes of the ring.
        3 ring_len: u32,
    }

    /// The first record of a pagemap: which file has the pages.
    PagemapHead("pagemap_head") {
        /// The number of the `pages` image.
        1 pages_id: u32,
    }

    /// A run of pages. Pages that are present lie in the pages file, one run behind the other.
    PagemapEntry("pagemap_entry") {
        /// First address; in a `pagemap-shmem` image, offset in the object.
        1 vaddr: u64 as hex,
        /// Number of pages before CRIU 4.2, which writes 0 here.
        2 compat_nr_pages: u32,
        /// Before CRIU 3.5: the pages are in the parent dump.
        3 in_parent: Option<bool>,
        /// 1 in the parent dump, 2 may be restored lazily, 4 present in the pages file, 8 aligned in the
        /// pages file; since CRIU 3.5.
        4 flags: Option<u32> as flags(PAGEMAP_FLAGS),
        /// Number of pages; counts if present. Since CRIU 4.2.
        5 nr_pages: Option<u64>,
        /// How compressed pages are stored; development branch of 2026.
        6 blocks: Option<Box<PagemapBlocks>>,
    }

    /// The blocks that a run of pages was compressed into; development branch of 2026.
    PagemapBlocks("pagemap_blocks") {
        /// Stored bytes of each block: 0 all zero, the full size stored as is, else LZ4.
        1 block_sizes: Vec<u32> as packed,
        /// Bytes that the run takes in the pages file.
        2 total_payload_size: u64,
        /// Pages in a block; the last one may have fewer.
        3 pages_per_block: u32,
        /// Whether each block takes whole pages in the file.
        4 payload_padded: Option<bool>,
    }
}
