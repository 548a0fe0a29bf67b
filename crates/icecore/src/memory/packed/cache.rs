//! The last blocks that were decoded, within a bound.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Bytes that are kept for one pages file; two of the largest blocks, or hundreds of usual ones.
const BOUND: usize = 8 << 20;

/// Decoded blocks, the last used in front.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<VecDeque<(u64, Arc<[u8]>)>>);

/// A cache is searched from front to back, so it must not become long.
const ENTRIES: usize = 64;

impl Cache {
    /// The block of this key, decoded now if it is not there.
    pub(super) fn get<E>(
        &self,
        key: u64,
        decode: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Arc<[u8]>, E> {
        if let Ok(mut kept) = self.0.lock()
            && let Some(at) = kept.iter().position(|(of, _)| *of == key)
            && let Some(found) = kept.remove(at)
        {
            let block = found.1.clone();
            kept.push_front(found);
            return Ok(block);
        }
        let block: Arc<[u8]> = decode()?.into();
        if let Ok(mut kept) = self.0.lock() {
            kept.push_front((key, block.clone()));
            let mut bytes = 0_usize;
            let fits = kept.iter().take(ENTRIES).take_while(|(_, block)| {
                bytes = bytes.saturating_add(block.len());
                bytes <= BOUND
            });
            let fits = fits.count();
            kept.truncate(fits.max(1));
        }
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_is_kept() {
        let cache = Cache::default();
        let block = |byte: u8| move || Ok::<_, ()>(vec![byte; BOUND / 2]);
        cache.get(1, block(1)).unwrap();
        cache.get(2, block(2)).unwrap();
        assert_eq!(cache.get(1, || Err(())).unwrap()[0], 1);
        cache.get(3, block(3)).unwrap();
        assert_eq!(cache.get(1, || Err(())).unwrap()[0], 1);
        assert_eq!(cache.get(2, || Err(())), Err(()));
    }
}
