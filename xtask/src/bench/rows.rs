//! What is compared with what, and the ratios to keep.

/// Clients that do the same, payglot first.
pub struct Row {
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    pub clients: &'static [Client],
}

/// One client of a row.
pub struct Client {
    pub name: &'static str,
    pub language: Language,
    /// The program, and its words before the URL and the seconds.
    pub program: &'static str,
    pub words: &'static [&'static str],
    /// Its last word.
    pub in_flight: &'static str,
    /// How many times as fast payglot is to be; none for payglot itself, and where the figure is for information.
    pub at_least: Option<f64>,
}

/// What a program is written in.
#[derive(Clone, Copy)]
pub enum Language {
    Rust,
    Python,
    Node,
}

const fn client(
    name: &'static str,
    language: Language,
    program: &'static str,
    words: &'static [&'static str],
) -> Client {
    Client { name, language, program, words, in_flight: "32", at_least: None }
}

impl Client {
    const fn at_least(self, ratio: f64) -> Self {
        Self { at_least: Some(ratio), ..self }
    }

    const fn alone(self) -> Self {
        self.in_flight("1")
    }

    const fn in_flight(self, calls: &'static str) -> Self {
        Self { in_flight: calls, ..self }
    }
}

use Language::{Node, Python, Rust};

/// Calls and pages.
pub const ROWS: &[Row] = &[
    Row {
        name: "rust-32",
        title: "Rust, 32 in flight",
        unit: "calls/s",
        clients: &[
            client("payglot", Rust, "client", &["payglot", "calls"]),
            client("reqwest + hmac", Rust, "client", &["reqwest", "calls"]).at_least(1.35),
        ],
    },
    Row {
        name: "rust-32-reqwest",
        title: "Rust, 32 in flight, through the user's reqwest",
        unit: "calls/s",
        clients: &[
            client("payglot, reqwest transport", Rust, "client", &["payglot-reqwest", "calls"]),
            client("reqwest + hmac", Rust, "client", &["reqwest", "calls"]).at_least(0.93),
        ],
    },
    Row {
        name: "python-sync",
        title: "Python, sync",
        unit: "calls/s",
        clients: &[
            client("payglot", Python, "calls_sync.py", &["payglot"]),
            client("pyreqwest", Python, "calls_sync.py", &["pyreqwest"]).at_least(1.5),
            client("httpx", Python, "calls_sync.py", &["httpx"]).at_least(4.5),
        ],
    },
    Row {
        name: "python-async-32",
        title: "Python, async, 32 in flight",
        unit: "calls/s",
        clients: &[
            client("payglot", Python, "calls_async.py", &["payglot"]),
            client("pyreqwest", Python, "calls_async.py", &["pyreqwest"]).at_least(2.3),
            client("aiohttp", Python, "calls_async.py", &["aiohttp"]).at_least(5.8),
            client("httpx", Python, "calls_async.py", &["httpx"]).at_least(100.0),
        ],
    },
    Row {
        name: "node-32",
        title: "Node, 32 in flight",
        unit: "calls/s",
        clients: &[
            client("payglot", Node, "calls.mjs", &["payglot"]),
            client("undici.request", Node, "calls.mjs", &["undici"]).at_least(1.45),
            client("fetch", Node, "calls.mjs", &["fetch"]).at_least(12.0),
        ],
    },
    Row {
        name: "node-1",
        title: "Node, one at a time",
        unit: "calls/s",
        clients: &[
            client("payglot", Node, "calls.mjs", &["payglot"]).alone(),
            client("undici.request", Node, "calls.mjs", &["undici"]).alone().at_least(1.35),
        ],
    },
    Row {
        name: "python-pages",
        title: "Python, pages of 100 records",
        unit: "pages/s",
        clients: &[
            client("payglot", Python, "pages.py", &["payglot"]),
            client("aiohttp + json", Python, "pages.py", &["aiohttp"]).at_least(1.55),
            client("aiohttp + json, exact", Python, "pages.py", &["aiohttp-exact"]),
        ],
    },
    Row {
        name: "node-pages",
        title: "Node, pages of 100 records",
        unit: "pages/s",
        clients: &[
            client("payglot", Node, "pages.mjs", &["payglot"]),
            client("undici + JSON.parse", Node, "pages.mjs", &["undici"]).at_least(1.1),
        ],
    },
];

