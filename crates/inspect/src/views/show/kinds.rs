//! What the document of a checkpoint has.

use crate::output::{Field, Kind};

/// What [`object`](super::object) gives.
pub(crate) const CHECKPOINT: &[Field] = &[
    ("kind", Kind::Text),
    ("compression", Kind::Text),
    ("engine", ENGINE),
    ("container", CONTAINER),
    ("arch", Kind::Text),
    ("page_size", Kind::Count),
    ("criu_version", Kind::Text),
    ("criu_at_least", Kind::Text),
    ("criu_before", Kind::Text),
    ("images_directory", Kind::Text),
    ("pre_dump", Kind::Bool),
    ("sizes", SIZES),
    ("counts", COUNTS),
    ("stats", STATS),
    ("inventory", INVENTORY),
];

const INVENTORY: Kind = Kind::Object(&[
    ("img_version", Kind::Count),
    ("run_id", Kind::Bytes),
    ("plugins", Kind::List(&Kind::Bytes)),
    ("lsm", Kind::OneOf(&[Kind::Word(&["none", "selinux", "apparmor"]), Kind::Integer])),
    ("uptime_us", Kind::Count),
    ("pre_dump_mode", Kind::Count),
    ("tcp_close", Kind::Bool),
    ("network_lock", Kind::OneOf(&[Kind::Word(&["iptables", "nftables", "skip"]), Kind::Count])),
    ("allow_uprobes", Kind::Bool),
]);

const ENGINE: Kind = Kind::Object(&[
    ("name", Kind::Text),
    ("version", Kind::Text),
    ("evidence", Kind::List(&Kind::Object(&[("member", Kind::Text), ("text", Kind::Text)]))),
]);

/// Parts that repeat what an engine's document says are as that engine has them.
const CONTAINER: Kind = Kind::Object(&[
    ("id", Kind::Text),
    ("name", Kind::Text),
    ("runtime", Kind::Text),
    (
        "image",
        Kind::Object(&[
            ("name", Kind::Text),
            ("id", Kind::Text),
            ("digest", Kind::Text),
            ("requested", Kind::Text),
        ]),
    ),
    ("created", Kind::Time),
    ("started", Kind::Time),
    ("checkpointed", Kind::Time),
    ("checkpointed_from", Kind::Text),
    ("checkpoint_times", Kind::List(&CHECKPOINT_TIME)),
    ("restored", Kind::Bool),
    ("restored_from", Kind::Text),
    ("earlier_checkpoint", Kind::Time),
    ("attempt", Kind::Count),
    ("pod", POD),
    ("labels", Kind::Map(&Kind::Text)),
    ("annotations", Kind::Map(&Kind::Text)),
    ("ports", Kind::List(&PORT)),
    ("addresses", Kind::List(&Kind::Text)),
    ("interfaces", Kind::List(&INTERFACE)),
    ("log_path", Kind::Text),
    ("mounts", Kind::List(&MOUNT)),
    ("security", Kind::Map(&Kind::Any)),
    ("resources", Kind::Map(&Kind::Any)),
    ("process", PROCESS),
    ("hostname", Kind::Text),
    ("stop_signal", Kind::Text),
    ("restart_policy", Kind::Text),
    ("rootfs_path", Kind::Text),
    ("cgroup_path", Kind::Text),
    ("criu_version", Kind::Text),
    ("kernel", Kind::Text),
    ("node", Kind::Text),
    ("origins", Kind::Map(&Kind::Text)),
]);

const CHECKPOINT_TIME: Kind =
    Kind::Object(&[("time", Kind::Time), ("from", Kind::Any), ("precision", Kind::Text)]);

const POD: Kind = Kind::Object(&[
    ("name", Kind::Text),
    ("namespace", Kind::Text),
    ("uid", Kind::Text),
    ("attempt", Kind::Count),
    ("id", Kind::Text),
    ("infra", Kind::Text),
    ("annotations", Kind::Map(&Kind::Text)),
]);

const PORT: Kind = Kind::Object(&[
    ("name", Kind::Text),
    ("container_port", Kind::Count),
    ("host_port", Kind::Count),
    ("host_ip", Kind::Text),
    ("range", Kind::Count),
    ("protocol", Kind::Text),
]);

const INTERFACE: Kind = Kind::Object(&[
    ("name", Kind::Text),
    ("network", Kind::Text),
    ("mac", Kind::Text),
    ("addresses", Kind::List(&Kind::Text)),
    ("gateways", Kind::List(&Kind::Text)),
]);

const MOUNT: Kind = Kind::Object(&[
    ("destination", Kind::Text),
    ("type", Kind::Text),
    ("source", Kind::Text),
    ("host", Kind::Bool),
    ("volume", Kind::Text),
    ("options", Kind::List(&Kind::Text)),
]);

const PROCESS: Kind = Kind::Object(&[
    ("args", Kind::List(&Kind::Text)),
    ("env", Kind::List(&Kind::Text)),
    ("cwd", Kind::Text),
    ("terminal", Kind::Bool),
    ("rlimits", Kind::List(&Kind::Map(&Kind::Any))),
    ("oom_score_adj", Kind::Integer),
    ("entrypoint", Kind::List(&Kind::Text)),
    ("command", Kind::List(&Kind::Text)),
    ("create_command", Kind::List(&Kind::Text)),
]);

const SIZES: Kind = Kind::Object(&[
    ("archive", Kind::Count),
    ("images", Kind::Count),
    ("pages", Kind::Count),
    ("rootfs_diff", Kind::Count),
    ("volumes", Kind::Count),
    ("tmpfs", Kind::Count),
    ("logs", Kind::Count),
]);

const COUNTS: Kind = Kind::Object(&[
    ("members", Kind::Count),
    ("images", Kind::Count),
    ("processes", Kind::Count),
    ("threads", Kind::Count),
]);

const STATS: Kind = Kind::Object(&[
    ("frozen_us", Kind::Count),
    ("freezing_us", Kind::Count),
    ("memdump_us", Kind::Count),
    ("memwrite_us", Kind::Count),
    ("pages_scanned", Kind::Count),
    ("pages_skipped_parent", Kind::Count),
    ("pages_written", Kind::Count),
    ("pages_lazy", Kind::Count),
    ("shpages_scanned", Kind::Count),
    ("shpages_skipped_parent", Kind::Count),
    ("shpages_written", Kind::Count),
]);
