//! Docker archives and `dir:` images.
use std::sync::Arc;

use crate::Members;
use crate::archive::{Opener, Root};
use crate::finding::Findings;

pub(crate) fn archive_roots(_m: &Arc<Members>, _o: &Opener<'_>, _f: &mut Findings) -> Vec<Root> {
    Vec::new()
}
pub(crate) fn dir_roots(_m: &Arc<Members>, _o: &Opener<'_>, _f: &mut Findings) -> Vec<Root> {
    Vec::new()
}