/// Pages from a server that takes 5 ms, with 5 ms of work for each, in walks of 20 pages.
pub const OVERLAP: &[Row] = &[
    Row {
        name: "rust-overlap",
        title: "Rust",
        unit: "pages/s",
        clients: &[client("payglot", Rust, "client", &["payglot", "overlap"])],
    },
    Row {
        name: "python-overlap",
        title: "Python, sync",
        unit: "pages/s",
        clients: &[client("payglot", Python, "calls_sync.py", &["overlap"])],
    },
    Row {
        name: "node-overlap",
        title: "Node",
        unit: "pages/s",
        clients: &[client("payglot", Node, "pages.mjs", &["overlap"])],
    },
];

/// Payments under a journal in a file, each of a new intent, beside the same written down by hand.
pub const SQLITE: &[Row] = &[
    Row {
        name: "journal-python-sqlite-1",
        title: "Python, SQLite, one at a time",
        unit: "payments/s",
        clients: &[
            client("payglot", Python, "journal.py", &["payglot"]).alone(),
            client("sqlite3 + httpx", Python, "journal.py", &["by-hand"]).alone().at_least(2.0),
        ],
    },
    Row {
        name: "journal-python-sqlite-8",
        title: "Python, SQLite, 8 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Python, "journal.py", &["payglot"]).in_flight("8"),
            client("sqlite3 + httpx", Python, "journal.py", &["by-hand"]).in_flight("8"),
        ],
    },
    Row {
        name: "journal-python-sqlite-32",
        title: "Python, SQLite, 32 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Python, "journal.py", &["payglot"]),
            client("sqlite3 + httpx", Python, "journal.py", &["by-hand"]).at_least(4.0),
        ],
    },
    Row {
        name: "journal-node-sqlite-1",
        title: "Node, SQLite, one at a time",
        unit: "payments/s",
        clients: &[
            client("payglot", Node, "journal.mjs", &["payglot"]).alone(),
            client("better-sqlite3 + undici", Node, "journal.mjs", &["by-hand"]).alone(),
        ],
    },
    Row {
        name: "journal-node-sqlite-8",
        title: "Node, SQLite, 8 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Node, "journal.mjs", &["payglot"]).in_flight("8"),
            client("better-sqlite3 + undici", Node, "journal.mjs", &["by-hand"]).in_flight("8"),
        ],
    },
    Row {
        name: "journal-node-sqlite-32",
        title: "Node, SQLite, 32 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Node, "journal.mjs", &["payglot"]),
            client("better-sqlite3 + undici", Node, "journal.mjs", &["by-hand"]),
        ],
    },
];

/// The same with a journal in a server.
pub const POSTGRES: &[Row] = &[
    Row {
        name: "journal-python-postgresql-1",
        title: "Python, PostgreSQL, one at a time",
        unit: "payments/s",
        clients: &[
            client("payglot", Python, "journal.py", &["payglot"]).alone(),
            client("psycopg + httpx", Python, "journal.py", &["by-hand"]).alone(),
        ],
    },
    Row {
        name: "journal-python-postgresql-8",
        title: "Python, PostgreSQL, 8 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Python, "journal.py", &["payglot"]).in_flight("8"),
            client("psycopg + httpx", Python, "journal.py", &["by-hand"]).in_flight("8"),
        ],
    },
    Row {
        name: "journal-python-postgresql-32",
        title: "Python, PostgreSQL, 32 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Python, "journal.py", &["payglot"]),
            client("psycopg + httpx", Python, "journal.py", &["by-hand"]),
        ],
    },
    Row {
        name: "journal-node-postgresql-1",
        title: "Node, PostgreSQL, one at a time",
        unit: "payments/s",
        clients: &[
            client("payglot", Node, "journal.mjs", &["payglot"]).alone(),
            client("pg + undici", Node, "journal.mjs", &["by-hand"]).alone(),
        ],
    },
    Row {
        name: "journal-node-postgresql-8",
        title: "Node, PostgreSQL, 8 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Node, "journal.mjs", &["payglot"]).in_flight("8"),
            client("pg + undici", Node, "journal.mjs", &["by-hand"]).in_flight("8"),
        ],
    },
    Row {
        name: "journal-node-postgresql-32",
        title: "Node, PostgreSQL, 32 in flight",
        unit: "payments/s",
        clients: &[
            client("payglot", Node, "journal.mjs", &["payglot"]),
            client("pg + undici", Node, "journal.mjs", &["by-hand"]),
        ],
    },
];
