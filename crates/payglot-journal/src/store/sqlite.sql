-- The journal in a file, version 1. Times are milliseconds since 1970.
CREATE TABLE payglot_journal (
    -- A random key for fingerprints of arguments.
    fingerprint_key BLOB NOT NULL
) STRICT;

CREATE TABLE payglot_intent (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    operation TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('recorded', 'sending', 'succeeded', 'refused', 'unknown', 'released')),
    attempts INTEGER NOT NULL,
    status INTEGER,
    request_id TEXT,
    response TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Empty until it is sent for the first time.
    fingerprint BLOB NOT NULL,
    owner TEXT NOT NULL,
    machine TEXT NOT NULL,
    process TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    -- What a look-up of what became of it compares: JSON of values that are not sensitive.
    lookup TEXT,
    PRIMARY KEY (provider, account, operation, name)
) STRICT;

-- What a person or a sweep looks for is few among many.
CREATE INDEX payglot_intent_open ON payglot_intent (state, updated_at)
    WHERE state IN ('recorded', 'sending', 'unknown', 'released');

CREATE TABLE payglot_intent_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    operation TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    because TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    status INTEGER,
    request_id TEXT
) STRICT;

CREATE INDEX payglot_intent_log_of ON payglot_intent_log (provider, account, operation, name, id);

-- Append-only, whoever opens the file.
CREATE TRIGGER payglot_intent_log_keeps BEFORE UPDATE ON payglot_intent_log
BEGIN SELECT RAISE(ABORT, 'the log of intents is append-only'); END;
CREATE TRIGGER payglot_intent_log_loses_nothing BEFORE DELETE ON payglot_intent_log
BEGIN SELECT RAISE(ABORT, 'the log of intents is append-only'); END;
