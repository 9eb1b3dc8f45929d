//! Where the next page begins, and whether there is one: decided once, for every language.
//!
//! A vendor may give fewer records than were asked for, or more, and counts that cannot be right. A walk is never
//! silently short: the records that a page has say where the next page begins, and only the total, an empty page or a
//! page without anything new end it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::digest::digest;
use super::follow::{self, Followed};
use crate::json::{RawJson, Value};
use crate::schema::{Limits, Operation, Paging, PagingFields};

/// Pages whose contents are remembered, to notice that one comes again.
const REMEMBERED: usize = 8;

/// A page to ask for, and what the pages before it have shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// Number of the page, from 1.
    pub number: u64,
    /// Records to ask for.
    pub size: u64,
    /// Records before the page: those before the walk began, and those that it gave.
    read: u64,
    /// Whether the vendor gave as many records as were asked for, so that its pages are of this size.
    is_size_known: bool,
    /// Whether the total cannot be compared with what was read, and only an empty page ends the walk.
    is_total_void: bool,
    /// Digests of the last pages.
    pages: Vec<u64>,
    /// Position behind the last page, if it had another number of records than asked for: what begins before it may be
    /// there already.
    known_until: u64,
    /// Digests of the records of that page.
    known: Vec<u64>,
    /// What asks for the page, where the page before it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) followed: Option<Box<Followed>>,
}

/// What a page says about the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Records at the beginning of the page that an earlier page had.
    pub skip: usize,
    /// The page that follows.
    pub next: Option<Walk>,
    /// What cannot be right, in a sentence.
    pub warning: Option<String>,
}

impl Turn {
    pub(super) fn end(warning: Option<String>) -> Self {
        Self { skip: 0, next: None, warning }
    }
}

impl Walk {
    /// A walk that begins with this page.
    pub fn new(number: u64, size: u64) -> Self {
        Self {
            number,
            size,
            read: number.saturating_sub(1).saturating_mul(size),
            is_size_known: false,
            is_total_void: false,
            pages: Vec::new(),
            known_until: 0,
            known: Vec::new(),
            followed: None,
        }
    }

    /// Says how many records are before the first page, and whether a total can be compared with what is read.
    pub(super) fn start(&mut self, read: u64, is_counted: bool) {
        self.read = read;
        self.is_total_void = !is_counted;
    }

    /// The page of this number, with so many records before it.
    pub(super) fn after(&self, number: u64, read: u64) -> Self {
        Self { read, is_total_void: self.is_total_void, ..Self::new(number, self.size) }
    }

    pub(super) fn read(&self) -> u64 {
        self.read
    }

    pub(super) fn is_total_void(&self) -> bool {
        self.is_total_void
    }

    /// The walk that begins with the page that checked arguments ask for; `None` where the operation has no pages.
    pub fn of_fields(
        operation: &Operation,
        paging: Option<&PagingFields>,
        fields: &[(Cow<'_, str>, Value<'_>)],
    ) -> Option<Self> {
        if let Paging::Followed(follow) = operation.paging {
            return Some(follow::start(operation, follow, fields));
        }
        let paging = paging?;
        let given = |name: &str| match fields.iter().find(|(known, _)| known == name)? {
            (_, Value::Integer(digits)) => digits.parse().ok(),
            _ => None,
        };
        let size = given(paging.size).unwrap_or_else(|| paging.default_size.into());
        (operation.paging == Paging::Paged)
            .then(|| Self::new(given(paging.page).unwrap_or(1), size))
    }

