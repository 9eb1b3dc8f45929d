//! Walks over lists of which each page says what follows it: a number, an offset, a cursor or a link.
//!
//! What the vendor says decides: a walk goes on as long as a page says that there are more, and ends with a warning where
//! that contradicts itself. A cursor, a link or the records of an earlier page end it too, so that it never loops.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::digest;
use super::walk::{Turn, Walk};
use crate::client::next_of;
use crate::json::{Kind, RawJson, Value};
use crate::response::Response;
use crate::schema::{Field, Follow, FollowStyle, Operation, Path, Type};

/// Pages and cursors that are remembered, to notice that one comes again.
const REMEMBERED: usize = 16;
/// Empty pages in a row that a walk goes on after, where each says that another follows.
const MOST_EMPTY: u32 = 1000;

/// What asks for a page, and what the pages before it have shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Followed {
    next: Next,
    /// Digests of the last pages, cursors and links.
    seen: Vec<u64>,
    /// Digest of one page, for circles that are longer than what is remembered: it is that of every page whose number in
    /// the walk is a power of two, until the next of those.
    anchor: u64,
    /// Pages so far.
    turns: u32,
    /// Empty pages in a row.
    empty: u32,
}

/// What asks for a page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Next {
    /// The arguments that the caller gave.
    Asked,
    /// Another value of the argument that asks for a page.
    Argument(String),
    /// A URL.
    Link(String),
}

impl fmt::Debug for Next {
    /// Without the value: a link can hold a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asked => "Asked",
            Self::Argument(_) => "Argument",
            Self::Link(_) => "Link",
        })
    }
}

/// The walk that begins with the page that these arguments ask for.
pub(super) fn start(
    operation: &Operation,
    follow: &Follow,
    fields: &[(Cow<'_, str>, Value<'_>)],
) -> Walk {
    let given = |path: Path| argument(operation, path, fields);
    let number = |path: Path| given(path)?.parse::<u64>().ok();
    let size = number(follow.size).unwrap_or(0);
    let mut walk = Walk::new(1, size);
    let mut seen = Vec::new();
    match follow.style {
        FollowStyle::Page { argument, first, .. } => {
            walk.number = number(argument).unwrap_or(first);
            walk.start(0, walk.number == first);
        }
        FollowStyle::Offset { argument } => walk.start(number(argument).unwrap_or(0), true),
        FollowStyle::Cursor { argument, .. } => {
            let cursor = given(argument);
            walk.start(0, cursor.is_none());
            seen.extend(cursor.map(|cursor| digest(cursor.as_bytes())));
        }
        FollowStyle::Link { .. } => walk.start(0, true),
    }
    walk.followed =
        Some(Box::new(Followed { next: Next::Asked, seen, anchor: 0, turns: 0, empty: 0 }));
    walk
}

impl Walk {
    /// Puts what asks for the page among the arguments of a call.
    pub fn ask<'a>(&'a self, operation: &Operation, fields: &mut Vec<(Cow<'a, str>, Value<'a>)>) {
        let (Some(followed), crate::schema::Paging::Followed(follow)) =
            (&self.followed, operation.paging)
        else {
            return;
        };
        let Next::Argument(text) = &followed.next else { return };
        put(operation, follow.style.argument(), text, fields);
    }

    /// The link that leads to the page.
    pub(super) fn link(&self) -> Option<&str> {
        match &self.followed.as_ref()?.next {
            Next::Link(link) => Some(link),
            Next::Asked | Next::Argument(_) => None,
        }
    }
}

/// A field that asks for a page, by its name on the wire.
fn field(operation: &Operation, wire: &str) -> Option<&'static Field> {
    let body = operation.body.map_or(&[][..], |schema| schema.fields);
    operation.query.iter().chain(body).find(|field| field.wire == wire)
}

/// The fields of a field with a model.
fn inner(field: Option<&'static Field>, wire: &str) -> Option<&'static Field> {
    match field?.ty {
        Type::Object(schema) => schema.fields.iter().find(|field| field.wire == wire),
        _ => None,
    }
}

fn is_named(field: Option<&'static Field>, wire: &str, name: &str) -> bool {
    name == wire || field.is_some_and(|field| field.name == name)
}

/// The argument at a path, as text.
fn argument<'a>(
    operation: &Operation,
    path: Path,
    fields: &'a [(Cow<'_, str>, Value<'_>)],
) -> Option<Cow<'a, str>> {
    let (first, rest) = path.split_first()?;
    let mut known = field(operation, first);
    let mut value =
        fields.iter().find(|(name, _)| is_named(known, first, name)).map(|(_, value)| value)?;
    for step in rest {
        let Value::Object(inside) = value else { return None };
        known = inner(known, step);
        value =
            inside.iter().find(|(name, _)| is_named(known, step, name)).map(|(_, value)| value)?;
    }
    match value {
        Value::Integer(text) | Value::Text(text) => Some(text.as_ref().into()),
        _ => None,
    }
}

/// Sets the argument at a path; objects on the way are made where they are missing.
fn put<'a>(
    operation: &Operation,
    path: Path,
    text: &'a str,
    fields: &mut Vec<(Cow<'a, str>, Value<'a>)>,
) {
    let Some((first, rest)) = path.split_first() else { return };
    put_at(field(operation, first), first, rest, text, fields);
}

