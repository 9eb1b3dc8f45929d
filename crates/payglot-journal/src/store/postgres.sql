-- The journal in PostgreSQL, version 1. These tables are a documented contract: docs/journal.md.
CREATE TABLE payglot_journal (
    -- One row.
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    version integer NOT NULL,
    -- A random key for fingerprints of arguments.
    fingerprint_key bytea NOT NULL
);

CREATE TABLE payglot_intent (
    provider text NOT NULL,
    account text NOT NULL,
    operation text NOT NULL,
    name text NOT NULL,
    state text NOT NULL
        CHECK (state IN ('recorded', 'sending', 'succeeded', 'refused', 'unknown', 'released')),
    attempts bigint NOT NULL,
    status integer,
    request_id text,
    response text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Empty until it is sent for the first time.
    fingerprint bytea NOT NULL,
    owner text NOT NULL,
    machine text NOT NULL,
    process text NOT NULL,
    lease_until timestamptz NOT NULL,
    -- What a look-up of what became of it compares: JSON of values that are not sensitive.
    lookup text,
    PRIMARY KEY (provider, account, operation, name)
);

-- What a person or a sweep looks for is few among many.
CREATE INDEX payglot_intent_open ON payglot_intent (state, updated_at)
    WHERE state IN ('recorded', 'sending', 'unknown', 'released');

CREATE TABLE payglot_intent_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    account text NOT NULL,
    operation text NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL,
    changed_by text NOT NULL,
    because text NOT NULL,
    attempt bigint NOT NULL,
    status integer,
    request_id text
);

CREATE INDEX payglot_intent_log_of ON payglot_intent_log (provider, account, operation, name, id);

-- The outbox: records an intent in the transaction of whoever calls it, together with the order that it is for. True where
-- it is new.
CREATE FUNCTION payglot_record(provider text, account text, operation text, name text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF length(name) NOT BETWEEN 1 AND 255 OR name ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION 'the name of an intent has 1 to 255 printable characters';
    END IF;
    INSERT INTO payglot_intent
        (provider, account, operation, name, state, attempts, created_at, updated_at, fingerprint, owner, machine,
         process, lease_until)
    VALUES
        (provider, account, operation, name, 'recorded', 0, now(), now(), '', '', '', '', 'epoch')
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO payglot_intent_log (provider, account, operation, name, at, state, changed_by, because, attempt)
    VALUES (provider, account, operation, name, now(), 'recorded', current_user, 'recorded in a transaction', 0);
    RETURN true;
END $$;

-- Append-only, whoever connects.
CREATE FUNCTION payglot_intent_log_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the log of intents is append-only'; END $$;
CREATE TRIGGER payglot_intent_log_keeps BEFORE UPDATE OR DELETE ON payglot_intent_log
    FOR EACH ROW EXECUTE FUNCTION payglot_intent_log_keeps();
