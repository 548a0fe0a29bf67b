//! Options that sockets of all families have.

use icecore::images_format::raw::bpf::Instruction;
use icecore::sockets::SocketOptions;

use crate::output::{Cell, Object};

/// What is not set, or not stored, is left out.
pub(super) fn cell(options: &SocketOptions) -> Cell {
    Cell::Object(
        Object::new()
            .with("sndbuf", options.sndbuf)
            .with("rcvbuf", options.rcvbuf)
            .with("reuseaddr", set(options.reuseaddr))
            .with("reuseport", set(options.reuseport))
            .with("keepalive", set(options.keepalive))
            .with("broadcast", set(options.broadcast))
            .with("passcred", set(options.passcred))
            .with("passsec", set(options.passsec))
            .with("dontroute", set(options.dontroute))
            .with("no_check", set(options.no_check))
            .with("oobinline", set(options.oobinline))
            .with("priority", unless(0, options.priority))
            .with("mark", Cell::given(options.mark))
            .with("linger", Cell::given(options.linger))
            .with("rcvlowat", unless(1, options.rcvlowat))
            .with("rcvtimeo", Cell::given(options.rcvtimeo_us.map(Cell::Micros)))
            .with("sndtimeo", Cell::given(options.sndtimeo_us.map(Cell::Micros)))
            .with("buf_lock", unless(0, options.buf_lock))
            .with("device", Cell::given(options.device.as_ref()))
            .with("filter", list(&options.filter, Cell::Hex))
            .with(
                "filter_text",
                list(&options.filter, |word| Instruction::of_so_filter(word).to_string().into()),
            ),
    )
}

pub(super) fn set(value: Option<bool>) -> Cell {
    Cell::given(value.filter(|&yes| yes))
}

/// A number that is not what it is for every socket.
fn unless(usual: u32, value: Option<u32>) -> Cell {
    Cell::given(value.filter(|&value| value != usual))
}

/// Words of a filter, if there is one.
pub(super) fn list<T: Copy>(words: &[T], cell: impl Fn(T) -> Cell) -> Cell {
    if words.is_empty() { Cell::NOT_APPLICABLE } else { words.iter().map(|&word| cell(word)).collect() }
}
