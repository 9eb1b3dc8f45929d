//! How the records of an operation come: at once, by the page's number, or by what each page says of the next.

use anyhow::{Result, bail};
use serde_json::Value;

use super::Builder;
use super::operation::extension;
use crate::diagnostic::{Diagnostic, step};
use crate::model::{
    Field, Follow, FollowConfig, FollowStyle, Paging, PagingConfig, PagingFields, Type, Wrap,
};

fn wrong(at: &str, problem: impl std::fmt::Display, fix: &str) -> Diagnostic {
    Diagnostic::edit(at, format!("x-payglot-paging: {problem}"), fix)
}

/// What an operation says of its pages is wrong: without it, it returns what the document says.
fn unfit(at: &str, problem: impl std::fmt::Display) -> Diagnostic {
    let target = format!("{at}{}", step("x-payglot-paging"));
    Diagnostic::remove(at, format!("x-payglot-paging: {problem}"), &target)
}

/// The steps of a path with dots. A `$` in front is JSONPath's, and means nothing here.
fn steps(path: Option<&String>) -> Vec<String> {
    let path = path.map_or("", |path| path.trim_start_matches("$.").trim_matches('$'));
    path.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

impl<'d> Builder<'d> {
    /// How each page says what follows it, where `x-payglot-paging` is an object, or says `paged` where `[paging]` has a
    /// style.
    pub(super) fn follow(&self, operation: &Value, at: &str) -> Result<Option<Follow>> {
        let config: FollowConfig = match operation.get("x-payglot-paging") {
            Some(given @ Value::Object(_)) => serde_json::from_value(given.clone())
                .map_err(|error| wrong(at, error, "Correct it in overlay.yaml."))?,
            Some(Value::String(given)) if given == "paged" => match &self.config.paging {
                Some(PagingConfig::Follow(config)) => config.clone(),
                Some(PagingConfig::Fields(_)) | None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let follow = Follow {
            style: config.style,
            argument: steps(config.argument.as_ref()),
            first: config.first.unwrap_or(1),
            size: steps(config.size.as_ref()),
            records: steps(config.records.as_ref()),
            total: steps(config.total.as_ref()),
            pages: steps(config.pages.as_ref()),
            has_more: steps(config.has_more.as_ref()),
            next: steps(config.next.as_ref()),
            last: steps(config.last.as_ref()),
        };
        let needs = match follow.style {
            FollowStyle::Link if !follow.argument.is_empty() => "a link has no `argument`",
            FollowStyle::Link => return Ok(Some(follow)),
            _ if follow.argument.is_empty() => "`argument` is missing",
            FollowStyle::Cursor if follow.next.is_empty() == follow.last.is_empty() => {
                "a cursor has either `next` or `last`"
            }
            _ => return Ok(Some(follow)),
        };
        bail!(unfit(at, needs))
    }

    /// Refuses a follow whose arguments the operation does not have.
    pub(super) fn check_follow(
        follow: &Follow,
        at: &str,
        query: &[Field],
        body: &[Field],
    ) -> Result<()> {
        for path in [&follow.argument, &follow.size] {
            let Some((first, rest)) = path.split_first() else { continue };
            let mut fields = query.iter().chain(body);
            let field = fields.find(|field| field.wire == *first);
            let is_inside = |field: &Field| {
                rest.is_empty()
                    || matches!(field.ty, Type::Object { .. } | Type::Any | Type::Map { .. })
            };
            if !field.is_some_and(is_inside) {
                let problem = format!("`{}` is no argument", path.join("."));
                bail!(unfit(at, problem));
            }
        }
        Ok(())
    }

    /// The records of a response whose pages say what follows them.
    pub(super) fn records(
        &mut self,
        follow: &Follow,
        schema: &'d Value,
        (operation, at): (&str, &str),
        hint: &str,
    ) -> Result<(Wrap, Type, bool)> {
        let mut list = schema;
        for step in &follow.records {
            let Some(inside) = self.schemas.property(list, step)? else {
                let problem = format!("a response has no `{}`", follow.records.join("."));
                bail!(unfit(operation, problem))
            };
            list = inside;
        }
        let wrap = if follow.records.is_empty() { Wrap::Bare } else { Wrap::At };
        if let Type::List { item } = self.schemas.ty(list, at, hint)? {
            return Ok((wrap, *item, true));
        }
        let problem = format!("`{}` of a response is no list", follow.records.join("."));
        bail!(unfit(operation, problem))
    }

    /// Whether there are pages, and the fields of a body that choose one.
    pub(super) fn paging(
        &self,
        operation: &Value,
        at: &str,
        is_list: bool,
        body: &[Field],
    ) -> Result<(Paging, Option<&'d PagingFields>)> {
        let paging = match (extension(operation, "paging").as_str(), is_list) {
            ("", false) => Paging::None,
            ("" | "list", true) => Paging::List,
            ("paged", true) => Paging::Paged,
            (other, _) => bail!(wrong(
                at,
                format!("`{other}` needs a response with a list, and is `list` or `paged`"),
                "Correct it in overlay.yaml.",
            )),
        };
        if paging != Paging::Paged {
            return Ok((paging, None));
        }
        let Some(page) = self.config.page_fields() else {
            bail!(wrong(
                at,
                "nobody says how pages are asked for",
                "Add [paging] to provider.toml."
            ))
        };
        for wanted in [&page.page, &page.size] {
            if !body.iter().any(|field| field.wire == *wanted) {
                bail!(wrong(
                    at,
                    format!("`{wanted}` is not in the body"),
                    "Correct [paging] in provider.toml, give it a style, or take the extension out of overlay.yaml.",
                ));
            }
        }
        Ok((paging, Some(page)))
    }
}