    /// What follows this page, which has these records and says this total. `sizes` are the limits of the size to ask for.
    pub fn turn(&self, records: &[RawJson<'_>], total: Option<u64>, sizes: &Limits) -> Turn {
        let count = records.len() as u64;
        if count == 0 {
            let missing = total.filter(|total| !self.is_total_void && self.read < *total);
            return Turn::end(missing.map(|total| {
                let read = self.read;
                format!("the vendor counts {total} records, but its pages ended after {read}")
            }));
        }
        let digests = || records.iter().map(|record| digest(record.json().as_bytes()));
        let whole = digests().fold(0, |sum: u64, one| digest(&(sum ^ one).to_le_bytes()));
        let is_read_again = self.begin() < self.known_until;
        if !is_read_again && self.pages.contains(&whole) {
            let number = self.number;
            let warning =
                format!("page {number} has the records of an earlier page; the walk ends there");
            return Turn { skip: records.len(), ..Turn::end(Some(warning)) };
        }
        let skip = if is_read_again { overlap(&self.known, digests()) } else { 0 };
        let is_new = skip < records.len();
        let read = self.read.saturating_add(count - skip as u64);
        let mut warning = None;
        if let Some(total) = total.filter(|_| !self.is_total_void) {
            if read == total {
                return Turn { skip, ..Turn::end(None) };
            }
            // Said once, by the page that goes beyond it.
            if read > total && self.read <= total {
                warning = Some(format!(
                    "the vendor counts {total} records, but its pages have more; the walk goes on to an empty page"
                ));
            }
        }
        let mut pages = self.pages.clone();
        pages.push(whole);
        if pages.len() > REMEMBERED {
            pages.remove(0);
        }
        let is_size_known = self.is_size_known || count == self.size;
        let mut next = Self {
            number: self.number.saturating_add(1),
            read,
            is_size_known,
            pages,
            known_until: 0,
            known: Vec::new(),
            followed: None,
            ..*self
        };
        if !is_new {
            next.known_until = self.known_until;
            next.known.clone_from(&self.known);
        } else if count != self.size {
            next.known_until = self.begin().saturating_add(count.max(self.size));
            next.known = digests().collect();
            if !is_size_known && let Some(size) = self.fitting(count, total, sizes) {
                next.ask_for(size, self, count);
            }
        }
        Turn { skip, next: Some(next), warning }
    }

    /// Position of the first record, where pages have the size that is asked for.
    fn begin(&self) -> u64 {
        self.number.saturating_sub(1).saturating_mul(self.size)
    }

    /// The largest size that the vendor takes and gave, where pages of it can begin where this one does. Vendors that give
    /// fewer than were asked for differ in where the next page of that size begins; one of a size that they keep to begins
    /// at the same record for all.
    fn fitting(&self, count: u64, total: Option<u64>, sizes: &Limits) -> Option<u64> {
        let fits = |size: &u64| *size <= count && self.begin().is_multiple_of(*size);
        let bound = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok());
        let size = if sizes.one_of.is_empty() {
            let least = bound(sizes.minimum).unwrap_or(1).max(1);
            let most = bound(sizes.maximum).map_or(count, |most| most.min(count));
            (least..=most).rev().find(fits)
        } else {
            let known = sizes.one_of.iter().filter_map(|size| u64::try_from(*size).ok());
            known.filter(|size| *size > 0).filter(fits).max()
        };
        // Without a total a short page is most often the last: only the first page of a walk, and only one of a size that
        // the vendor takes, tells that size.
        let is_told = total.is_some() || (self.pages.is_empty() && size == Some(count));
        size.filter(|size| *size != self.size && is_told)
    }

    /// Goes on with pages of another size, from the page that follows `last` or begins within it.
    fn ask_for(&mut self, size: u64, last: &Self, count: u64) {
        // The first page of all begins with the first record whatever its size: the second one follows it, and what a
        // vendor that takes the new size has there already is left out. A later page may have begun elsewhere: it is read
        // again, and what it had is left out.
        let from = if last.number == 1 { count.min(size) } else { last.begin() };
        self.size = size;
        self.number = (from / size).saturating_add(1);
        self.is_size_known = true;
        self.is_total_void = self.is_total_void || last.number > 1;
    }
}

/// How many of the records at the beginning of a page are those at the end of the one before it; all of them where the
/// page lies within that one.
fn overlap(before: &[u64], page: impl Iterator<Item = u64>) -> usize {
    let page: Vec<u64> = page.collect();
    if !page.is_empty() && before.windows(page.len()).any(|within| within == page) {
        return page.len();
    }
    let most = before.len().min(page.len());
    let is_same =
        |length: &usize| before.iter().rev().take(*length).rev().eq(page.iter().take(*length));
    (1..=most).rev().find(is_same).unwrap_or(0)
}

/// The limits of the size to ask for, which the operation's table has.
pub(super) fn sizes(operation: &'static Operation, paging: &PagingFields) -> &'static Limits {
    static NONE: Limits = Limits::NONE;
    let body = operation.body.map_or(&[][..], |schema| schema.fields);
    let mut fields = operation.query.iter().chain(body);
    fields.find(|field| field.wire == paging.size).map_or(&NONE, |field| &field.limits)
}
