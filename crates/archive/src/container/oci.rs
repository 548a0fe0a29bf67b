//! OCI image layouts.
use std::sync::Arc;

use super::Kind;
use crate::Members;
use crate::archive::{Opener, Root};
use crate::finding::Findings;

pub(crate) fn roots(_m: &Arc<Members>, _o: &Opener<'_>, _f: &mut Findings) -> (Kind, Vec<Root>) {
    (Kind::OciLayout, Vec::new())
}
