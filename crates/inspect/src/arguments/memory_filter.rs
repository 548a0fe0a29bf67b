//! Which memory is looked at, for commands that look at much of it.

use clap::builder::PossibleValuesParser;
use icecore::Pid;
use icecore::memory::AreaKind;
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
    #[arg(long, value_name = "LETTERS", default_value = "", hide_default_value = true, value_parser = letters)]
    perms: String,
    /// Only areas of these kinds
    #[arg(long = "kind", value_name = "KIND", value_delimiter = ',', value_parser = area_kinds())]
    kinds: Vec<String>,
}

/// The names of the kinds of areas.
pub fn area_kinds() -> PossibleValuesParser {
    AreaKind::ALL.map(AreaKind::name).into()
}

/// Letters that permissions can have.
fn letters(text: &str) -> Result<String, &'static str> {
    let is_letter = |letter| "rwxsp-".contains(letter);
    if text.chars().all(is_letter) {
        Ok(text.to_owned())
    } else {
        Err("expected letters of r, w, x, s and p")
    }
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

#[cfg(test)]
mod tests {
    use clap::Parser;
    use icecore::Vaddr;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        memory: MemoryFilter,
    }

    fn parse(line: &str) -> Result<MemoryFilter, String> {
        let words = ["icecore"].into_iter().chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.memory).map_err(|error| error.to_string())
    }

    #[test]
    fn each_argument_leaves_something_out() {
        assert!(!parse("").unwrap().is_given());
        for line in ["--range 0x1000+1", "--perms w", "--kind heap"] {
            assert!(parse(line).unwrap().is_given(), "{line}");
        }
        let filter = parse("--range 16..0x20 --perms wx --kind heap,stack --kind memfd").unwrap();
        let filter = filter.filter(vec![Pid(7)]);
        assert_eq!((filter.pids, filter.range), (vec![Pid(7)], Some(Vaddr(16)..Vaddr(32))));
        assert_eq!(
            (filter.perms.as_str(), filter.kinds),
            ("wx", ["heap", "stack", "memfd"].map(String::from).to_vec())
        );
    }

    /// What no area can have or be would find nothing, without a word.
    #[test]
    fn what_no_area_is_is_refused() {
        for (line, said) in
            [("--perms rz", "letters of r, w, x, s and p"), ("--kind heap,code", "file-private")]
        {
            let error = parse(line).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        for kind in AreaKind::ALL {
            assert!(parse(&format!("--kind {}", kind.name())).is_ok(), "{kind:?}");
        }
        assert!(parse("--perms r-xp").is_ok());
    }

    #[test]
    fn a_range_that_is_none_is_said() {
        for (line, said) in [
            ("--range 5", "expected START..END or START+LENGTH"),
            ("--range 2..1", "the range ends in front of its start"),
            ("--range 0xffffffffffffffff+1", "the range leaves the 64 bits of an address"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(said) && error.contains("--range <RANGE>"), "{error}");
        }
    }
}
