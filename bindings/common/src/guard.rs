//! The limits of a client, as each language writes them.

use payglot_journal::{Guard, Journal, JournalError};
use payglot_runtime::journal::SharedJournal;
use rust_decimal::Decimal;
use serde::Deserialize;

/// A guard as JSON: names in camel case, amounts as text.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GuardOptions {
    per_payment: Option<String>,
    per_day: Option<String>,
    payees: Option<Vec<String>>,
    approve_above: Option<String>,
    requested_by: Option<String>,
}

/// A journal for a client, with its limits.
pub fn guarded(
    journal: &Journal,
    guard: Option<GuardOptions>,
) -> Result<SharedJournal, JournalError> {
    let Some(GuardOptions { per_payment, per_day, payees, approve_above, requested_by }) = guard
    else {
        return Ok(SharedJournal::from(journal));
    };
    let guard = Guard {
        per_payment: amount("per_payment", per_payment.as_deref())?,
        per_day: amount("per_day", per_day.as_deref())?,
        payees,
        approve_above: amount("approve_above", approve_above.as_deref())?,
        requested_by,
    };
    journal.guarded(guard).map(SharedJournal::from)
}

fn amount(name: &'static str, text: Option<&str>) -> Result<Option<Decimal>, JournalError> {
    let parse = |text| {
        Decimal::from_str_exact(text)
            .map_err(|_| JournalError::invalid(name, "must be an amount such as \"150.75\""))
    };
    text.map(parse).transpose()
}
