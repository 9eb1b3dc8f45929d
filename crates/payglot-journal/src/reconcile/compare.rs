//! Compares what was sent, what the vendor lists and what the ledger says. Asks nobody.

use std::collections::{BTreeMap, HashMap, HashSet};

use payglot_runtime::Decimal;
use serde::Serialize;

/// A call that the journal says was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The intent's name.
    pub intent: String,
    /// Identifier of what it made.
    pub id: String,
    /// What it was asked to move, in the unit of the operation.
    pub amount: Option<Decimal>,
    /// All that it shares with the vendor's record, as JSON by the names of the record; empty where it shares nothing.
    pub compared: String,
}

/// A record that the vendor lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its identifier.
    pub id: String,
    /// In the unit of the operation.
    pub amount: Option<Decimal>,
    /// As the vendor names it.
    pub status: Option<String>,
    /// Whether the status says that it was not done, and will not be.
    pub has_failed: bool,
    /// Whether it was surely made in the time that is looked at.
    pub is_recent: bool,
    /// As [`Sent::compared`].
    pub compared: String,
}

/// A row of the user's own ledger. One of `id` and `intent` names what it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerRow {
    /// The vendor's identifier.
    pub id: Option<String>,
    /// The intent's name.
    pub intent: Option<String>,
    /// In the unit of the operation; not compared where it is left out.
    pub amount: Option<Decimal>,
    /// As the vendor names it; not compared where it is left out.
    pub status: Option<String>,
}

/// What does not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BreakKind {
    /// The journal or the ledger says that it was done, and the vendor does not list it.
    SentNotFound,
    /// The vendor lists it, and no intent of the journal is of it.
    NotSentByUs,
    /// Two amounts that should be one.
    Amount,
    /// The vendor says that it failed, or another status than the ledger.
    Status,
    /// It is there more than once: a second record like that of an intent, or a second row of the ledger.
    Duplicate,
}

/// One thing that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Break {
    /// What does not agree.
    pub kind: BreakKind,
    /// The operation that makes such records.
    pub operation: String,
    /// The vendor's identifier, where one is known.
    pub id: Option<String>,
    /// The intent, where one is known.
    pub intent: Option<String>,
    /// What was expected, as text: an amount, a status.
    pub expected: Option<String>,
    /// What the vendor has instead.
    pub found: Option<String>,
}

/// All breaks of one operation, in the order of their kinds. The vendor's list is whole; every row of the ledger is of this
/// operation, and without rows the ledger is not compared.
pub fn compare(
    operation: &str,
    sent: &[Sent],
    listed: &[Listed],
    ledger: &[LedgerRow],
) -> Vec<Break> {
    let of = |kind, id: Option<&str>, intent: Option<&str>| Break {
        kind,
        operation: operation.to_owned(),
        id: id.map(str::to_owned),
        intent: intent.map(str::to_owned),
        expected: None,
        found: None,
    };
    let by_id: BTreeMap<&str, &Listed> =
        listed.iter().map(|record| (record.id.as_str(), record)).collect();
    let ours: HashMap<&str, &Sent> = sent.iter().map(|call| (call.id.as_str(), call)).collect();
    let by_intent: HashMap<&str, &Sent> =
        sent.iter().map(|call| (call.intent.as_str(), call)).collect();
    let alike: HashMap<&str, &Sent> = sent
        .iter()
        .filter(|call| !call.compared.is_empty())
        .map(|call| (call.compared.as_str(), call))
        .collect();
    let mut breaks = Vec::new();

    for call in sent {
        let Some(record) = by_id.get(call.id.as_str()) else {
            breaks.push(of(BreakKind::SentNotFound, Some(&call.id), Some(&call.intent)));
            continue;
        };
        if let Some((expected, found)) = differ(call.amount, record.amount) {
            breaks.push(Break {
                expected,
                found,
                ..of(BreakKind::Amount, Some(&call.id), Some(&call.intent))
            });
        }
        if record.has_failed {
            let found = record.status.clone();
            breaks
                .push(Break { found, ..of(BreakKind::Status, Some(&call.id), Some(&call.intent)) });
        }
    }
    for record in
        by_id.values().filter(|record| record.is_recent && !ours.contains_key(record.id.as_str()))
    {
        breaks.push(match alike.get(record.compared.as_str()) {
            Some(call) => of(BreakKind::Duplicate, Some(&record.id), Some(&call.intent)),
            None => of(BreakKind::NotSentByUs, Some(&record.id), None),
        });
    }

    let mut entered = HashSet::new();
    for row in ledger {
        let call = row.intent.as_deref().and_then(|intent| by_intent.get(intent));
        let id = row.id.as_deref().or_else(|| call.map(|call| call.id.as_str()));
        let intent =
            row.intent.as_deref().or_else(|| ours.get(id?).map(|call| call.intent.as_str()));
        if !entered.insert(id.or(intent)) {
            breaks.push(of(BreakKind::Duplicate, id, intent));
            continue;
        }
        let Some(record) = id.and_then(|id| by_id.get(id)) else {
            // A call that the journal has too is a break already.
            if id.is_none_or(|id| !ours.contains_key(id)) {
                breaks.push(of(BreakKind::SentNotFound, id, intent));
            }
            continue;
        };
        if let Some((expected, found)) = differ(row.amount, record.amount) {
            breaks.push(Break { expected, found, ..of(BreakKind::Amount, id, intent) });
        }
        if row.status.is_some() && record.status.is_some() && row.status != record.status {
            let (expected, found) = (row.status.clone(), record.status.clone());
            breaks.push(Break { expected, found, ..of(BreakKind::Status, id, intent) });
        }
    }
    breaks.sort();
    breaks.dedup();
    breaks
}

/// The two amounts, where both are known and differ.
fn differ(
    expected: Option<Decimal>,
    found: Option<Decimal>,
) -> Option<(Option<String>, Option<String>)> {
    let (expected, found) = (expected?, found?);
    (expected != found).then(|| (Some(expected.to_string()), Some(found.to_string())))
}
