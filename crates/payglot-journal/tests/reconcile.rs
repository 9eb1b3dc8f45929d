//! Seeded worlds with planted breaks: all are found, and none is invented.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

use std::collections::BTreeSet;

use payglot_journal::{BreakKind, LedgerRow, Listed, Sent, compare};
use payglot_runtime::Decimal;

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((mixed ^ (mixed >> 27)) % bound as u64).unwrap()
    }
}

type Found = BTreeSet<(BreakKind, Option<String>)>;

/// All three sides agree about so many calls.
fn world(count: usize, random: &mut Random) -> (Vec<Sent>, Vec<Listed>, Vec<LedgerRow>) {
    let amounts: Vec<_> = (0..count)
        .map(|_| Decimal::new(i64::try_from(random.below(100_000)).unwrap(), 2))
        .collect();
    let compared = |at: usize| format!("{} INV-{at}", amounts[at]);
    let sent = (0..count).map(|at| Sent {
        intent: format!("intent-{at}"),
        id: format!("id-{at}"),
        amount: Some(amounts[at]),
        compared: compared(at),
    });
    let listed = (0..count).map(|at| Listed {
        id: format!("id-{at}"),
        amount: Some(amounts[at]),
        status: Some("completed".to_owned()),
        has_failed: false,
        is_recent: true,
        compared: compared(at),
    });
    let ledger = (0..count).map(|at| LedgerRow {
        id: (at % 2 == 0).then(|| format!("id-{at}")),
        intent: (at % 2 == 1).then(|| format!("intent-{at}")),
        amount: Some(amounts[at]),
        status: Some("completed".to_owned()),
    });
    (sent.collect(), listed.collect(), ledger.collect())
}

#[test]
fn planted_breaks_are_found_and_none_is_invented() {
    for seed in 0..1000 {
        let mut random = Random(seed);
        let count = 1 + random.below(40);
        let (sent, mut listed, mut ledger) = world(count, &mut random);
        let mut planted = Found::new();
        let mut gone = Vec::new();
        for at in 0..count {
            let id = format!("id-{at}");
            let kind = match random.below(16) {
                0 => {
                    gone.push(at);
                    BreakKind::SentNotFound
                }
                1 => {
                    let mut other = listed[at].clone();
                    (other.id, other.compared) = (format!("other-{at}"), format!("other {at}"));
                    planted.insert((BreakKind::NotSentByUs, Some(other.id.clone())));
                    listed.push(other);
                    continue;
                }
                2 => {
                    listed[at].amount = listed[at].amount.map(|amount| amount + Decimal::new(1, 2));
                    BreakKind::Amount
                }
                3 => {
                    ledger[at].amount = ledger[at].amount.map(|amount| amount + Decimal::new(1, 2));
                    BreakKind::Amount
                }
                4 => {
                    listed[at].has_failed = true;
                    BreakKind::Status
                }
                5 => {
                    ledger[at].status = Some("open".to_owned());
                    BreakKind::Status
                }
                6 => {
                    let mut second = listed[at].clone();
                    second.id = format!("second-{at}");
                    planted.insert((BreakKind::Duplicate, Some(second.id.clone())));
                    listed.push(second);
                    continue;
                }
                7 => {
                    ledger.push(ledger[at].clone());
                    BreakKind::Duplicate
                }
                8 => {
                    let id = format!("entered-{at}");
                    ledger.push(LedgerRow { id: Some(id.clone()), ..LedgerRow::default() });
                    planted.insert((BreakKind::SentNotFound, Some(id)));
                    continue;
                }
                9 => {
                    // An earlier record of somebody else is nobody's business.
                    let mut earlier = listed[at].clone();
                    (earlier.id, earlier.is_recent) = (format!("earlier-{at}"), false);
                    listed.push(earlier);
                    continue;
                }
                _ => continue,
            };
            planted.insert((kind, Some(id)));
        }
        listed.retain(|record| !gone.iter().any(|at| record.id == format!("id-{at}")));
        let breaks = compare("payments.create", &sent, &listed, &ledger);
        let found: Found = breaks.iter().map(|found| (found.kind, found.id.clone())).collect();
        assert_eq!(found, planted, "seed {seed}");
        assert_eq!(breaks.len(), planted.len(), "seed {seed}: {breaks:?}");
    }
}

#[test]
fn what_a_side_does_not_say_is_not_compared() {
    let mut random = Random(1);
    let (sent, mut listed, mut ledger) = world(3, &mut random);
    listed[0].amount = None;
    (listed[1].status, ledger[2].amount) = (None, None);
    assert_eq!(compare("payments.create", &sent, &listed, &ledger), []);
    assert_eq!(compare("payments.create", &sent, &listed, &[]), [], "a ledger is not needed");
}

#[test]
fn a_break_says_what_was_expected() {
    let mut random = Random(1);
    let (mut sent, mut listed, _) = world(1, &mut random);
    (sent[0].amount, listed[0].amount) = (Some(Decimal::new(1010, 2)), Some(Decimal::new(1001, 2)));
    let breaks = compare("payments.create", &sent, &listed, &[]);
    let json = serde_json::to_string(&breaks).unwrap();
    let expected = r#"[{"kind":"amount","operation":"payments.create","id":"id-0","intent":"intent-0","expected":"10.10","found":"10.01"}]"#;
    assert_eq!(json, expected);
}
