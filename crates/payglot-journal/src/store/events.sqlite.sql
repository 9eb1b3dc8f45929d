-- Version 2: the inbox. Times are microseconds since 1970: vendors write events more finely than milliseconds.
CREATE TABLE payglot_event (
    provider TEXT NOT NULL,
    -- Which of several accounts at the provider it was delivered for; empty where there is one.
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    -- What it tells something of, such as `payment 7b1d9c34`; of an event without such, `event` and its own id.
    object TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    -- Where it stands among events of the same time.
    step INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'handling', 'handled', 'stale', 'dead')),
    -- How many times its handling was begun.
    attempts INTEGER NOT NULL,
    -- Not to be handled before.
    next_at INTEGER NOT NULL,
    -- Why its handling did not succeed: the name of an error's class, never its text.
    last_error TEXT,
    -- The delivery as JSON, less what is sensitive.
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    machine TEXT NOT NULL,
    process TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY (provider, account, id)
) STRICT;

CREATE INDEX payglot_event_of ON payglot_event (provider, account, object, state, occurred_at);
CREATE INDEX payglot_event_open ON payglot_event (state, provider, account, occurred_at)
    WHERE state IN ('waiting', 'handling', 'dead');
