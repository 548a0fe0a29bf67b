//! The words of iproute2 for numbers of routes, rules and connections.

use std::borrow::Cow;

/// A number and its word.
type Word = (u32, &'static str);

fn word(words: &[Word], number: u32) -> Cow<'static, str> {
    let word = words.iter().find(|&&(other, _)| other == number).map(|&(_, word)| word);
    word.map_or_else(|| number.to_string().into(), Cow::Borrowed)
}

/// How far an address or route reaches: `global`, `link`, `host` …
pub fn scope(number: u8) -> Cow<'static, str> {
    word(&[(0, "global"), (200, "site"), (253, "link"), (254, "host"), (255, "nowhere")], number.into())
}

/// A routing table: `main`, `local`, `default`, or its number.
pub fn table(number: u32) -> Cow<'static, str> {
    word(&[(253, "default"), (254, "main"), (255, "local")], number)
}

/// Who made a route: `kernel`, `boot`, `static`, `dhcp` …
pub fn protocol(number: u8) -> Cow<'static, str> {
    const PROTOCOLS: [Word; 11] = [
        (1, "redirect"),
        (2, "kernel"),
        (3, "boot"),
        (4, "static"),
        (9, "ra"),
        (11, "zebra"),
        (12, "bird"),
        (16, "dhcp"),
        (18, "keepalived"),
        (186, "bgp"),
        (188, "ospf"),
    ];
    word(&PROTOCOLS, number.into())
}

/// What a route does: `unicast`, `blackhole` …
pub fn route_kind(number: u8) -> Cow<'static, str> {
    const KINDS: [Word; 11] = [
        (1, "unicast"),
        (2, "local"),
        (3, "broadcast"),
        (4, "anycast"),
        (5, "multicast"),
        (6, "blackhole"),
        (7, "unreachable"),
        (8, "prohibit"),
        (9, "throw"),
        (10, "nat"),
        (11, "xresolve"),
    ];
    word(&KINDS, number.into())
}

/// The state of a tracked TCP connection, in the words of conntrack(8).
pub fn conntrack_state(number: u8) -> Cow<'static, str> {
    const STATES: [Word; 10] = [
        (0, "NONE"),
        (1, "SYN_SENT"),
        (2, "SYN_RECV"),
        (3, "ESTABLISHED"),
        (4, "FIN_WAIT"),
        (5, "CLOSE_WAIT"),
        (6, "LAST_ACK"),
        (7, "TIME_WAIT"),
        (8, "CLOSE"),
        (9, "SYN_SENT2"),
    ];
    word(&STATES, number.into())
}
