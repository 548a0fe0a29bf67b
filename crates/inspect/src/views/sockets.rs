//! Sockets as rows and in a phrase.

use icecore::sockets::{Endpoint, Socket};

use crate::output::{Cell, Object};

/// What says which socket it is.
pub fn brief(socket: &Socket) -> Cell {
    Cell::Object(
        Object::new()
            .with("family", socket.family.to_string())
            .with("state", socket.state_name())
            .with("local", endpoint(socket.local))
            .with("remote", endpoint(socket.remote))
            .with("name", socket.name().map(|name| shown_name(name))),
    )
}

/// An address with its port; `null` where there is none.
pub fn endpoint(endpoint: Option<Endpoint>) -> Cell {
    endpoint
        .map(|it| Cell::Object(Object::new().with("addr", it.addr.to_string()).with("port", it.port)))
        .into()
}

/// A name as people write it: abstract ones begin with `@`.
pub fn shown_name(name: &[u8]) -> Cell {
    match name.split_first() {
        Some((0, rest)) => Cell::Bytes([b"@", rest].concat().into()),
        _ => Cell::Bytes(name.into()),
    }
}

/// Where it is bound and connected to.
pub fn phrase(socket: &Socket) -> String {
    let name = socket.name().map(|name| match shown_name(name) {
        Cell::Bytes(name) => name.to_string(),
        _ => String::new(),
    });
    let state = socket.state_name();
    let place = match (socket.local, socket.remote, name) {
        (Some(local), Some(remote), _) => format!("{local} → {remote}"),
        (Some(local), None, _) => local.to_string(),
        (_, _, Some(name)) => name,
        _ => socket.protocol_name().map(String::from).unwrap_or_default(),
    };
    let peer = socket.peer_ino().map(|ino| format!(" peer {ino}")).unwrap_or_default();
    format!("{place}{peer} {state}").trim_start().to_owned()
}
