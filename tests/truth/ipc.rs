//! SysV objects against `/proc/sysvipc`, and what cases planted.

use icecore::Pid;
use icecore::ipc::Descriptor;
use icecore::namespaces::NamespaceKind;

use crate::testimony::{self, Book, bytes, number};

#[test]
fn sysv_objects_are_those_of_the_kernel() {
    let mut book = Book::new(include_str!("exceptions/ipc.tsv"));
    testimony::each(|testified| {
        for kernel in
            testified.truth["namespaces"].as_array().unwrap().iter().filter(|it| it["kind"] == "ipc")
        {
            let pid = number(&kernel["seen_from_pid"]);
            let Some(namespace) = testified.checkpoint.namespaces().find(Pid(pid), NamespaceKind::Ipc) else {
                continue;
            };
            let all = &testified.checkpoint.ipc().namespaces;
            let Some(ours) = all.iter().find(|it| it.id == namespace.id && !namespace.is_host) else {
                continue;
            };
            // Ids in the images are those inside of a user namespace.
            if testified
                .checkpoint
                .namespaces()
                .all
                .iter()
                .any(|it| it.kind == NamespaceKind::User && !it.is_host)
            {
                continue;
            }
            let case = testified.case.as_str();
            let lines = |key: &str| -> Vec<Vec<String>> {
                let text = String::from_utf8(bytes(&kernel[key]).unwrap_or_default()).unwrap();
                text.lines().skip(1).map(|line| line.split_whitespace().map(String::from).collect()).collect()
            };
            let owner = |it: &Descriptor| {
                [it.owner.0, it.owner.1, it.creator.0, it.creator.1].map(|id| id.to_string())
            };
            let head = |it: &Descriptor| {
                [it.key.cast_signed().to_string(), it.id.to_string(), format!("{:o}", it.mode)]
            };
            let place = (case, pid, "");
            let kernel_segments: Vec<_> =
                lines("shm").iter().map(|it| (it[..4].to_vec(), it[6].clone(), it[7..11].to_vec())).collect();
            let segments = ours.segments.iter().map(|it| {
                let size = it.size.to_string();
                let head = head(&it.descriptor).into_iter().chain([size]).collect::<Vec<_>>();
                (head, it.attached.len().to_string(), owner(&it.descriptor).to_vec())
            });
            compare(place, "shm", kernel_segments, segments.collect(), &mut book);
            let kernel_sets: Vec<_> =
                lines("sem").iter().map(|it| (it[..4].to_vec(), it[4..8].to_vec())).collect();
            let sets = ours.semaphores.iter().map(|it| {
                let count = it.values.len().to_string();
                let head = head(&it.descriptor).into_iter().chain([count]).collect::<Vec<_>>();
                (head, owner(&it.descriptor).to_vec())
            });
            compare(place, "sem", kernel_sets, sets.collect(), &mut book);
            let kernel_queues: Vec<_> =
                lines("msg").iter().map(|it| (it[..5].to_vec(), it[7..11].to_vec())).collect();
            let queues = ours.queues.iter().map(|it| {
                let length: usize = it.messages.iter().map(|(_, text)| text.len()).sum();
                let counts = [length.to_string(), it.messages.len().to_string()];
                let head = head(&it.descriptor).into_iter().chain(counts).collect::<Vec<_>>();
                (head, owner(&it.descriptor).to_vec())
            });
            compare(place, "msg", kernel_queues, queues.collect(), &mut book);
        }
    });
    book.close(100);
}

/// Compares lists that have no order.
fn compare<T: Ord + std::fmt::Debug>(
    place: (&str, u32, &str),
    field: &'static str,
    mut kernel: Vec<T>,
    mut ours: Vec<T>,
    book: &mut Book,
) {
    kernel.sort();
    ours.sort();
    book.compare(place, field, &kernel.len(), &ours.len());
    for (kernel, ours) in kernel.iter().zip(&ours) {
        book.compare(place, field, kernel, ours);
    }
}

/// What kitchen-sink planted: messages, values, limits.
#[test]
fn what_was_planted_is_found() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let checkpoint = icecore::Checkpoint::open(&case.archives()[0].path).unwrap();
    let namespace = &checkpoint.ipc().namespaces[0];
    let messages: Vec<(u64, Vec<u8>)> = namespace
        .queues
        .iter()
        .flat_map(|queue| &queue.messages)
        .map(|(kind, text)| (*kind, text.to_vec()))
        .collect();
    let planted = case.expected["queues"].as_array().unwrap().iter().filter(|it| it["kind"] == "msg");
    for planted in planted {
        let wanted = (planted["mtype"].as_u64().unwrap(), bytes(&planted["text"]).unwrap());
        assert!(messages.contains(&wanted), "{planted}: {messages:?}");
    }
    for planted in case.expected["sysv_sem"].as_array().unwrap() {
        let values: Vec<u64> =
            planted["values"].as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect();
        let is_it = |found: &[u16]| found.iter().copied().map(u64::from).eq(values.iter().copied());
        assert!(namespace.semaphores.iter().any(|set| is_it(&set.values)), "{planted}");
    }
    for (name, value) in
        case.expected["sysctls"].as_object().unwrap().iter().filter(|(name, _)| name.starts_with("kernel."))
    {
        let wanted = value.as_str().map_or_else(|| value.to_string(), String::from);
        assert!(namespace.variables.iter().any(|(ours, value)| ours == name && *value == wanted), "{name}");
    }
}
