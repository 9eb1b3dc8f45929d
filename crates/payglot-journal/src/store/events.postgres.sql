-- Version 2: the inbox. This table and its function are a documented contract: docs/inbox.md.
CREATE TABLE payglot_event (
    provider text NOT NULL,
    -- Which of several accounts at the provider it was delivered for; empty where there is one.
    account text NOT NULL,
    id text NOT NULL,
    event text NOT NULL,
    -- What it tells something of, such as `payment 7b1d9c34`; of an event without such, `event` and its own id.
    object text NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- Where it stands among events of the same time.
    step bigint NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'handling', 'handled', 'stale', 'dead')),
    -- How many times its handling was begun.
    attempts bigint NOT NULL,
    -- Not to be handled before.
    next_at timestamptz NOT NULL,
    -- Why its handling did not succeed: the name of an error's class, never its text.
    last_error text,
    -- The delivery as JSON, less what is sensitive.
    body text NOT NULL,
    updated_at timestamptz NOT NULL,
    owner text NOT NULL,
    machine text NOT NULL,
    process text NOT NULL,
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (provider, account, id)
);

CREATE INDEX payglot_event_of ON payglot_event (provider, account, object, state, occurred_at);
CREATE INDEX payglot_event_open ON payglot_event (state, provider, account, occurred_at)
    WHERE state IN ('waiting', 'handling', 'dead');

-- One object at a time, whoever handles its events: held until the transaction ends.
CREATE FUNCTION payglot_lock_object(provider text, account text, object text) RETURNS boolean
LANGUAGE sql AS $$
    SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'payglot', provider, account, object), 0))
$$;

-- Takes the next event in the transaction of whoever calls it, as handled: committed with its effect, or neither. Gives no row
-- where none is due.
CREATE FUNCTION payglot_take_event(of_provider text, of_account text, events text[]) RETURNS SETOF payglot_event
LANGUAGE plpgsql AS $$
DECLARE
    candidate payglot_event;
    taken payglot_event;
BEGIN
    FOR candidate IN
        SELECT * FROM payglot_event AS e
        WHERE e.provider = of_provider AND e.account = of_account AND e.state = 'waiting' AND e.next_at <= now()
            AND e.event = ANY (events)
        ORDER BY e.occurred_at, e.step, e.received_at, e.id
    LOOP
        CONTINUE WHEN NOT payglot_lock_object(of_provider, of_account, candidate.object);
        -- Looked at again: it may have changed before its object was locked.
        SELECT * INTO taken FROM payglot_event AS e
        WHERE e.provider = of_provider AND e.account = of_account AND e.id = candidate.id AND e.state = 'waiting'
            AND NOT EXISTS (
                SELECT 1 FROM payglot_event AS o
                WHERE o.provider = of_provider AND o.account = of_account AND o.object = e.object AND o.id <> e.id
                    AND (o.state = 'handling' OR (
                        o.state = 'waiting' AND (o.event = ANY (events) OR o.attempts > 0)
                        AND (o.attempts = 0, o.occurred_at, o.step, o.received_at, o.id)
                            < (e.attempts = 0, e.occurred_at, e.step, e.received_at, e.id))))
        FOR UPDATE;
        CONTINUE WHEN NOT FOUND;
        IF EXISTS (
            SELECT 1 FROM payglot_event AS o
            WHERE o.provider = of_provider AND o.account = of_account AND o.object = taken.object
                AND o.state = 'handled' AND (o.occurred_at, o.step) > (taken.occurred_at, taken.step)
        ) THEN
            UPDATE payglot_event AS e SET state = 'stale', updated_at = now()
            WHERE e.provider = of_provider AND e.account = of_account AND e.id = taken.id;
            CONTINUE;
        END IF;
        RETURN QUERY UPDATE payglot_event AS e
            SET state = 'handled', attempts = e.attempts + 1, updated_at = now(), last_error = NULL
            WHERE e.provider = of_provider AND e.account = of_account AND e.id = taken.id
            RETURNING e.*;
        RETURN;
    END LOOP;
END $$;
