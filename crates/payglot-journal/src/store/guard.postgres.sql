-- Version 3: what guards and batches count. Amounts are hundred-millionths of a US dollar.
CREATE TABLE payglot_spend (
    provider text NOT NULL,
    account text NOT NULL,
    operation text NOT NULL,
    name text NOT NULL,
    amount bigint NOT NULL,
    -- When it was last sent, or held until somebody approves it.
    at timestamptz NOT NULL,
    requested_by text NOT NULL,
    approved_by text,
    PRIMARY KEY (provider, account, operation, name)
);

CREATE INDEX payglot_spend_at ON payglot_spend (provider, account, at);
CREATE INDEX payglot_spend_name ON payglot_spend (provider, account, name text_pattern_ops);
