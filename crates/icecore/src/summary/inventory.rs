//! How the dump was made: `inventory.img`.

use bstr::BString;
use icecore_images::messages::{InventoryEntry, Lsmtype};
use serde::Serialize;

use crate::Diagnostic;
use crate::images::Images;

/// How the dump was made, as CRIU says it. Source: `inventory.img`, `inventory_entry`. What the image does not hold is
/// `None`; in that of a pre-dump it is nearly everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inventory {
    /// The version of the image format: 1 without head magics, 2 with them, 3 with compressed pages; 0 in a pre-dump.
    pub img_version: u32,
    /// The UUID of the run of CRIU that made it (`dump_criu_run_id`); since CRIU 4.1.
    pub run_id: Option<BString>,
    /// The plugins that took part, as `cuda_plugin`: a restore needs them. Empty: none. Since CRIU 4.1.
    pub plugins: Option<Vec<BString>>,
    /// The security module of the machine, by its number in `lsmtype`: [`Inventory::lsm_name`]. Since CRIU 1.6.
    pub lsm: Option<i32>,
    /// How long the machine had run (`dump_uptime`), in microseconds; of incremental dumps. Since CRIU 3.10.
    pub uptime_us: Option<u64>,
    /// How a pre-dump read memory: 1 splice, 2 read; since CRIU 3.14.
    pub pre_dump_mode: Option<u32>,
    /// Whether connections of TCP were closed instead of stored; since CRIU 3.15.
    pub tcp_close: Option<bool>,
    /// How the network was locked: [`Inventory::network_lock_name`]. Since CRIU 3.16.
    pub network_lock: Option<u32>,
    /// Whether tasks with uprobes were let through; since CRIU 4.2.
    pub allow_uprobes: Option<bool>,
}

impl Inventory {
    pub(crate) fn of(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        images.first::<InventoryEntry>("inventory.img", diagnostics).map(Self::from)
    }

    /// `none`, `selinux`, `apparmor`; `None` for a number without a word.
    pub fn lsm_name(&self) -> Option<&'static str> {
        Some(match Lsmtype(self.lsm?) {
            Lsmtype::NO_LSM => "none",
            Lsmtype::SELINUX => "selinux",
            Lsmtype::APPARMOR => "apparmor",
            _ => return None,
        })
    }

    /// `iptables`, `nftables`, `skip` (not at all); `None` for a number without a word.
    pub fn network_lock_name(&self) -> Option<&'static str> {
        Some(match self.network_lock? {
            0 => "iptables",
            1 => "nftables",
            2 => "skip",
            _ => return None,
        })
    }
}

impl From<InventoryEntry> for Inventory {
    fn from(entry: InventoryEntry) -> Self {
        Self {
            img_version: entry.img_version,
            run_id: entry.dump_criu_run_id,
            plugins: entry.plugins_entry.map(|it| it.plugins),
            lsm: entry.lsmtype.map(|it| it.0),
            uptime_us: entry.dump_uptime,
            pre_dump_mode: entry.pre_dump_mode,
            tcp_close: entry.tcp_close,
            network_lock: entry.network_lock_method,
            allow_uprobes: entry.allow_uprobes,
        }
    }
}
