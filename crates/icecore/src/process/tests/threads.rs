//! What core images tell of threads.

use icecore_synth::{Dump, Process, Record};

use crate::checkpoint::tests::{assert_silent, open};
use crate::process::{Capabilities, SeccompMode};
use crate::{Pid, Thread, Vaddr};

fn threads(process: Process) -> Vec<Thread> {
    threads_of(&Dump::new().process(process))
}

fn threads_of(dump: &Dump) -> Vec<Thread> {
    let checkpoint = open(dump);
    let found = checkpoint.processes()[0].threads.clone();
    assert_silent(&checkpoint);
    found
}

fn leader(change: impl FnOnce(Record) -> Record) -> Thread {
    threads(Process::new(7, 0).leader(change)).remove(0)
}

#[test]
fn a_thread_has_the_name_of_its_own_image() {
    let process = Process::new(7, 0)
        .set("tc.comm", "main")
        .thread(8, |it| it.set("thread_core.comm", "helper"))
        .thread(9, |it| it);
    let names: Vec<_> = threads(process).into_iter().map(|thread| thread.comm).collect();
    // Before CRIU 3.11 only leaders have one, in the task part.
    assert_eq!(names, [Some("main".into()), Some("helper".into()), None]);
}

#[test]
fn scheduling_has_a_priority_where_there_is_a_policy() {
    let found = |policy: u32, priority: Option<u32>| {
        let thread = leader(|it| {
            let it = it.set("sched_nice", -5).set("sched_policy", policy);
            priority.map_or(it.clone(), |priority| it.set("sched_prio", priority))
        });
        let scheduling = thread.scheduling;
        (scheduling.nice, scheduling.policy_name(), scheduling.priority)
    };
    assert_eq!(found(0, None), (Some(-5), Some("OTHER"), Some(0)));
    assert_eq!(found(1, Some(50)), (Some(-5), Some("FIFO"), Some(50)));
    assert_eq!(found(2, Some(1)), (Some(-5), Some("RR"), Some(1)));
    let names = [3, 4, 5, 6, 7, 99].map(|policy| found(policy, None).1);
    assert_eq!(names, [Some("BATCH"), None, Some("IDLE"), Some("DEADLINE"), Some("EXT"), None]);
    let absent = leader(|it| it).scheduling;
    assert_eq!((absent.nice, absent.policy, absent.priority, absent.policy_name()), (None, None, None, None));
}

#[test]
fn blocked_signals_of_leaders_stand_in_the_task_part() {
    let process = Process::new(7, 0)
        .task(|task| task.set("blk_sigset", 0x200_u64))
        .leader(|it| it.set("blk_sigset", 1_u64))
        .thread(8, |it| it.set("thread_core.blk_sigset", 0x8000_0000_0000_0000_u64))
        .thread(9, |it| it);
    let blocked: Vec<_> = threads(process).iter().map(|it| it.blocked.map(|set| set.to_string())).collect();
    assert_eq!(blocked, [Some("0000000000000200".into()), Some("8000000000000000".into()), None]);
}

#[test]
fn mips_has_twice_as_many_signals() {
    let task = |task: Record| task.set("blk_sigset", 1_u64).set("blk_sigset_extended", 2_u64);
    let set = threads(Process::new(7, 0).task(task)).remove(0).blocked.unwrap();
    assert_eq!(set.iter().map(|signal| signal.0).collect::<Vec<_>>(), [1, 66]);
    assert_eq!(set.to_string(), "20000000000000001");
    assert_eq!(set.low(), 1);
}

#[test]
fn credentials_keep_four_ids_of_each_kind_apart() {
    let names = ["uid", "gid", "euid", "egid", "suid", "sgid", "fsuid", "fsgid"];
    let numbered = names.iter().zip(1_u32..);
    let creds = numbered.fold(Record::new("creds_entry"), |record, (name, id)| record.set(name, id));
    let creds = creds
        .list("cap_inh", [1_u32, 0])
        .list("cap_prm", [2_u32, 1])
        .list("cap_eff", [4_u32, 0])
        .list("cap_bnd", [u32::MAX, 0x1ff])
        .list("groups", [30_u32, 10, 20])
        .set("secbits", 0x2f)
        .set("no_new_privs", 1)
        .set("lsm_profile", "crun-default (enforce)")
        .set("lsm_sockcreate", "system_u:object_r:x:s0");
    let found = leader(|it| it.set("creds", creds)).credentials.unwrap();
    assert_eq!(found.uids.to_array(), [1, 3, 5, 7]);
    assert_eq!(found.gids.to_array(), [2, 4, 6, 8]);
    assert_eq!(found.groups, [30, 10, 20]);
    assert_eq!((found.inheritable, found.permitted), (Capabilities(1), Capabilities(0x1_0000_0002)));
    assert_eq!((found.effective, found.bounding), (Capabilities(4), Capabilities(0x1ff_ffff_ffff)));
    assert_eq!((found.ambient, found.securebits, found.no_new_privs), (None, 0x2f, Some(true)));
    assert_eq!(found.lsm_profile.unwrap(), "crun-default (enforce)");
    assert_eq!(found.lsm_sockcreate.unwrap(), "system_u:object_r:x:s0");
}

