//! Hosted pages: a person follows a link to add or complete a card, to pay, or to prove their identity.

mod card_values;
mod cards;
mod form;
mod identity;
mod pages;
mod pay;
mod test_cards;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::basics::Error;
use crate::model::{HOSTED_PREFIX, LINK_MINUTES, Link, Purpose};
use crate::state::Transaction;
use form::Typed;
use pages::{Notice, Pages};

/// How often a path may be percent-encoded before it is none.
const MOST_ENCODINGS: usize = 4;
/// The route of a page.
const PAGE: &str = "/hosted/{purpose}/{token}";

/// What the hosted pages need.
struct Hosted {
    app: Arc<App>,
    pages: Pages,
}

pub(super) fn router<S: Clone + Send + Sync + 'static>(app: Arc<App>) -> Result<Router<S>, Error> {
    let hosted = Hosted { app, pages: Pages::new()? };
    Ok(Router::new().route(PAGE, get(show).post(submit)).with_state(Arc::new(hosted)))
}

/// The path of a page without its token, which is a secret. Somebody who writes the path otherwise, so that there is no
/// page, has a token all the same.
pub(super) fn logged(path: &str) -> Option<String> {
    let mut plain = path.to_lowercase();
    for _ in 0..MOST_ENCODINGS {
        plain = percent_decode_str(&plain).decode_utf8_lossy().to_lowercase();
    }
    let (_, rest) = plain.split_once(HOSTED_PREFIX.trim_matches('/'))?;
    let purpose = rest.split(['/', '\\']).find(|segment| !segment.is_empty());
    let known = ["cards", "pay", "identity"].into_iter().find(|known| purpose == Some(known));
    Some(format!("{HOSTED_PREFIX}{}/{{token}}", known.unwrap_or("{purpose}")))
}

/// The query of a page.
#[derive(Deserialize)]
struct Asked {
    /// `test`: the form comes with test data.
    #[serde(default)]
    fill: String,
}

/// A notice instead of the page asked for.
type Page = Result<Response, Notice>;

async fn show(
    State(hosted): State<Arc<Hosted>>,
    Path((_, token)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let is_filled = asked.fill == "test";
    let page: Page = hosted.app.transact(|tx| {
        let (_, link) = usable(tx, &token)?;
        match link.purpose {
            Purpose::AddCard { .. } => Ok(cards::show(&hosted.pages, is_filled)),
            Purpose::UpdateCard { card_id } => cards::update_form(&hosted.pages, tx, card_id),
            Purpose::Pay { payment_id } => pay::show(&hosted.pages, tx, payment_id, is_filled),
            Purpose::Identity { .. } => Ok(identity::show(&hosted.pages, is_filled)),
        }
    });
    page.unwrap_or_else(|notice| hosted.pages.notice(&notice))
}

async fn submit(
    State(hosted): State<Arc<Hosted>>,
    Path((_, token)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let page: Page = hosted.app.transact(|tx| {
        let (id, link) = usable(tx, &token)?;
        let typed = Typed::parse(&body);
        let done = match link.purpose {
            Purpose::AddCard { user_id } => cards::add(&hosted.pages, tx, user_id, &typed),
            Purpose::UpdateCard { card_id } => cards::complete(tx, card_id),
            Purpose::Pay { payment_id } => pay::pay(&hosted.pages, tx, id, payment_id, &typed),
            Purpose::Identity { user_id } => identity::decide(&hosted.pages, tx, user_id, &typed),
        };
        match done {
            Ok(notice) => {
                if let Some(link) = tx.store.links.get_mut(id) {
                    link.used = true;
                }
                Ok(hosted.pages.notice(&notice))
            }
            Err(Undone::Form(form)) => Ok(*form),
            Err(Undone::Notice(notice)) => Err(notice),
        }
    });
    page.unwrap_or_else(|notice| hosted.pages.notice(&notice))
}

/// Why a submitted page did not do what it is for.
enum Undone {
    /// An input is wrong: shows the form again.
    Form(Box<Response>),
    Notice(Notice),
}

/// What a submitted page did.
type Done = Result<Notice, Undone>;

/// The link, if its page can still be used.
fn usable(tx: &Transaction<'_>, token: &str) -> Result<(Uuid, Link), Notice> {
    let unusable = |title, text: String| Notice { status: StatusCode::GONE, title, text };
    let id = Uuid::try_parse(token).unwrap_or_default();
    match tx.store.links.get(id) {
        None => Err(Notice {
            status: StatusCode::NOT_FOUND,
            title: "Page not found",
            text: "This link is not known here. Check that its whole address was opened."
                .to_owned(),
        }),
        Some(link) if link.used => Err(unusable(
            "This link was already used",
            "A link works once. Ask for a new one.".to_owned(),
        )),
        Some(link) if link.expires_at <= tx.now => Err(unusable(
            "This link has expired",
            format!("A link can be used for {LINK_MINUTES} minutes. Ask for a new one."),
        )),
        Some(link) => Ok((id, link.clone())),
    }
}

fn done(title: &'static str, text: &str) -> Notice {
    Notice { status: StatusCode::OK, title, text: format!("{text} You can close this page.") }
}

#[cfg(test)]
mod tests {
    use super::logged;

    #[test]
    fn issue_12_34_tokens_are_hidden_however_the_path_is_written() {
        let token = "12345678-1234-4234-8234-123456789012";
        for path in [
            "/hosted/pay/",
            "//hosted/pay/",
            "//hosted//pay//",
            "/%68osted/pay/",
            "/%2568osted/pay/",
            "/HOSTED/pay/",
            "/./hosted/pay/",
            "/x/../hosted/pay/",
            "/\\hosted\\pay\\",
            "/hosted%2Fpay%2F",
            "/%5chosted/pay/",
        ] {
            let shown = logged(&format!("{path}{token}")).unwrap_or_default();
            assert_eq!(shown, "/hosted/pay/{token}", "{path}");
        }
        assert_eq!(
            logged(&format!("/hosted/{token}")).as_deref(),
            Some("/hosted/{purpose}/{token}")
        );
        assert_eq!(logged("/api/platform/users/list"), None);
    }
}
