-- Version 5: what each batch has spent, so that its limit needs no look at all its rows for each of them. Triggers keep it in the
-- transaction that changes what counts: an intent that may have been done, and what it spends.

-- Whoever writes waits until it is complete.
LOCK TABLE payglot_intent, payglot_spend IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE payglot_batch_sum (
    provider text NOT NULL,
    account text NOT NULL,
    -- What the names of its intents begin with, up to their first slash and with it.
    prefix text NOT NULL,
    amount numeric NOT NULL,
    PRIMARY KEY (provider, account, prefix)
);

INSERT INTO payglot_batch_sum
SELECT spend.provider, spend.account, split_part(spend.name, '/', 1) || '/', sum(spend.amount)
FROM payglot_spend AS spend JOIN payglot_intent AS intent USING (provider, account, operation, name)
WHERE intent.state IN ('sending', 'succeeded', 'unknown') AND strpos(spend.name, '/') > 0
GROUP BY 1, 2, 3;

-- It was for the sums that nobody makes any more.
DROP INDEX payglot_spend_name;

-- What an account spends is counted by one transaction at a time.
CREATE FUNCTION payglot_lock_spends(of_provider text, of_account text) RETURNS void
LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('payglot spend ' || of_provider || ' ' || of_account, 0))
$$;

CREATE FUNCTION payglot_add_to_batch(of_provider text, of_account text, of_name text, counted numeric) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- Before the row of the sum: transactions that count several batches would wait for each other in a circle.
    PERFORM payglot_lock_spends(of_provider, of_account);
    INSERT INTO payglot_batch_sum AS kept VALUES (of_provider, of_account, split_part(of_name, '/', 1) || '/', counted)
    ON CONFLICT (provider, account, prefix) DO UPDATE SET amount = kept.amount + excluded.amount;
END $$;

CREATE FUNCTION payglot_spend_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM payglot_intent AS intent
        WHERE intent.provider = new.provider AND intent.account = new.account AND intent.operation = new.operation
            AND intent.name = new.name AND intent.state IN ('sending', 'succeeded', 'unknown')
    ) THEN
        IF TG_OP = 'INSERT' THEN
            PERFORM payglot_add_to_batch(new.provider, new.account, new.name, new.amount);
        ELSE
            PERFORM payglot_add_to_batch(new.provider, new.account, new.name, new.amount - old.amount);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER payglot_spend_is_new AFTER INSERT ON payglot_spend
FOR EACH ROW WHEN (strpos(new.name, '/') > 0) EXECUTE FUNCTION payglot_spend_changes();

CREATE TRIGGER payglot_spend_is_another AFTER UPDATE OF amount ON payglot_spend
FOR EACH ROW WHEN (new.amount <> old.amount AND strpos(new.name, '/') > 0) EXECUTE FUNCTION payglot_spend_changes();

CREATE FUNCTION payglot_intent_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    spent bigint;
BEGIN
    SELECT amount INTO spent FROM payglot_spend AS spend
    WHERE spend.provider = new.provider AND spend.account = new.account AND spend.operation = new.operation
        AND spend.name = new.name;
    IF FOUND THEN
        IF new.state IN ('sending', 'succeeded', 'unknown') THEN
            PERFORM payglot_add_to_batch(new.provider, new.account, new.name, spent);
        ELSE
            PERFORM payglot_add_to_batch(new.provider, new.account, new.name, -spent);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER payglot_intent_counts AFTER UPDATE OF state ON payglot_intent
FOR EACH ROW WHEN (
    strpos(new.name, '/') > 0
    AND (new.state IN ('sending', 'succeeded', 'unknown')) <> (old.state IN ('sending', 'succeeded', 'unknown'))
) EXECUTE FUNCTION payglot_intent_changes();
