//! Calls and pages, over plain TCP and TLS, warm and cold, many at once and beside large ones.

use super::Language::{Node, Python, Rust};
use super::{Client, Row, client, row};

const BY_HAND: Client = client("reqwest + hmac in Rust", Rust, "client", &["reqwest", "calls"]);

/// Calls and pages.
pub const RATES: &[Row] = &[
    row(
        "rust-32",
        "Rust, 32 in flight",
        "calls/s",
        &[
            client("payglot", Rust, "client", &["payglot", "calls"]),
            client("reqwest + hmac", Rust, "client", &["reqwest", "calls"]).at_least(1.35),
            client("a loop over raw sockets", Rust, "client", &["socket", "calls"]).at_least(0.8),
        ],
    ),
    row(
        "rust-32-reqwest",
        "Rust, 32 in flight, through the user's reqwest",
        "calls/s",
        &[
            client("payglot, reqwest transport", Rust, "client", &["payglot-reqwest", "calls"]),
            client("reqwest + hmac", Rust, "client", &["reqwest", "calls"]).at_least(0.93),
        ],
    ),
    row(
        "python-sync",
        "Python, sync",
        "calls/s",
        &[
            client("payglot", Python, "calls_sync.py", &["payglot"]),
            client("pyreqwest", Python, "calls_sync.py", &["pyreqwest"]).at_least(1.5),
            client("httpx", Python, "calls_sync.py", &["httpx"]).at_least(4.5),
        ],
    ),
    row(
        "python-async-32",
        "Python, async, 32 in flight",
        "calls/s",
        &[
            client("payglot", Python, "calls_async.py", &["payglot"]),
            client("pyreqwest", Python, "calls_async.py", &["pyreqwest"]).at_least(2.3),
            client("aiohttp", Python, "calls_async.py", &["aiohttp"]).at_least(5.8),
            client("httpx", Python, "calls_async.py", &["httpx"]).at_least(100.0),
            BY_HAND.at_least(1.1),
        ],
    ),
    row(
        "node-32",
        "Node, 32 in flight",
        "calls/s",
        &[
            client("payglot", Node, "calls.mjs", &["payglot"]),
            client("undici.request", Node, "calls.mjs", &["undici"]).at_least(1.45),
            client("fetch", Node, "calls.mjs", &["fetch"]).at_least(12.0),
            BY_HAND.at_least(1.1),
        ],
    ),
    row(
        "node-1",
        "Node, one at a time",
        "calls/s",
        &[
            client("payglot", Node, "calls.mjs", &["payglot"]).alone(),
            client("undici.request", Node, "calls.mjs", &["undici"]).alone().at_least(1.35),
        ],
    ),
    row(
        "python-pages",
        "Python, pages of 100 records",
        "pages/s",
        &[
            client("payglot", Python, "pages.py", &["payglot"]),
            client("aiohttp + json", Python, "pages.py", &["aiohttp"]).at_least(2.0),
            client("aiohttp + json, exact", Python, "pages.py", &["aiohttp-exact"]),
        ],
    ),
    row(
        "node-pages",
        "Node, pages of 100 records",
        "pages/s",
        &[
            client("payglot", Node, "pages.mjs", &["payglot"]),
            client("undici + JSON.parse", Node, "pages.mjs", &["undici"]).at_least(1.2),
        ],
    ),
];

const OVERLAPPING: &[&str] = &["--latency-ms", "5"];

/// Pages from a server that takes 5 ms, with 5 ms of work for each, in walks of 20 pages.
pub const OVERLAP: &[Row] = &[
    row(
        "rust-overlap",
        "Rust",
        "pages/s",
        &[client("payglot", Rust, "client", &["payglot", "overlap"])],
    )
    .server(OVERLAPPING),
    row(
        "python-overlap",
        "Python, sync",
        "pages/s",
        &[client("payglot", Python, "calls_sync.py", &["overlap"])],
    )
    .server(OVERLAPPING),
    row("node-overlap", "Node", "pages/s", &[client("payglot", Node, "pages.mjs", &["overlap"])])
        .server(OVERLAPPING),
];

const HTTP1: &[&str] = &["--tls"];
const HTTP2: &[&str] = &["--tls", "--http2"];

