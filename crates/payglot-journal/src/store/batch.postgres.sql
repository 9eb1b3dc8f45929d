-- Version 4: how fast the batches of an account send.
CREATE TABLE payglot_pace (
    provider text NOT NULL,
    account text NOT NULL,
    -- Nothing is sent before.
    next_at timestamptz NOT NULL,
    -- Microseconds between two, beyond what a batch asks for; zero where the vendor keeps up.
    spacing bigint NOT NULL,
    -- When the vendor was last found not to keep up.
    slowed_at timestamptz NOT NULL,
    PRIMARY KEY (provider, account)
);

-- What stops a batch is few among many.
CREATE INDEX payglot_intent_in_doubt ON payglot_intent (provider, account, operation, name text_pattern_ops)
    WHERE state IN ('sending', 'unknown');
