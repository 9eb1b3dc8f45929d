//! What PostgreSQL is asked of intents: of one, or of many at once by columns, because a journey to the server takes longer than
//! what it does with a row. Of one it takes less time when it is not asked by columns.

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

pub(super) const IS_IT: &str = "provider = $1 AND account = $2 AND operation = $3 AND name = $4";

/// A statement for one intent, whose parameters are values, and one for many, whose parameters are arrays.
pub(super) struct Both<T> {
    pub one: T,
    pub many: T,
}

/// Reads intents.
pub(super) fn look() -> Both<String> {
    let keys = given(4);
    Both {
        one: format!("SELECT {COLUMNS} FROM payglot_intent WHERE {IS_IT}"),
        many: format!(
            "SELECT {COLUMNS} FROM {keys} AS asked ({KEY}) JOIN payglot_intent AS kept USING ({KEY})"
        ),
    }
}

/// Reads and locks them, in the order in which all processes lock.
pub(super) fn find() -> Both<String> {
    let Both { one, many } = look();
    let order = KEY.replace(',', " COLLATE \"C\",");
    Both {
        one: format!("{one} FOR UPDATE"),
        many: format!("{many} ORDER BY {order} COLLATE \"C\" FOR UPDATE OF kept"),
    }
}

/// Adds those that are not there.
pub(super) fn insert() -> Both<String> {
    let (value, intents) = (values_from(1), given(TYPES.len()));
    let into = format!("INSERT INTO payglot_intent ({COLUMNS})");
    Both {
        one: format!("{into} VALUES ({value}) ON CONFLICT DO NOTHING"),
        many: format!("{into} SELECT * FROM {intents} ON CONFLICT DO NOTHING"),
    }
}

/// Replaces what may change of them.
pub(super) fn update() -> Both<String> {
    let (value, intents) = (values_from(5), given(TYPES.len()));
    let changed = CHANGING.replace(", ", ", changed.");
    Both {
        one: format!("UPDATE payglot_intent SET ({CHANGING}) = ({value}) WHERE {IS_IT}"),
        many: format!(
            "UPDATE payglot_intent AS kept SET ({CHANGING}) = (changed.{changed}) FROM {intents} AS changed ({COLUMNS}) \
             WHERE kept.provider = changed.provider AND kept.account = changed.account \
             AND kept.operation = changed.operation AND kept.name = changed.name"
        ),
    }
}

/// The values of an intent from one of its columns on; the first is 1.
fn values_from(column: usize) -> String {
    let values: Vec<_> = (column..=TYPES.len()).map(|column| format!("${column}")).collect();
    values.join(", ")
}

/// The arrays of the first columns of intents, as rows.
fn given(columns: usize) -> String {
    let arrays: Vec<_> = TYPES
        .iter()
        .take(columns)
        .enumerate()
        .map(|(column, name)| format!("${}::{name}[]", column + 1))
        .collect();
    format!("unnest({})", arrays.join(", "))
}

/// A column, as a parameter.
type Column<'a> = Box<dyn ToSql + Sync + 'a>;

/// The value of one, or an array.
fn column<'a, S, T: ToSql + Sync + 'a>(of: &'a [S], part: impl Fn(&'a S) -> T) -> Column<'a> {
    match of {
        [one] => Box::new(part(one)),
        _ => Box::new(of.iter().map(part).collect::<Vec<_>>()),
    }
}

/// The columns of some keys.
pub(super) fn keys(keys: &[IntentKey]) -> Vec<Column<'_>> {
    vec![
        column(keys, |key| &*key.provider),
        column(keys, |key| &*key.account),
        column(keys, |key| &*key.operation),
        column(keys, |key| &*key.name),
    ]
}

/// The columns of some intents, in their order.
pub(super) fn columns(intents: &[Intent]) -> Vec<Column<'_>> {
    vec![
        column(intents, |intent| &*intent.key.provider),
        column(intents, |intent| &*intent.key.account),
        column(intents, |intent| &*intent.key.operation),
        column(intents, |intent| &*intent.key.name),
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
    ]
}

/// Columns as a statement takes them.
pub(super) fn borrowed<'a>(columns: &'a [Column<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    columns.iter().map(|column| &**column as &(dyn ToSql + Sync)).collect()
}