/// Calls over TLS. Each client trusts the system's certificates and the CA of the bench.
pub const TLS: &[Row] = &[
    row(
        "tls-rust-32",
        "Rust, 32 in flight",
        "calls/s",
        &[
            client("payglot", Rust, "client", &["payglot", "calls"]),
            client("reqwest + hmac", Rust, "client", &["reqwest", "calls"]).at_least(1.35),
        ],
    )
    .server(HTTP1),
    row(
        "tls-python-sync",
        "Python, sync",
        "calls/s",
        &[
            client("payglot", Python, "calls_sync.py", &["payglot"]),
            client("pyreqwest", Python, "calls_sync.py", &["pyreqwest"]).at_least(1.5),
            client("httpx", Python, "calls_sync.py", &["httpx"]).at_least(4.5),
        ],
    )
    .server(HTTP1),
    row(
        "tls-python-async-32",
        "Python, async, 32 in flight",
        "calls/s",
        &[
            client("payglot", Python, "calls_async.py", &["payglot"]),
            client("pyreqwest", Python, "calls_async.py", &["pyreqwest"]).at_least(2.3),
            client("aiohttp", Python, "calls_async.py", &["aiohttp"]).at_least(5.8),
            client("httpx", Python, "calls_async.py", &["httpx"]).at_least(100.0),
            BY_HAND.at_least(1.1),
        ],
    )
    .server(HTTP1),
    row(
        "tls-node-32",
        "Node, 32 in flight",
        "calls/s",
        &[
            client("payglot", Node, "calls.mjs", &["payglot"]),
            client("undici.request", Node, "calls.mjs", &["undici"]).at_least(1.45),
            client("fetch", Node, "calls.mjs", &["fetch"]).at_least(12.0),
            BY_HAND.at_least(1.1),
        ],
    )
    .server(HTTP1),
    row(
        "tls-http2-rust-32",
        "Rust, HTTP/2, 32 in flight",
        "calls/s",
        &[
            client("payglot", Rust, "client", &["payglot", "calls"]),
            client("reqwest + hmac", Rust, "client", &["reqwest", "calls"]).at_least(1.35),
        ],
    )
    .server(HTTP2),
    row(
        "tls-http2-python-async-32",
        "Python, async, HTTP/2, 32 in flight",
        "calls/s",
        &[
            client("payglot", Python, "calls_async.py", &["payglot"]),
            client("pyreqwest", Python, "calls_async.py", &["pyreqwest"]).at_least(2.3),
            client("httpx", Python, "calls_async.py", &["httpx"]).at_least(100.0),
            BY_HAND.at_least(1.1),
        ],
    )
    .server(HTTP2),
    row(
        "tls-http2-node-32",
        "Node, HTTP/2, 32 in flight",
        "calls/s",
        &[
            client("payglot", Node, "calls.mjs", &["payglot"]),
            client("undici.request", Node, "calls.mjs", &["undici"]).at_least(1.45),
            BY_HAND.at_least(1.1),
        ],
    )
    .server(HTTP2),
];

/// From the start of a process to its end after the first call, over TLS.
pub const COLD: &[Row] = &[
    row(
        "cold-python",
        "Python",
        "",
        &[
            client("payglot", Python, "cold.py", &["payglot"]),
            client("httpx", Python, "cold.py", &["httpx"]).at_least(3.0),
            client("requests", Python, "cold.py", &["requests"]).at_least(3.0),
        ],
    )
    .server(HTTP1),
    row(
        "cold-node",
        "Node",
        "",
        &[
            client("payglot", Node, "cold.mjs", &["payglot"]),
            client("undici.request", Node, "cold.mjs", &["undici"]).at_least(1.3),
            client("fetch", Node, "cold.mjs", &["fetch"]),
        ],
    )
    .server(HTTP1),
];

/// Calls that are begun at once. The figure to keep is that of the latency and of the memory.
pub const BURST: &[Row] = &[
    row(
        "burst-python",
        "Python, async",
        "calls/s",
        &[
            client("payglot", Python, "burst.py", &["payglot"]).in_flight(CALLS),
            client("pyreqwest", Python, "burst.py", &["pyreqwest"]).in_flight(CALLS).at_least(2.0),
            client("aiohttp", Python, "burst.py", &["aiohttp"]).in_flight(CALLS).at_least(2.0),
        ],
    ),
    row(
        "burst-node",
        "Node",
        "calls/s",
        &[
            client("payglot", Node, "burst.mjs", &["payglot"]).in_flight(CALLS),
            client("undici.request", Node, "burst.mjs", &["undici"]).in_flight(CALLS).at_least(2.0),
            client("fetch", Node, "burst.mjs", &["fetch"]).in_flight(CALLS).at_least(2.0),
        ],
    ),
];

/// How many begin at once.
const CALLS: &str = "10000";

const MEGABYTE: &[&str] = &["--records", "3450"];
/// Just below what payglot reads unless it is told otherwise.
const MEGABYTES: &[&str] = &["--records", "108000"];

/// Small calls while large responses are read: how long the small ones take.
pub const BESIDE: &[Row] = &[
    row("beside-python-1", "Python, async, responses of 1 MB", "calls/s", BESIDE_PYTHON)
        .server(MEGABYTE),
    row("beside-python-32", "Python, async, responses of 32 MB", "calls/s", BESIDE_PYTHON)
        .server(MEGABYTES),
    row("beside-node-1", "Node, responses of 1 MB", "calls/s", BESIDE_NODE).server(MEGABYTE),
    row("beside-node-32", "Node, responses of 32 MB", "calls/s", BESIDE_NODE).server(MEGABYTES),
];

const BESIDE_PYTHON: &[Client] = &[
    client("payglot", Python, "beside.py", &["payglot"]),
    client("aiohttp", Python, "beside.py", &["aiohttp"]),
];

const BESIDE_NODE: &[Client] = &[
    client("payglot", Node, "beside.mjs", &["payglot"]),
    client("undici.request", Node, "beside.mjs", &["undici"]),
];

/// A page of 100 payments from its bytes.
pub const PARSING: &[Row] = &[row(
    "parsing",
    "A page of 100 payments",
    "pages/s",
    &[
        client("payglot", Rust, "parse", &["payglot"]),
        client("serde_json into a struct", Rust, "parse", &["serde_json"]),
        client("a copy that is checked for UTF-8", Rust, "parse", &["copy"]),
    ],
)];
