//! Processes of hand-made dumps. Real ones are among the tests of truth.

mod lists;
mod old_images;
mod signals;
mod tasks;
mod threads;
