//! Kinds of areas: what each shows where no page of it is stored, and where one is.

use icecore_synth::{Dump, Process, Record};

use super::*;

#[test]
fn memory_that_is_never_stored_says_why() {
    let of = |status, flags| Vma { status, flags, ..Vma::anon(0x1000, 0x2000) };
    let cases = [
        (of(0x1201, 2), AreaKind::Vvar, "data of the kernel"),
        (of(0x204, 2), AreaKind::Vsyscall, "a page of the kernel"),
        (of(0x800_0201, 2), AreaKind::Anon, "memory of a plugin"),
        (of(0x201, 0x28), AreaKind::Anon, "droppable memory"),
        (of(0x209, 2), AreaKind::Vdso, "neither that it is stored"),
        (of(0x2000, 1), AreaKind::Aio, "neither that it is stored"),
        (of(0x4081, 1), AreaKind::Memfd, "without a record"),
        (of(0x41, 2), AreaKind::FilePrivate, "unmodified page"),
    ];
    for (vma, kind, why) in cases {
        let memory = memory(&space().area(vma));
        assert_eq!(memory.areas()[0].kind, kind);
        assert!(reason(&memory, 0x1000).contains(why), "{kind:?}: {}", reason(&memory, 0x1000));
        assert_eq!(memory.pages_of(&memory.areas()[0]).total(), 1);
    }
}

/// Of these a page that is not stored was never written; one that is stored is read.
#[test]
fn memory_that_was_never_written_is_zeros() {
    const HUGE_2M: u32 = 0x4_0000 | 21 << 26;
    let of = |status, flags| Vma { status, flags, ..Vma::anon(0x1000, 0x3000) };
    let cases = [
        (of(0x201, 0x22), AreaKind::Anon, "anonymous"),
        (of(0x201, 0x22 | HUGE_2M), AreaKind::Anon, "huge pages"),
        (of(0x8201, 0x22), AreaKind::Anon, "a shadow stack"),
        (of(0x203, 0x122), AreaKind::Anon, "a stack by a bit that CRIU never sets"),
        (of(0x221, 0x22), AreaKind::Heap, "the heap"),
    ];
    for (vma, kind, what) in cases {
        let memory = memory(&space().area(vma).stored(0, 0x2000, &page(7)));
        assert_eq!(
            (memory.areas()[0].kind, shape(&memory)),
            (kind, vec!["1-2 zero".into(), "2-3 stored".into()]),
            "{what}"
        );
        assert_eq!([0x1fff, 0x2000].map(|at| byte(&memory, at)), [Some(0), Some(7)], "{what}");
        let huge = memory.areas()[0].vm_flags().contains(&"ht");
        assert_eq!(huge, what == "huge pages");
        let name = memory.areas()[0].name.clone().unwrap();
        let wanted = if huge { "/anon_hugepage (deleted)" } else { "" };
        assert!(name == wanted || kind == AreaKind::Heap, "{what}: {name}");
    }
}

/// Shared anonymous memory is a memory file that nobody made: the kernel's maps show it without `/memfd:`. The records are
/// as CRIU 4.2.1 wrote them.
#[test]
fn shared_memory_without_a_name_is_no_memory_file() {
    const NAMES: [(&str, &str, AreaKind, u32); 3] = [
        ("/dev/zero", "/dev/zero (deleted)", AreaKind::SharedAnon, 0),
        ("/anon_hugepage", "/anon_hugepage (deleted)", AreaKind::SharedAnon, 0x5404_0000),
        ("cache", "/memfd:cache (deleted)", AreaKind::Memfd, 0x5404_0000),
    ];
    for (name, shown, kind, flags) in NAMES {
        let inode = Record::required("memfd_inode_entry").set("inode_id", 3u32).set("name", name);
        let inode = inode.set("shmid", 35_875u32).set("size", 0x20_0000u32).set("mode", 33_279u32);
        let file = Record::required("memfd_file_entry").set("id", 30u32).set("inode_id", 3u32);
        let area = Record::required("vma_entry").set("start", 0x20_0000u32).set("end", 0x40_0000u32);
        let area = area.set("status", 0x4081u32).set("flags", flags | 1).set("shmid", 30u32);
        let process = Process::new(1, 0).memory(|mm| mm.with("vmas", area));
        let dump = Dump::new().process(process).record("memfd.img", &inode).file("MEMFD", file);
        // Huge pages are stored as so many pages of the usual size, and only those that were written.
        let image = "pagemap-shmem-35875.img";
        let written = Record::required("pagemap_entry").set("vaddr", 0x1000u32).set("nr_pages", 511u32);
        let dump = dump
            .record(image, &Record::required("pagemap_head").set("pages_id", 65_537u32))
            .record(image, &written.set("compat_nr_pages", 0u32).set("flags", PRESENT))
            .image("pages-65537.img", vec![7; 511 * 4096]);
        let checkpoint = crate::checkpoint::tests::open(&dump);
        let memory = checkpoint.memory(Pid(1)).unwrap();
        let area = &memory.areas()[0];
        assert_eq!((area.kind, area.name.as_ref().unwrap().to_string().as_str()), (kind, shown));
        assert_eq!(area.ino, Some(35_875));
        assert_eq!(
            [0x20_0fff, 0x20_1000, 0x3f_ffff].map(|at| byte(&memory, at)),
            [Some(0), Some(7), Some(7)]
        );
        assert_eq!(memory.pages_of(area).shared, 511, "{name}");
        let files = checkpoint.filesystem().entries().filter(|entry| entry.path == shown).count();
        assert_eq!(files, usize::from(kind == AreaKind::Memfd), "{name}");
    }
}

