-- Version 5: what each batch has spent, so that its limit needs no look at all its rows for each of them. Triggers keep it in the
-- transaction that changes what counts: an intent that may have been done, and what it spends.
CREATE TABLE payglot_batch_sum (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    -- What the names of its intents begin with, up to their first slash and with it.
    prefix TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (provider, account, prefix)
) STRICT;

INSERT INTO payglot_batch_sum
SELECT spend.provider, spend.account, substr(spend.name, 1, instr(spend.name, '/')) AS prefix, sum(spend.amount)
FROM payglot_spend AS spend JOIN payglot_intent AS intent USING (provider, account, operation, name)
WHERE intent.state IN ('sending', 'succeeded', 'unknown') AND instr(spend.name, '/') > 0
GROUP BY spend.provider, spend.account, prefix;

-- It was for the sums that nobody makes any more.
DROP INDEX payglot_spend_name;

CREATE TRIGGER payglot_spend_is_new AFTER INSERT ON payglot_spend
WHEN instr(new.name, '/') > 0 AND EXISTS (
    SELECT 1 FROM payglot_intent
    WHERE provider = new.provider AND account = new.account AND operation = new.operation AND name = new.name
        AND state IN ('sending', 'succeeded', 'unknown'))
BEGIN
    INSERT INTO payglot_batch_sum
    VALUES (new.provider, new.account, substr(new.name, 1, instr(new.name, '/')), new.amount)
    ON CONFLICT DO UPDATE SET amount = amount + excluded.amount;
END;

CREATE TRIGGER payglot_spend_is_another AFTER UPDATE OF amount ON payglot_spend
WHEN new.amount <> old.amount AND instr(new.name, '/') > 0 AND EXISTS (
    SELECT 1 FROM payglot_intent
    WHERE provider = new.provider AND account = new.account AND operation = new.operation AND name = new.name
        AND state IN ('sending', 'succeeded', 'unknown'))
BEGIN
    UPDATE payglot_batch_sum SET amount = amount + new.amount - old.amount
    WHERE provider = new.provider AND account = new.account AND prefix = substr(new.name, 1, instr(new.name, '/'));
END;

CREATE TRIGGER payglot_intent_counts AFTER UPDATE OF state ON payglot_intent
WHEN instr(new.name, '/') > 0
    AND (new.state IN ('sending', 'succeeded', 'unknown')) <> (old.state IN ('sending', 'succeeded', 'unknown'))
BEGIN
    INSERT INTO payglot_batch_sum
    SELECT provider, account, substr(name, 1, instr(name, '/')),
        iif(new.state IN ('sending', 'succeeded', 'unknown'), amount, -amount)
    FROM payglot_spend
    WHERE provider = new.provider AND account = new.account AND operation = new.operation AND name = new.name
    ON CONFLICT DO UPDATE SET amount = amount + excluded.amount;
END;
