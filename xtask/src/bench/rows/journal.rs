//! Payments under a journal, each of a new intent, beside the same written down by hand.

use super::Language::{Node, Python};
use super::{Row, client, row};

/// With a journal in a file.
pub const SQLITE: &[Row] = &[
    row(
        "journal-python-sqlite-1",
        "Python, SQLite, one at a time",
        "payments/s",
        &[
            client("payglot", Python, "journal.py", &["payglot"]).alone(),
            client("sqlite3 + httpx", Python, "journal.py", &["by-hand"]).alone().at_least(2.0),
        ],
    ),
    row(
        "journal-python-sqlite-8",
        "Python, SQLite, 8 in flight",
        "payments/s",
        &[
            client("payglot", Python, "journal.py", &["payglot"]).in_flight("8"),
            client("sqlite3 + httpx", Python, "journal.py", &["by-hand"]).in_flight("8"),
        ],
    ),
    row(
        "journal-python-sqlite-32",
        "Python, SQLite, 32 in flight",
        "payments/s",
        &[
            client("payglot", Python, "journal.py", &["payglot"]),
            client("sqlite3 + httpx", Python, "journal.py", &["by-hand"]).at_least(4.0),
        ],
    ),
    row(
        "journal-node-sqlite-1",
        "Node, SQLite, one at a time",
        "payments/s",
        &[
            client("payglot", Node, "journal.mjs", &["payglot"]).alone(),
            client("better-sqlite3 + undici", Node, "journal.mjs", &["by-hand"]).alone(),
        ],
    ),
    row(
        "journal-node-sqlite-8",
        "Node, SQLite, 8 in flight",
        "payments/s",
        &[
            client("payglot", Node, "journal.mjs", &["payglot"]).in_flight("8"),
            client("better-sqlite3 + undici", Node, "journal.mjs", &["by-hand"]).in_flight("8"),
        ],
    ),
    row(
        "journal-node-sqlite-32",
        "Node, SQLite, 32 in flight",
        "payments/s",
        &[
            client("payglot", Node, "journal.mjs", &["payglot"]),
            client("better-sqlite3 + undici", Node, "journal.mjs", &["by-hand"]),
        ],
    ),
];

/// The same with a journal in a server.
pub const POSTGRES: &[Row] = &[
    row(
        "journal-python-postgresql-1",
        "Python, PostgreSQL, one at a time",
        "payments/s",
        &[
            client("payglot", Python, "journal.py", &["payglot"]).alone(),
            client("psycopg + httpx", Python, "journal.py", &["by-hand"]).alone(),
        ],
    ),
    row(
        "journal-python-postgresql-8",
        "Python, PostgreSQL, 8 in flight",
        "payments/s",
        &[
            client("payglot", Python, "journal.py", &["payglot"]).in_flight("8"),
            client("psycopg + httpx", Python, "journal.py", &["by-hand"]).in_flight("8"),
        ],
    ),
    row(
        "journal-python-postgresql-32",
        "Python, PostgreSQL, 32 in flight",
        "payments/s",
        &[
            client("payglot", Python, "journal.py", &["payglot"]),
            client("psycopg + httpx", Python, "journal.py", &["by-hand"]),
        ],
    ),
    row(
        "journal-node-postgresql-1",
        "Node, PostgreSQL, one at a time",
        "payments/s",
        &[
            client("payglot", Node, "journal.mjs", &["payglot"]).alone(),
            client("pg + undici", Node, "journal.mjs", &["by-hand"]).alone(),
        ],
    ),
    row(
        "journal-node-postgresql-8",
        "Node, PostgreSQL, 8 in flight",
        "payments/s",
        &[
            client("payglot", Node, "journal.mjs", &["payglot"]).in_flight("8"),
            client("pg + undici", Node, "journal.mjs", &["by-hand"]).in_flight("8"),
        ],
    ),
    row(
        "journal-node-postgresql-32",
        "Node, PostgreSQL, 32 in flight",
        "payments/s",
        &[
            client("payglot", Node, "journal.mjs", &["payglot"]),
            client("pg + undici", Node, "journal.mjs", &["by-hand"]),
        ],
    ),
];
