//! Whether the journal, the vendor's lists and the user's ledger agree.
//!
//! The vendor is asked by the operations that look-ups use. What no operation lists is not compared, and is named.

mod compare;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use payglot_runtime::Decimal;
use payglot_runtime::client::{CallOptions, Core};
use payglot_runtime::json::{Document, RawJson, ResponseValue as _, Timestamp as VendorTime};
use payglot_runtime::lookup::record_id;
use payglot_runtime::schema::{Lookup, Operation, Schema, Type};
use serde::Serialize;

pub use compare::{Break, BreakKind, LedgerRow, Listed, Sent, compare};

use crate::intent::{Filter, Intent, State};
use crate::journal::Journal;
use crate::resolve::ResolveError;

/// What a comparison has shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reconciliation {
    /// What does not agree.
    pub breaks: Vec<Break>,
    /// What could not be compared, and why.
    pub not_compared: Vec<NotCompared>,
    /// Calls that were compared.
    pub compared: usize,
}

/// Calls of an operation that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotCompared {
    /// The operation.
    pub operation: String,
    /// How many calls of the journal, or rows of the ledger, it is about.
    pub count: usize,
    /// Why, and where a person can look.
    pub why: String,
}

impl Journal {
    /// Compares what was sent since a moment with what the vendor lists, and with the rows of the user's ledger, where there
    /// are any. Sends nothing but reads, and changes nothing. `given` is what look-ups ask for beside what the calls had, as
    /// for [`Journal::resolve`].
    ///
    /// # Errors
    ///
    /// Those of the journal and of the calls that read: what cannot be read whole is not compared in part.
    pub async fn reconcile(
        &self,
        core: &Core,
        since: Timestamp,
        ledger: &[LedgerRow],
        given: &[(&str, &str)],
        options: &CallOptions,
    ) -> Result<Reconciliation, ResolveError> {
        let provider = core.provider();
        let filter = Filter { provider: Some(provider.name.to_owned()), ..Filter::default() };
        let intents = self.list(filter).await?.into_iter();
        let intents: Vec<Intent> =
            intents.filter(|intent| intent.key.account == core.account()).collect();
        let comparison = Comparison { core, since, given, options };
        let mut out = Reconciliation::default();
        let mut is_known = vec![false; ledger.len()];
        for operation in provider.operations.iter().copied() {
            let of_operation: Vec<&Intent> =
                intents.iter().filter(|intent| intent.key.operation == operation.name).collect();
            let ledger = LedgerRows { ledger, is_known: &mut is_known };
            comparison.one(operation, &of_operation, ledger, &mut out).await?;
        }
        let strays = is_known.iter().filter(|is_known| !**is_known).count();
        if strays > 0 && out.not_compared.is_empty() {
            let rows = ledger.iter().zip(&is_known).filter(|(_, is_known)| !**is_known);
            out.breaks
                .extend(rows.flat_map(|(row, _)| compare("", &[], &[], std::slice::from_ref(row))));
        } else if strays > 0 {
            let why = "rows of the ledger that are of nothing that was compared";
            out.not_compared.push(NotCompared::new("", strays, why.to_owned()));
        }
        Ok(out)
    }
}

impl NotCompared {
    fn new(operation: &str, count: usize, why: String) -> Self {
        Self { operation: operation.to_owned(), count, why }
    }
}

/// The user's ledger, and which of their rows are of an operation that was seen.
struct LedgerRows<'a> {
    ledger: &'a [LedgerRow],
    is_known: &'a mut [bool],
}

impl LedgerRows<'_> {
    /// The rows of calls and records.
    fn of(self, sent: &[Sent], listed: &[Listed]) -> Vec<LedgerRow> {
        let ids: HashSet<&str> = sent
            .iter()
            .map(|call| call.id.as_str())
            .chain(listed.iter().map(|record| record.id.as_str()))
            .collect();
        let intents: HashSet<&str> = sent.iter().map(|call| call.intent.as_str()).collect();
        let mut rows = Vec::new();
        for (row, is_known) in self.ledger.iter().zip(self.is_known) {
            let is_of = row.id.as_deref().is_some_and(|id| ids.contains(id))
                || row.intent.as_deref().is_some_and(|intent| intents.contains(intent));
            if is_of {
                *is_known = true;
                rows.push(row.clone());
            }
        }
        rows
    }
}

