//! Parts of a containerd checkpoint.
