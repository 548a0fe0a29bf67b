//! Finding things in sorted lists again and again, each near the last.

/// Where the last things were found, so that a walk by rising address finds the next ones without a search.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Near {
    pub(super) slot: usize,
    pub(super) span: usize,
}

/// The index of the first of a sorted list that ends behind an address. It is looked for at `near` and beside it, else by
/// halving; `near` is where it is then.
pub(super) fn first_behind<T>(list: &[T], end: impl Fn(&T) -> u64, address: u64, near: &mut usize) -> usize {
    let is_in_front = |index: usize| list.get(index).is_none_or(|item| end(item) <= address);
    let fits = |index: usize| {
        let before = index.checked_sub(1);
        !is_in_front(index) && before.is_none_or(is_in_front)
    };
    let found = [*near, near.saturating_add(1)].into_iter().find(|index| fits(*index));
    *near = found.unwrap_or_else(|| list.partition_point(|item| end(item) <= address));
    *near
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Wherever the last one was, what is found is what halving finds.
        #[test]
        fn it_is_what_halving_finds(
            mut ends in proptest::collection::vec(0_u64..50, 0..12),
            address in 0_u64..60,
            near in 0_usize..14,
        ) {
            ends.sort_unstable();
            ends.dedup();
            let mut at = near;
            let wanted = ends.partition_point(|end| *end <= address);
            assert_eq!(first_behind(&ends, |end| *end, address, &mut at), wanted);
            assert_eq!(at, wanted);
        }
    }

    #[test]
    fn a_walk_goes_from_one_to_the_next() {
        let ends = [10, 20, 30];
        let mut near = 0;
        let found: Vec<usize> = [0, 9, 10, 19, 20, 29, 30, 99, 5]
            .map(|at| first_behind(&ends, |end| *end, at, &mut near))
            .to_vec();
        assert_eq!(found, [0, 0, 1, 1, 2, 2, 3, 3, 0]);
    }
}
