//! Credentials, seccomp filters, AppArmor policies.

use alloc::vec::Vec;

use bstr::BString;

use crate::declare::{enums, messages};

messages! {
    /// Ids and capabilities of a thread, as it saw them: inside its user namespace.
    CredsEntry("creds_entry") {
        /// Real user id.
        1 uid: u32,
        /// Real group id.
        2 gid: u32,
        /// Effective user id.
        3 euid: u32,
        /// Effective group id.
        4 egid: u32,
        /// Saved user id.
        5 suid: u32,
        /// Saved group id.
        6 sgid: u32,
        /// User id for file access.
        7 fsuid: u32,
        /// Group id for file access.
        8 fsgid: u32,
        /// Inheritable capabilities: two words, low one first.
        9 cap_inh: Vec<u32>,
        /// Permitted capabilities, as `cap_inh`.
        10 cap_prm: Vec<u32>,
        /// Effective capabilities, as `cap_inh`.
        11 cap_eff: Vec<u32>,
        /// Bounding set, as `cap_inh`.
        12 cap_bnd: Vec<u32>,
        /// `SECBIT_*` bits.
        13 secbits: u32,
        /// Supplementary groups; since CRIU 0.3.
        14 groups: Vec<u32>,
        /// SELinux context or AppArmor profile; absent if unconfined. Since CRIU 1.6.
        15 lsm_profile: Option<BString>,
        /// SELinux context of sockets that it creates; since CRIU 3.13.
        16 lsm_sockcreate: Option<BString>,
        /// Reserved; not written. Since CRIU 3.16.
        17 apparmor_data: Option<Vec<u8>>,
        /// 1 if execve(2) gains no privileges; since CRIU 3.19.
        18 no_new_privs: Option<u32>,
        /// Ambient capabilities, as `cap_inh`; since CRIU 4.1.
        19 cap_amb: Vec<u32>,
    }

    /// All seccomp filters of a checkpoint: `seccomp.img`.
    SeccompEntry("seccomp_entry") {
        /// The filters. Threads and filters refer to them by index.
        1 seccomp_filters: Vec<SeccompFilter>,
    }

    /// One seccomp filter.
    SeccompFilter("seccomp_filter") {
        /// Classic BPF, 8 bytes an instruction (u16 code, u8 jt, u8 jf, u32 k) in the byte order of the
        /// machine.
        1 filter: Vec<u8>,
        /// Index of the filter installed before; absent for the first.
        2 prev: Option<u32>,
        /// 1 TSYNC, 2 LOG, 4 SPEC_ALLOW; since CRIU 3.10.
        3 flags: Option<u32>,
    }

    /// Stacked AppArmor policies: `apparmor.img`.
    ApparmorEntry("apparmor_entry") {
        /// The namespaces at the top.
        1 namespaces: Vec<AaNamespace>,
    }

    /// An AppArmor namespace. Namespaces nest.
    AaNamespace("aa_namespace") {
        /// Its name.
        1 name: BString,
        /// Its policies.
        2 policies: Vec<AaPolicy>,
        /// The namespaces in it.
        3 namespaces: Vec<AaNamespace>,
    }

    /// An AppArmor policy.
    AaPolicy("aa_policy") {
        /// Its name.
        1 name: BString,
        /// The compiled policy, as the kernel keeps it.
        2 blob: Vec<u8>,
    }
}

enums! {
    /// A seccomp mode.
    SeccompMode("seccomp_mode") {
        /// No restriction.
        disabled = 0,
        /// Nothing but read, write, exit and sigreturn.
        strict = 1,
        /// By filters.
        filter = 2,
    }
}
