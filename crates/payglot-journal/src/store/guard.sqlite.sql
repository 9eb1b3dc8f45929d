-- Version 3: what guards and batches count. Amounts are hundred-millionths of a US dollar, times are milliseconds since 1970.
CREATE TABLE payglot_spend (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    operation TEXT NOT NULL,
    name TEXT NOT NULL,
    amount INTEGER NOT NULL,
    -- When it was last sent, or held until somebody approves it.
    at INTEGER NOT NULL,
    requested_by TEXT NOT NULL,
    approved_by TEXT,
    PRIMARY KEY (provider, account, operation, name)
) STRICT;

CREATE INDEX payglot_spend_at ON payglot_spend (provider, account, at, amount);
CREATE INDEX payglot_spend_name ON payglot_spend (provider, account, name, amount);