fn put_at<'a>(
    known: Option<&'static Field>,
    name: &'static str,
    rest: Path,
    text: &'a str,
    fields: &mut Vec<(Cow<'a, str>, Value<'a>)>,
) {
    let position = fields.iter().position(|(given, _)| is_named(known, name, given));
    let Some((next, rest)) = rest.split_first() else {
        let is_number = known.is_some_and(|field| matches!(field.ty, Type::Integer | Type::Number));
        let value = if is_number { Value::Integer(text.into()) } else { Value::Text(text.into()) };
        match position.and_then(|position| fields.get_mut(position)) {
            Some((_, slot)) => *slot = value,
            None => fields.push((name.into(), value)),
        }
        return;
    };
    let position = position.unwrap_or_else(|| {
        fields.push((name.into(), Value::Null));
        fields.len() - 1
    });
    if let Some((_, slot)) = fields.get_mut(position) {
        if !matches!(slot, Value::Object(_)) {
            *slot = Value::Object(Vec::new());
        }
        if let Value::Object(inside) = slot {
            put_at(inner(known, next), next, rest, text, inside);
        }
    }
}

/// Text of a cursor, where there is one.
fn text_of(value: RawJson<'_>) -> Option<String> {
    let text = matches!(value.kind(), Kind::Text | Kind::Number).then(|| value.as_text())??;
    (!text.is_empty()).then(|| text.into_owned())
}

/// What follows a page with these records. `whole` makes a URL of a link that stands for one beside the page.
pub(super) fn turn(
    walk: &Walk,
    follow: &Follow,
    response: &Response,
    records: &[RawJson<'_>],
    whole: impl Fn(&str) -> Option<String>,
) -> Turn {
    let link = |link: &str| Next::Link(whole(link).unwrap_or_else(|| link.to_owned()));
    let count = records.len() as u64;
    let read = walk.read().saturating_add(count);
    let root = response.root();
    let found = |path: Path| root.filter(|_| !path.is_empty())?.within(path);
    let has_more = found(follow.has_more).and_then(RawJson::as_bool);
    let total = response.total().filter(|_| !walk.is_total_void());
    let number = walk.number.saturating_add(1);
    let next = match follow.style {
        FollowStyle::Page { pages, first, .. } => {
            let pages = found(pages)
                .and_then(RawJson::as_integer)
                .and_then(|pages| u64::try_from(pages).ok());
            let is_last = pages.is_some_and(|pages| number >= pages.saturating_add(first));
            (!is_last && is_more(count, read, total, has_more))
                .then(|| Next::Argument(number.to_string()))
        }
        FollowStyle::Offset { .. } => {
            is_more(count, read, total, has_more).then(|| Next::Argument(read.to_string()))
        }
        FollowStyle::Cursor { next, last, .. } => {
            let cursor = if next.is_empty() {
                records.last().and_then(|record| record.within(last))
            } else {
                found(next)
            };
            cursor.and_then(text_of).map(Next::Argument)
        }
        FollowStyle::Link { next: [] } => next_of(response.headers()).map(link),
        FollowStyle::Link { next } => found(next).and_then(text_of).as_deref().map(link),
    };
    let next = next.filter(|_| has_more != Some(false));
    let Some(next) = next else {
        return Turn::end(contradiction(read, total, has_more == Some(true)));
    };
    match go_on(walk, records, &next) {
        Err((skip, warning)) => Turn { skip, ..Turn::end(Some(warning)) },
        Ok(followed) => {
            let mut following = walk.after(number, read);
            following.followed = Some(Box::new(Followed { next, ..followed }));
            Turn { skip: 0, next: Some(following), warning: None }
        }
    }
}

/// Whether a page that is asked for by a number follows. Without a word of the vendor's an empty page alone ends the list.
fn is_more(count: u64, read: u64, total: Option<u64>, has_more: Option<bool>) -> bool {
    count > 0 && has_more.unwrap_or_else(|| total.is_none_or(|total| read != total))
}

/// What is wrong where nothing follows.
fn contradiction(read: u64, total: Option<u64>, has_more: bool) -> Option<String> {
    if has_more {
        return Some(
            "the vendor says that there are more records, and not how to ask for them".into(),
        );
    }
    total
        .filter(|total| read < *total)
        .map(|total| format!("the vendor counts {total} records, but its pages ended after {read}"))
}

/// What is known for the next page. Where this page or what follows it was there already, the walk ends: how many records
/// are to be skipped, and the warning.
fn go_on(walk: &Walk, records: &[RawJson<'_>], next: &Next) -> Result<Followed, (usize, String)> {
    let Some(known) = &walk.followed else {
        return Err((0, "the walk did not begin as it should".into()));
    };
    let mut followed = (**known).clone();
    let number = followed.turns.saturating_add(1);
    followed.turns = number;
    let ends = |skip: usize, warning: String| Err((skip, warning));
    if records.is_empty() {
        followed.empty = followed.empty.saturating_add(1);
        if followed.empty > MOST_EMPTY {
            return ends(0, format!("{MOST_EMPTY} pages in a row are empty; the walk ends there"));
        }
    } else {
        followed.empty = 0;
        let texts = records.iter().map(|record| digest(record.json().as_bytes()));
        let whole = texts.fold(0, |sum: u64, one| digest(&(sum ^ one).to_le_bytes()));
        if followed.seen.contains(&whole) || followed.anchor == whole {
            let warning =
                format!("page {number} has the records of an earlier page; the walk ends there");
            return ends(records.len(), warning);
        }
        if number.is_power_of_two() {
            followed.anchor = whole;
        }
        followed.seen.push(whole);
    }
    // Numbers only grow.
    let (Next::Argument(text) | Next::Link(text)) = next else { return Ok(followed) };
    let mark = digest(text.as_bytes());
    if followed.seen.contains(&mark) {
        let warning =
            format!("page {number} leads to a page that was there already; the walk ends there");
        return ends(0, warning);
    }
    followed.seen.push(mark);
    let surplus = followed.seen.len().saturating_sub(REMEMBERED);
    followed.seen.drain(..surplus);
    Ok(followed)
}