#[test]
fn ambient_capabilities_are_stored_or_not() {
    let ambient = |words: &[u32]| {
        let creds = Record::required("creds_entry").list("cap_amb", words.iter().copied());
        leader(|it| it.set("creds", creds)).credentials.unwrap().ambient
    };
    assert_eq!(ambient(&[]), None);
    assert_eq!(ambient(&[0, 0]), Some(Capabilities(0)));
    // Words that no kernel has are not looked at.
    assert_eq!(ambient(&[1, 2, 3, 4]), Some(Capabilities(0x2_0000_0001)));
}

#[test]
fn nobody_knows_credentials_that_are_not_stored() {
    assert!(leader(|it| it).credentials.is_none());
    let old = Record::required("creds_entry");
    let found = leader(|it| it.set("creds", old)).credentials.unwrap();
    assert_eq!((found.no_new_privs, found.lsm_profile, found.groups.len()), (None, None, 0));
}

#[test]
fn the_alternate_stack_may_be_disabled() {
    let stack = |flags: u32| {
        let sas = Record::new("thread_sas_entry").set("ss_sp", 0x7000_u64).set("ss_size", 8192_u64);
        leader(|it| it.set("sas", sas.set("ss_flags", flags))).alternate_stack.unwrap()
    };
    assert_eq!((stack(0).sp, stack(0).size, stack(0).is_disabled()), (Vaddr(0x7000), 8192, false));
    assert!(stack(2).is_disabled() && stack(0x8000_0002).is_disabled() && !stack(1).is_disabled());
    assert!(leader(|it| it).alternate_stack.is_none());
}

#[test]
fn a_robust_list_at_zero_is_none() {
    assert!(leader(|it| it.set("futex_rla", 0_u64).set("futex_rla_len", 24)).robust_list.is_none());
    let list = leader(|it| it.set("futex_rla", 0x5000_u64).set("futex_rla_len", 24)).robust_list.unwrap();
    assert_eq!((list.head, list.length), (Vaddr(0x5000), 24));
}

#[test]
fn registrations_and_signals_of_a_thread() {
    let rseq = Record::new("rseq_entry").set("rseq_abi_pointer", 0x6000_u64);
    let rseq = rseq.set("rseq_abi_size", 32).set("signature", 0x5305_3053);
    let found = leader(|it| it.set("rseq_entry", rseq).set("pdeath_sig", 15).set("cg_set", 3));
    let rseq = found.rseq.unwrap();
    assert_eq!((rseq.address, rseq.size, rseq.signature), (Vaddr(0x6000), 32, 0x5305_3053));
    assert_eq!((found.parent_death_signal.unwrap().0, found.cgroup_set), (15, Some(3)));
}

#[test]
fn a_set_of_cgroups_is_the_thread_s_or_that_of_the_task() {
    let process =
        Process::new(7, 0).task(|task| task.set("cg_set", 2)).thread(8, |it| it.set("thread_core.cg_set", 5));
    let sets: Vec<_> = threads(process).iter().map(|thread| thread.cgroup_set).collect();
    assert_eq!(sets, [Some(2), Some(5)]);
}

/// A `seccomp_filter` that follows another.
fn filter(prev: Option<u32>, flags: u32) -> Record {
    let filter = Record::required("seccomp_filter").set("flags", flags);
    prev.map_or(filter.clone(), |prev| filter.set("prev", prev))
}

#[test]
fn seccomp_modes_have_filters_only_where_they_filter() {
    let found = |mode: i32| {
        let seccomp = leader(|it| it.set("seccomp_mode", mode).set("seccomp_filter", 4)).seccomp;
        (seccomp.mode, seccomp.mode.number(), seccomp.filter)
    };
    assert_eq!(found(0), (SeccompMode::Disabled, 0, None));
    assert_eq!(found(1), (SeccompMode::Strict, 1, None));
    assert_eq!(found(2), (SeccompMode::Filter, 2, Some(4)));
    assert_eq!(found(9), (SeccompMode::Other(9), 9, None));
    assert_eq!(leader(|it| it).seccomp.mode, SeccompMode::Disabled);
}