/// What the vendor is asked, and by whom.
struct Comparison<'a> {
    core: &'a Core,
    since: Timestamp,
    given: &'a [(&'a str, &'a str)],
    options: &'a CallOptions,
}

impl Comparison<'_> {
    /// Compares the calls of one operation.
    async fn one(
        &self,
        operation: &'static Operation,
        intents: &[&Intent],
        ledger: LedgerRows<'_>,
        out: &mut Reconciliation,
    ) -> Result<(), ResolveError> {
        let since = self.since;
        let recent =
            |intent: &&&Intent| intent.created_at >= since && intent.state == State::Succeeded;
        let calls = intents.iter().filter(recent).count();
        let mut skip = |calls: usize, why: String| {
            if calls > 0 {
                out.not_compared.push(NotCompared::new(operation.name, calls, why));
            }
        };
        let Some(lookup) = operation.lookup else {
            skip(
                calls,
                format!("no operation lists them. {}", operation.reconcile).trim_end().to_owned(),
            );
            return Ok(());
        };
        let is_missing = |name: &str| !self.given.iter().any(|(given, _)| *given == name);
        if let Some((name, what)) = lookup.asked.iter().find(|(name, _)| is_missing(name)) {
            skip(calls, format!("the list is asked for by {name}: {what}"));
            return Ok(());
        }
        let Type::Object(schema) = lookup.operation.response else { return Ok(()) };
        let shape = Shape { operation, lookup, schema };
        let settled =
            Timestamp::now().saturating_sub(SignedDuration::from_secs(lookup.settles_after.into()));
        let is_looked_for = |intent: &Intent| {
            intent.created_at >= since
                && settled.as_ref().is_ok_and(|settled| intent.updated_at <= *settled)
        };
        let sent: Vec<(Sent, bool)> = intents
            .iter()
            .filter(|intent| intent.state == State::Succeeded)
            .filter_map(|intent| Some((shape.sent(intent)?, is_looked_for(intent))))
            .collect();
        let compared = sent.iter().filter(|(_, is_recent)| *is_recent).count();
        skip(
            calls - compared,
            "their responses have no identifier, or the vendor may not list them yet".to_owned(),
        );
        let open = intents
            .iter()
            .filter(|intent| matches!(intent.state, State::Unknown | State::Sending))
            .count();
        skip(open, "nobody knows yet what became of them: resolve them first".to_owned());
        // What others made, or what may be of a call that is not known, is not called anybody's.
        let is_owner_known = lookup.presence_proves && open == 0 && calls == compared;
        if compared > 0 && !is_owner_known {
            let why = "their list may have records of others: none of it is taken for one that was not sent by us";
            skip(compared, why.to_owned());
        }
        let lists = self.listed(&shape, intents, is_owner_known).await?;
        let Some(listed) = lists else {
            skip(compared, "the list moved while it was read: compare again".to_owned());
            return Ok(());
        };
        let calls: Vec<Sent> = sent.iter().map(|(call, _)| call.clone()).collect();
        let rows = ledger.of(&calls, &listed);
        // The record of an earlier call is nobody else's, but that call is not looked for.
        let earlier: HashSet<&str> = sent
            .iter()
            .filter(|(_, is_recent)| !is_recent)
            .map(|(call, _)| call.intent.as_str())
            .collect();
        let is_of_earlier =
            |found: &Break| found.intent.as_deref().is_some_and(|intent| earlier.contains(intent));
        let mut breaks = compare(operation.name, &calls, &listed, &rows);
        breaks.retain(|found| !is_of_earlier(found));
        // A list that is one of several may not be the one that has the record.
        let is_elsewhere =
            |found: &Break| !lookup.asked.is_empty() && found.kind == BreakKind::SentNotFound;
        let elsewhere = breaks.iter().filter(|found| is_elsewhere(found)).count();
        skip(
            elsewhere,
            "they are not in the list that was given, and may be in another".to_owned(),
        );
        breaks.retain(|found| !is_elsewhere(found));
        out.breaks.extend(breaks);
        out.compared += compared.saturating_sub(elsewhere);
        Ok(())
    }

    /// The records of all lists that the calls name; nothing where one of them could not be read whole.
    async fn listed(
        &self,
        shape: &Shape,
        intents: &[&Intent],
        is_owner_known: bool,
    ) -> Result<Option<Vec<Listed>>, ResolveError> {
        let Self { core, since, given, options } = *self;
        let mut lists: BTreeMap<String, &str> = BTreeMap::new();
        if shape.lookup.arguments.is_empty() {
            lists.insert(String::new(), "{}");
        }
        for remembered in intents.iter().filter_map(|intent| intent.lookup.as_deref()) {
            let document = Arc::new(Document::new(remembered));
            let value = |name: &str| Some(RawJson::root(&document)?.get(name)?.json().to_owned());
            let arguments = shape.lookup.arguments.iter().map(|(_, from)| value(from));
            if let Some(arguments) = arguments.collect::<Option<Vec<_>>>() {
                lists.entry(arguments.join(",")).or_insert(remembered);
            }
        }
        let mut listed: BTreeMap<String, Listed> = BTreeMap::new();
        for remembered in lists.into_values() {
            let see = |record: RawJson<'_>| {
                if let Some(record) = shape.record(record, since, is_owner_known) {
                    listed.insert(record.id.clone(), record);
                }
            };
            if !core.each_looked_up(shape.lookup, remembered, given, options, see).await? {
                return Ok(None);
            }
        }
        Ok(Some(listed.into_values().collect()))
    }
}

