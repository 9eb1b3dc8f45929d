//! A list that comes page by page: what asks for its first page, and for those that follow it.

use payglot::runtime::json::Value;
use payglot::runtime::paging::{Turn, Walk};
use payglot::schema::{Operation, Paging, Provider};
use payglot::{Error, Response};

use super::input::{Arguments, Fields};
use super::output::ShownPage;
use crate::docs;

/// A list that comes page by page.
pub struct List<'a> {
    operation: &'static Operation,
    arguments: &'a Arguments<'a>,
    /// The names of page and size, where pages have numbers; else each page says what follows it.
    numbered: Option<[&'static str; 2]>,
    pub first: Walk,
}

impl<'a> List<'a> {
    /// Nothing for an operation without pages.
    pub fn of(
        provider: &'static Provider,
        operation: &'static Operation,
        arguments: &'a Arguments<'a>,
    ) -> Option<Self> {
        let (numbered, first) = match (operation.paging, &provider.paging) {
            (Paging::Paged, Some(paging)) => {
                let names = [paging.page, paging.size].map(|wire| docs::name_of(operation, wire));
                let [number, size] = names.map(|name| arguments.number(name));
                let size = size.unwrap_or_else(|| paging.default_size.into());
                (Some(names), Walk::new(number.unwrap_or(1), size))
            }
            (Paging::Followed(_), _) => {
                (None, Walk::of_fields(operation, None, &arguments.fields)?)
            }
            _ => return None,
        };
        Some(Self { operation, arguments, numbered, first })
    }

    /// The fields that ask for a page.
    pub fn fields<'w>(&'w self, walk: &'w Walk) -> Fields<'w> {
        let Some(names) = self.numbered else {
            let mut fields = self.arguments.fields.clone();
            walk.ask(self.operation, &mut fields);
            return fields;
        };
        let mut fields = self.arguments.without(&names);
        for (name, number) in names.into_iter().zip([walk.number, walk.size]) {
            fields.push((name.into(), Value::Integer(number.to_string().into())));
        }
        fields
    }

    /// The records of one page, or with `is_all` of that page and all after it.
    pub fn pages(
        self,
        is_all: bool,
        send: impl Fn(&Fields<'_>, &Walk) -> Result<(Response, Turn), Error>,
    ) -> Result<Vec<ShownPage>, Error> {
        let mut walk = self.first.clone();
        let mut shown = Vec::new();
        loop {
            let (response, turn) = send(&self.fields(&walk), &walk)?;
            if let Some(warning) = &turn.warning {
                eprintln!("payglot: warning: {}: {warning}", self.operation.name);
            }
            shown.push(ShownPage { response, skip: turn.skip });
            match turn.next {
                Some(next) if is_all => walk = next,
                Some(_) => {
                    let after = self.numbered.map(|_| format!(" after page {}", walk.number));
                    let after = after.unwrap_or_default();
                    eprintln!("payglot: there may be more pages{after}; --all prints them all");
                    return Ok(shown);
                }
                None => return Ok(shown),
            }
        }
    }
}