#[test]
fn before_it_was_of_threads_seccomp_was_of_the_task() {
    let task = |task: Record| task.set("old_seccomp_mode", 2).set("old_seccomp_filter", 1);
    let seccomp = threads(Process::new(7, 0).task(task)).remove(0).seccomp;
    assert_eq!((seccomp.mode, seccomp.filter), (SeccompMode::Filter, Some(1)));
}

#[test]
fn filters_for_the_whole_process_are_those_of_all_threads() {
    /// `SECCOMP_FILTER_FLAG_TSYNC`.
    const TSYNC: u32 = 1;
    let filtered = |last_flags: u32, first_flags: u32| {
        let filters = [filter(None, first_flags), filter(Some(0), last_flags)];
        let filters = Record::new("seccomp_entry").list("seccomp_filters", filters);
        let process = Process::new(7, 0)
            .leader(|it| it.set("seccomp_mode", 2).set("seccomp_filter", 1))
            .thread(8, |it| it)
            .thread(9, |it| it.set("thread_core.seccomp_mode", 1));
        let threads = threads_of(&Dump::new().process(process).record("seccomp.img", &filters));
        threads.iter().map(|it| (it.seccomp.mode.number(), it.seccomp.of_leader)).collect::<Vec<_>>()
    };
    assert_eq!(filtered(TSYNC, 0), [(2, false), (2, true), (1, false)]);
    assert_eq!(filtered(0, TSYNC), [(2, false), (2, true), (1, false)]);
    assert_eq!(filtered(0, 2), [(2, false), (0, false), (1, false)]);
}

#[test]
fn filters_that_lead_in_a_ring_end() {
    let filters = [filter(Some(1), 0), filter(Some(0), 0)];
    let filters = Record::new("seccomp_entry").list("seccomp_filters", filters);
    let process =
        Process::new(7, 0).leader(|it| it.set("seccomp_mode", 2).set("seccomp_filter", 0)).thread(8, |it| it);
    let threads = threads_of(&Dump::new().process(process).record("seccomp.img", &filters));
    assert_eq!(threads[1].seccomp.mode, SeccompMode::Disabled);
}

#[test]
fn the_call_that_a_thread_waits_in() {
    let registers = |number: u64| {
        let general = Record::required("user_x86_regs_entry")
            .set("orig_ax", number)
            .set("di", 1_u64)
            .set("si", 2_u64)
            .set("dx", 3_u64)
            .set("r10", 4_u64)
            .set("r8", 5_u64)
            .set("r9", 6_u64)
            .set("sp", 0x7ffd_0000_u64)
            .set("ip", 0x40_1000_u64);
        Record::required("thread_info_x86").set("gpregs", general)
    };
    let call = |number| {
        let process = Process::new(7, 0).set("thread_info", registers(number));
        threads(process)[0].system_call()
    };
    let read = call(0).unwrap();
    assert_eq!((read.number, read.name, read.certain), (0, Some("read"), true));
    assert_eq!(read.arguments, [1, 2, 3, 4, 5, 6].map(Some));
    assert_eq!((read.sp, read.pc), (Vaddr(0x7ffd_0000), Vaddr(0x40_1000)));
    assert_eq!(call(232).unwrap().name, Some("epoll_wait"));
    assert_eq!(call(u64::MAX), None);
    // A number that Linux does not have was called all the same.
    assert_eq!(call(99_999).map(|call| (call.number, call.name)), Some((99_999, None)));
}

#[test]
fn a_thread_without_registers_tells_no_call() {
    let thread = threads(Process::new(7, 0)).remove(0);
    assert!(thread.registers.is_none() && thread.system_call().is_none());
    assert_eq!(thread.arch.map(|arch| arch.name()), Some("x86_64"));
}

#[test]
fn threads_are_those_of_their_process() {
    let dump = Dump::new()
        .process(Process::new(1, 0).thread(3, |it| it.set("thread_core.comm", "a")))
        .process(Process::new(2, 1).thread(4, |it| it.set("thread_core.comm", "b")));
    let checkpoint = open(&dump);
    let name = |pid, tid| checkpoint.process(Pid(pid)).unwrap().thread(crate::Tid(tid)).unwrap().comm.clone();
    assert_eq!((name(1, 3), name(2, 4)), (Some("a".into()), Some("b".into())));
}
