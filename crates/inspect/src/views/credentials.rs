//! `icecore creds`: who each thread is and what it may do.

use icecore::process::{Capabilities, Credentials};
use icecore::{Process, Thread};

use super::processes::{ids, user};
use super::threads::threads;
use crate::list::{List, sure};
use crate::output::{Cell, Column, Kind, Row, Table};
use crate::row;

/// One row for each thread.
pub const CREDENTIALS: Table = Table {
    name: "threads",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::count("tid", "TID").always(),
        Column::bytes("comm", "COMM"),
        Column::text("user", "UID").for_people(),
        Column::count("group", "GID").for_people(),
        Column::list(&Kind::Count, "groups", "GROUPS"),
        Column::text("can", "EFFECTIVE CAPABILITIES").for_people(),
        Column::list(&Kind::Count, "uids", "UIDS").for_machines(),
        Column::list(&Kind::Count, "gids", "GIDS").for_machines(),
        Column::mask("cap_inh", "INHERITABLE").for_machines(),
        Column::mask("cap_prm", "PERMITTED").for_machines(),
        Column::mask("cap_eff", "EFFECTIVE").for_machines(),
        Column::mask("cap_bnd", "BOUNDING").for_machines(),
        Column::mask("cap_amb", "AMBIENT").for_machines(),
        Column::list(&Kind::Text, "cap_inh_names", "INHERITABLE").for_machines(),
        Column::list(&Kind::Text, "cap_prm_names", "PERMITTED").for_machines(),
        Column::list(&Kind::Text, "cap_eff_names", "EFFECTIVE").for_machines(),
        Column::list(&Kind::Text, "cap_bnd_names", "BOUNDING").for_machines(),
        Column::list(&Kind::Text, "cap_amb_names", "AMBIENT").for_machines(),
        Column::hex("securebits", "SECUREBITS").for_machines(),
        Column::count("no_new_privs", "NO NEW PRIVS").for_machines(),
        Column::bytes("lsm", "LSM").for_machines(),
        Column::bytes("lsm_sockcreate", "LSM SOCKETS").for_machines(),
    ],
};

/// What `creds` and `inspect` list.
pub(crate) const LIST: List = List::new(&CREDENTIALS, |checkpoint, ask| {
    sure(threads(checkpoint, ask).map(|(process, thread)| row(process, thread)))
})
.titled("creds");

/// The row of a thread.
pub fn row(process: &Process, thread: &Thread) -> Row {
    let all = thread.credentials.as_ref();
    let sets = [
        all.map(|all| all.inheritable),
        all.map(|all| all.permitted),
        all.map(|all| all.effective),
        all.map(|all| all.bounding),
        all.and_then(|all| all.ambient),
    ];
    let mut row = row![
        process.pid.0,
        thread.tid.0,
        thread.comm.as_ref(),
        all.map(user),
        all.map(|all| all.gids.effective),
        all.map(|all| all.groups.clone()),
        all.map(can),
        ids(all, |all| all.uids),
        ids(all, |all| all.gids),
    ];
    row.extend(sets.map(|set| Cell::from(set.map(|set| Cell::Mask(set.0)))));
    row.extend(sets.map(|set| Cell::from(set.map(|set| set.names().collect::<Cell>()))));
    row.extend(row![
        all.map(|all| Cell::Hex(all.securebits.into())),
        all.and_then(|all| all.no_new_privs).map(u32::from),
        all.and_then(|all| all.lsm_profile.as_ref()),
        all.and_then(|all| all.lsm_sockcreate.as_ref()),
    ]);
    row
}

/// The effective capabilities for people: their names without what all of them begin with.
fn can(credentials: &Credentials) -> String {
    let (effective, bounding) = (credentials.effective, credentials.bounding);
    let count = |set: Capabilities| set.names().count();
    match count(effective) {
        0 => "none".into(),
        all if effective == bounding && all > ALL_BUT_FEW => format!("all {all} of the bounding set"),
        _ => {
            let names: Vec<String> =
                effective.names().map(|name| name.trim_start_matches("CAP_").to_lowercase()).collect();
            names.join(" ")
        }
    }
}

/// Capabilities beyond which counting them says more than naming them.
const ALL_BUT_FEW: usize = 30;