/// What the process has of its own comes before what its area would show.
#[test]
fn stored_pages_of_odd_areas_are_read() {
    let of = |status, flags| Vma { status, flags, ..Vma::anon(0x1000, 0x2000) };
    for vma in [of(0x2000, 1), of(0x209, 2), of(0x1201, 2), of(0x800_0201, 2), of(0x201, 0x28), of(0x41, 2)] {
        let memory = memory(&space().area(vma).stored(0, 0x1000, &page(7)));
        assert_eq!(byte(&memory, 0x1000), Some(7), "{vma:?}");
    }
}

/// The areas of the kernel at the end of the address space.
#[test]
fn areas_at_the_end_of_the_address_space() {
    let vsyscall = Vma { status: 0x204, prot: 4, ..Vma::anon(0xffff_ffff_ff60_0000, 0xffff_ffff_ff60_1000) };
    let vectors = Vma { status: 0x204, prot: 5, ..Vma::anon(0xffff_0000, 0xffff_1000) };
    let last = Vma::anon(0xffff_ffff_ffff_e000, 0xffff_ffff_ffff_f000);
    let memory = memory(&space().area(vectors).area(vsyscall).area(last));
    let names: Vec<_> = memory.areas().iter().map(|area| area.name.clone().unwrap().to_string()).collect();
    assert_eq!(names, ["[vectors]", "[vsyscall]", ""]);
    assert_eq!(memory.runs().count(), 3);
    assert_eq!(byte(&memory, 0xffff_ffff_ffff_efff), Some(0));
    assert_eq!(byte(&memory, u64::MAX), None);
}

/// A guard range reaches over the areas that it lies in, and what a pagemap has there is told and not shown.
#[test]
fn guard_ranges_lie_over_areas() {
    let guarded = space()
        .area(Vma::anon(0x1000, 0x3000))
        .area(Vma { prot: 1, ..Vma::anon(0x3000, 0x5000) })
        .area(Vma::guard(0x2000, 0x4000))
        .stored(0, 0x1000, &[page(1), page(2)].concat());
    let checkpoint = open(guarded.tar());
    let memory = checkpoint.memory(Pid(1)).unwrap();
    assert_eq!(shape(&memory), ["1-2 stored", "2-3 unknown!", "3-4 unknown!", "4-5 zero"]);
    assert!(reason(&memory, 0x2000).contains("guard range"));
    let counts: Vec<_> = memory.areas().iter().map(|area| memory.pages_of(area)).collect();
    let of = |stored, zero, unknown| PageCounts { stored, zero, unknown, ..PageCounts::default() };
    assert_eq!(counts, [of(1, 0, 1), of(0, 0, 2), of(0, 1, 1)]);
    let told = checkpoint.address_spaces().diagnostics();
    assert!(told.iter().any(|one| one.text.starts_with("1 guard ranges have pages")), "{told:?}");
}

/// Two guard ranges side by side are one, and one outside of all areas is none.
#[test]
fn guard_ranges_are_joined() {
    let memory = memory(
        &space()
            .area(Vma::anon(0x1000, 0x5000))
            .area(Vma::guard(0x3000, 0x4000))
            .area(Vma::guard(0x2000, 0x3000))
            .area(Vma::guard(0x9000, 0xa000)),
    );
    assert_eq!(shape(&memory), ["1-2 zero", "2-4 unknown!", "4-5 zero"]);
    assert_eq!(memory.run_at(Vaddr(0x9000)).reason, Some(Reason::Unmapped));
}