/// How the calls of an operation and the records of its list are read.
struct Shape {
    operation: &'static Operation,
    lookup: &'static Lookup,
    /// Of a record.
    schema: &'static Schema,
}

impl Shape {
    fn sent(&self, intent: &Intent) -> Option<Sent> {
        let id = record_id(self.operation, intent.response.as_deref()?)?;
        let document = Arc::new(Document::new(intent.lookup.as_deref().unwrap_or_default()));
        let (compared, amount) = self.compared(|(_, from)| RawJson::root(&document)?.get(from));
        Some(Sent { intent: intent.key.name.clone(), id, amount, compared })
    }

    fn record(
        &self,
        record: RawJson<'_>,
        since: Timestamp,
        is_owner_known: bool,
    ) -> Option<Listed> {
        let value = |name: &str| record.get(name).filter(|value| !value.is_null());
        let id_name =
            self.lookup.record.iter().find(|(field, _)| Some(*field) == self.lookup.id)?.1;
        let id = value(id_name)?.as_text()?.into_owned();
        let (compared, amount) = self.compared(|(name, _)| record.get(name));
        let outcome = self.schema.outcome.as_ref();
        let status =
            value(outcome.map_or("status", |outcome| outcome.field)).and_then(RawJson::as_text);
        let has_failed = outcome
            .zip(status.as_deref())
            .is_some_and(|(outcome, status)| outcome.failed.contains(&status));
        let made = self
            .lookup
            .created_at
            .and_then(|name| VendorTime::from_response(value(name)?)?.parsed());
        let is_recent = is_owner_known && made.is_some_and(|made| made >= since);
        let status = status.map(std::borrow::Cow::into_owned);
        Some(Listed { id, amount, status, has_failed, is_recent, compared })
    }

    /// What a call and a record share, as one text, and the amount among it; `value` finds a field by its name in the record and
    /// in the call. The text is empty where all are absent: such calls are like no other.
    fn compared<'d>(
        &self,
        value: impl Fn((&'static str, &'static str)) -> Option<RawJson<'d>>,
    ) -> (String, Option<Decimal>) {
        let mut amount = None;
        let mut texts = Vec::new();
        for &(name, from) in self.lookup.matched {
            let value = value((name, from)).filter(|value| !value.is_null());
            let money = value.filter(|_| self.is_money(name)).and_then(RawJson::as_decimal);
            // One text for all ways to write a value.
            texts.push(match money {
                Some(money) => money.normalize().to_string(),
                None => value.and_then(RawJson::as_text).unwrap_or_default().into_owned(),
            });
            amount = amount.or(money);
        }
        let is_empty = texts.iter().all(String::is_empty);
        (if is_empty { String::new() } else { texts.join("\u{1f}") }, amount)
    }

    fn is_money(&self, name: &str) -> bool {
        let field = self.schema.fields.iter().find(|field| field.wire == name);
        field.is_some_and(|field| matches!(field.ty, Type::Money(_)))
    }
}
