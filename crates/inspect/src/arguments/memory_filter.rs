//! Which memory is looked at, for commands that look at much of it.

use icecore::Pid;
use icecore_analysis::search::Filter;

use super::{AddressRange, address_range};

/// Arguments that leave memory out.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Memory")]
pub struct MemoryFilter {
    /// Only addresses of this range: START..END or START+LENGTH
    #[arg(long, value_name = "RANGE", value_parser = address_range)]
    range: Option<AddressRange>,
    /// Only areas with all these permissions, such as wx, or s for shared ones
    #[arg(long, value_name = "LETTERS", default_value = "", hide_default_value = true)]
    perms: String,
    /// Only areas of these kinds, such as heap, stack, anon, memfd
    #[arg(long = "kind", value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<String>,
}

impl MemoryFilter {
    /// Whether any memory is left out.
    pub fn is_given(&self) -> bool {
        self.range.is_some() || !self.perms.is_empty() || !self.kinds.is_empty()
    }

    /// The filter, without a word about processes.
    pub fn filter(&self, pids: Vec<Pid>) -> Filter {
        let mut filter = Filter::default();
        filter.pids = pids;
        filter.range = self.range.map(|range| range.start..range.end);
        filter.perms.clone_from(&self.perms);
        filter.kinds.clone_from(&self.kinds);
        filter
    }
}
