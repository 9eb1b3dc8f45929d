//! Whether a record can be that of a call: fields compared one by one.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::Sought;
use crate::json::{Kind, ObjectView, RawJson, ResponseValue, write_name};
use crate::response::RecordedResponse;
use crate::schema::{Field, Lookup, Type};

/// How far the vendor's clock may be behind.
const CLOCKS: SignedDuration = SignedDuration::from_mins(1);

/// How far behind UTC a zone can be.
const FARTHEST: SignedDuration = SignedDuration::from_hours(14);

/// Fewest letters and digits of a text that is like another.
const LIKE: usize = 4;

/// What a record is to a call, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Judgement {
    /// That of another.
    Not,
    /// That of another, and so much like it that finding no other proves nothing.
    Near,
    /// It cannot be told.
    Perhaps,
    /// All that was given is the same.
    Match,
}

/// What records are compared with.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub lookup: &'static Lookup,
    pub remembered: RawJson<'a>,
    pub sought: Sought<'a>,
}

impl Judge<'_> {
    pub fn verdict(&self, record: &ObjectView) -> Judgement {
        let mut whole = self.age(record);
        if whole == Judgement::Not || self.is_taken(record) {
            return Judgement::Not;
        }
        for (name, value) in self.lookup.required {
            let given = value_of(record, name).map(|(_, given)| given);
            whole = whole.min(match given {
                None => Judgement::Perhaps,
                Some(given) if given.json() == *value => Judgement::Match,
                Some(_) => return Judgement::Not,
            });
        }
        let mut is_near = false;
        for (name, from) in self.lookup.matched {
            let given = value_of(record, name);
            let sought = self.remembered.get(from).filter(|value| !value.is_null());
            let one = match (sought, given) {
                (None, None) => Judgement::Match,
                // What the call left out, the vendor may have filled in; what it gave, the vendor may leave out.
                (None, Some((_, given))) if is_empty(given) => Judgement::Match,
                (None, Some(_)) | (Some(_), None) => Judgement::Perhaps,
                (Some(sought), Some((field, given))) => {
                    let one = compare(field, sought, given);
                    is_near |= one > Judgement::Not && is_telling(field, sought);
                    one
                }
            };
            whole = whole.min(one);
        }
        if whole == Judgement::Not && is_near { Judgement::Near } else { whole }
    }

    /// Whether it is too old to be the call's.
    fn age(&self, record: &ObjectView) -> Judgement {
        let began = self.sought.began;
        if let Some(name) = self.lookup.created_at {
            let text = value_of(record, name)
                .and_then(|(_, value)| crate::json::Timestamp::from_response(value));
            let made = text.and_then(|text| {
                // Which zone a time without one is of, nobody says: it may be up to 14 hours later than it reads.
                let civil = |time: DateTime| {
                    time.to_zoned(TimeZone::UTC).ok()?.timestamp().checked_add(FARTHEST).ok()
                };
                text.parsed().or_else(|| civil(text.civil()?))
            });
            return match made {
                None => Judgement::Perhaps,
                Some(made) if made.saturating_add(CLOCKS).is_ok_and(|made| made < began) => {
                    Judgement::Not
                }
                Some(_) => Judgement::Match,
            };
        }
        if let Some(name) = self.lookup.created_on {
            let text = value_of(record, name).and_then(|(_, value)| value.as_text());
            let made = text.as_deref().and_then(day);
            // Which zone the day is of, nobody says.
            let first = began.to_zoned(TimeZone::UTC).date().yesterday();
            return match (made, first) {
                (Some(made), Ok(first)) if made < first => Judgement::Not,
                (Some(_), _) => Judgement::Match,
                (None, _) => Judgement::Perhaps,
            };
        }
        Judgement::Match
    }

    fn is_taken(&self, record: &ObjectView) -> bool {
        let Some(id) = self.lookup.id else { return false };
        let name = self.lookup.record.iter().find(|(field, _)| *field == id).map(|(_, name)| *name);
        let id = name.and_then(|name| value_of(record, name)?.1.as_text());
        id.is_some_and(|id| self.sought.taken.iter().any(|taken| *taken == id))
    }

    /// The record as the response of the call.
    pub fn recorded(&self, record: &ObjectView) -> RecordedResponse {
        let mut payload = String::from("{");
        for (name, from) in self.lookup.record {
            let Some((field, value)) = value_of(record, from) else { continue };
            if let Some(json) = RecordedResponse::json_of(value, field.ty) {
                write_name(&mut payload, name);
                payload.push_str(&json);
            }
        }
        payload.push('}');
        RecordedResponse { status: 200, request_id: None, payload: Some(payload) }
    }
}

/// The field of a name, where the record has a value for it.
fn value_of<'r>(record: &'r ObjectView, name: &str) -> Option<(&'static Field, RawJson<'r>)> {
    let position = record.schema().position(name, 0)?;
    let field = record.schema().fields.get(position)?;
    Some((field, record.field(position).filter(|value| !value.is_null())?))
}

fn is_empty(value: RawJson<'_>) -> bool {
    value.as_text().is_some_and(|text| text.is_empty())
}

fn compare(field: &Field, sought: RawJson<'_>, given: RawJson<'_>) -> Judgement {
    let same = |a: Option<bool>| match a {
        Some(true) => Judgement::Match,
        Some(false) => Judgement::Not,
        None => Judgement::Perhaps,
    };
    match field.ty {
        Type::Money(_) | Type::Number | Type::Integer => {
            let both = sought.as_decimal().zip(given.as_decimal());
            same(both.map(|(sought, given)| sought == given))
        }
        Type::Boolean => {
            let both = sought.as_bool().zip(given.as_bool());
            same(both.map(|(sought, given)| sought == given))
        }
        _ => match sought.as_text().zip(given.as_text()) {
            None => Judgement::Perhaps,
            Some((sought, given)) if sought == given => Judgement::Match,
            Some((sought, given)) if matches!(field.ty, Type::Uuid) => {
                same(Some(sought.eq_ignore_ascii_case(&given)))
            }
            // A vendor may write a text its own way, trim it or cut it off.
            Some((sought, given)) if is_like(&folded(&sought), &folded(&given)) => {
                Judgement::Perhaps
            }
            Some(_) => Judgement::Not,
        },
    }
}

/// Whether it says much that a record has this value: many have the same country, and few the same email.
fn is_telling(field: &Field, value: RawJson<'_>) -> bool {
    let is_text = value.kind() == Kind::Text && !matches!(field.ty, Type::Enum(_));
    is_text && value.as_text().is_some_and(|text| folded(&text).chars().count() >= LIKE)
}

fn is_like(one: &str, other: &str) -> bool {
    let shorter = one.chars().count().min(other.chars().count());
    one == other || shorter >= LIKE && (one.contains(other) || other.contains(one))
}

/// Letters and digits alone, in lower case.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The day that a text begins with.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok().or_else(|| {
        let moment: Timestamp = text.parse().ok()?;
        Some(moment.to_zoned(TimeZone::UTC).date())
    })
}
