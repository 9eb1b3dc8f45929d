-- Version 4: how fast the batches of an account send. Times are microseconds since 1970.
CREATE TABLE payglot_pace (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    -- Nothing is sent before.
    next_at INTEGER NOT NULL,
    -- Microseconds between two, beyond what a batch asks for; zero where the vendor keeps up.
    spacing INTEGER NOT NULL,
    -- When the vendor was last found not to keep up.
    slowed_at INTEGER NOT NULL,
    PRIMARY KEY (provider, account)
) STRICT;

-- What stops a batch is few among many.
CREATE INDEX payglot_intent_in_doubt ON payglot_intent (provider, account, operation, name)
    WHERE state IN ('sending', 'unknown');
