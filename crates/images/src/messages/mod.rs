//! A struct for every message of CRIU's schema, by subject.
//!
//! Structs are named as the schema names them, in CamelCase: `vma_entry` is [`VmaEntry`], `fd_types` is
//! [`FdTypes`], `core_entry.march` is [`CoreEntryMarch`]. Fields have the schema's names. A required field is
//! its type, an optional one an `Option`, a repeated one a `Vec`; text is bytes. In [`CoreEntry`] and
//! [`FileEntry`], which have many messages of which few are set, these are boxed; so are the blocks of a
//! [`PagemapEntry`], of which there may be millions without.
//!
//! A field without "since" is as old as its message. All messages of CRIU 4.2 are here, what the development
//! branch of 2026 adds, and those of the amdgpu plugin.

use crate::descriptor::{Descriptor, Names};

/// Declares the files of this folder, each with its messages and enumerations.
macro_rules! subjects {
    ($($(#[$meta:meta])* $file:ident: $($list:ident)+;)*) => {
        $($(#[$meta])* mod $file; pub use $file::*;)*

        /// All messages.
        pub fn all() -> impl Iterator<Item = &'static Descriptor> {
            let lists: &[&[fn() -> &'static Descriptor]] = &[$($(list!(MESSAGES of $file if $list)),+),*];
            lists.iter().copied().flatten().map(|descriptor| descriptor())
        }

        /// All enumerations: schema name, and the names of their values.
        pub fn enums() -> impl Iterator<Item = (&'static str, Names)> {
            let lists: &[&[(&str, Names)]] = &[$($(list!(ENUMS of $file if $list)),+),*];
            lists.iter().copied().flatten().copied()
        }
    };
}

macro_rules! list {
    (MESSAGES of $file:ident if MESSAGES) => {
        $file::MESSAGES
    };
    (ENUMS of $file:ident if ENUMS) => {
        $file::ENUMS
    };
    ($wanted:ident of $file:ident if $other:ident) => {
        &[]
    };
}

subjects! {
    inventory: MESSAGES ENUMS;
    task: MESSAGES ENUMS;
    signals: MESSAGES;
    timers: MESSAGES;
    security: MESSAGES ENUMS;
    memory: MESSAGES;
    files: MESSAGES ENUMS;
    remaps: MESSAGES ENUMS;
    events: MESSAGES ENUMS;
    sockets: MESSAGES ENUMS;
    tty: MESSAGES ENUMS;
    mounts: MESSAGES ENUMS;
    cgroup: MESSAGES;
    namespaces: MESSAGES;
    ipc: MESSAGES;
    network: MESSAGES ENUMS;
    amdgpu: MESSAGES;
    #[path = "registers/x86.rs"]
    x86: MESSAGES ENUMS;
    #[path = "registers/aarch64.rs"]
    aarch64: MESSAGES;
    #[path = "registers/arm.rs"]
    arm: MESSAGES;
    #[path = "registers/ppc64.rs"]
    ppc64: MESSAGES;
    #[path = "registers/s390.rs"]
    s390: MESSAGES;
    #[path = "registers/mips.rs"]
    mips: MESSAGES;
    #[path = "registers/loongarch64.rs"]
    loongarch64: MESSAGES;
    #[path = "registers/riscv64.rs"]
    riscv64: MESSAGES;
}
