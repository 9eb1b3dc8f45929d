//! Intents by columns, so that one statement asks for many of them or writes many: a journey to the server takes longer than
//! what it does with a row.

use postgres::types::ToSql;

use super::{CHANGING, COLUMNS};
use crate::intent::{Intent, IntentKey};

const KEY: &str = "provider, account, operation, name";

/// The types of [`COLUMNS`], the four of the key first.
const TYPES: [&str; 17] = [
    "text",
    "text",
    "text",
    "text",
    "text",
    "bigint",
    "integer",
    "text",
    "text",
    "timestamptz",
    "timestamptz",
    "bytea",
    "text",
    "text",
    "text",
    "timestamptz",
    "text",
];

/// Reads the intents of four arrays.
pub(super) fn look() -> String {
    let keys = given(4);
    format!(
        "SELECT {COLUMNS} FROM {keys} AS asked ({KEY}) JOIN payglot_intent AS kept USING ({KEY})"
    )
}

/// The same, and locks them in the order in which all processes lock.
pub(super) fn find() -> String {
    let order = KEY.replace(',', " COLLATE \"C\",");
    format!("{} ORDER BY {order} COLLATE \"C\" FOR UPDATE OF kept", look())
}

/// Adds the intents of arrays that are not there.
pub(super) fn insert() -> String {
    let intents = given(TYPES.len());
    format!("INSERT INTO payglot_intent ({COLUMNS}) SELECT * FROM {intents} ON CONFLICT DO NOTHING")
}

/// Replaces what may change of the intents of arrays.
pub(super) fn update() -> String {
    let intents = given(TYPES.len());
    let changed = CHANGING.replace(", ", ", changed.");
    format!(
        "UPDATE payglot_intent AS kept SET ({CHANGING}) = (changed.{changed}) FROM {intents} AS changed ({COLUMNS}) \
         WHERE kept.provider = changed.provider AND kept.account = changed.account \
         AND kept.operation = changed.operation AND kept.name = changed.name"
    )
}

fn given(columns: usize) -> String {
    let arrays: Vec<_> = TYPES
        .iter()
        .take(columns)
        .enumerate()
        .map(|(column, name)| format!("${}::{name}[]", column + 1))
        .collect();
    format!("unnest({})", arrays.join(", "))
}

/// One column of some intents, as a parameter.
type Column<'a> = Box<dyn ToSql + Sync + 'a>;

/// The columns of some keys.
pub(super) fn keys<'a>(keys: &(impl Iterator<Item = &'a IntentKey> + Clone)) -> [Column<'a>; 4] {
    let column = |part: fn(&IntentKey) -> &str| -> Column<'a> {
        Box::new(keys.clone().map(part).collect::<Vec<_>>())
    };
    [
        column(|key| &key.provider),
        column(|key| &key.account),
        column(|key| &key.operation),
        column(|key| &key.name),
    ]
}

/// The columns of some intents, in their order.
pub(super) fn columns(intents: &[Intent]) -> Vec<Column<'_>> {
    fn column<'a, T: ToSql + Sync + 'a>(
        intents: &'a [Intent],
        part: impl Fn(&'a Intent) -> T,
    ) -> Column<'a> {
        Box::new(intents.iter().map(part).collect::<Vec<_>>())
    }
    let mut columns: Vec<_> = keys(&intents.iter().map(|intent| &intent.key)).into();
    columns.extend([
        column(intents, |intent| intent.state.name()),
        column(intents, |intent| i64::from(intent.attempts)),
        column(intents, |intent| intent.status.map(i32::from)),
        column(intents, |intent| intent.request_id.as_deref()),
        column(intents, |intent| intent.response.as_deref()),
        column(intents, |intent| intent.created_at),
        column(intents, |intent| intent.updated_at),
        column(intents, |intent| &*intent.fingerprint),
        column(intents, |intent| &*intent.owner.token),
        column(intents, |intent| &*intent.owner.machine),
        column(intents, |intent| &*intent.owner.process),
        column(intents, |intent| intent.owner.lease_until),
        column(intents, |intent| intent.lookup.as_deref()),
    ]);
    columns
}

/// Columns as a statement takes them.
pub(super) fn borrowed<'a>(columns: &'a [Column<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    columns.iter().map(|column| &**column as &(dyn ToSql + Sync)).collect()
}
