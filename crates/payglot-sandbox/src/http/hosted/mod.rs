//! The pages behind links, where a person enters or completes a card, pays, or shows who they are.

mod cards;
mod form;
mod identity;
mod pages;
mod pay;
mod test_cards;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use uuid::Uuid;

pub(crate) use pages::Pages;

use crate::app::{App, Scene};
use crate::model::{LINK_MINUTES, Link, Purpose};
use form::Typed;
use pages::Notice;

/// Where the pages' addresses begin; what the page is for and its token follow.
pub(crate) const PREFIX: &str = "/hosted/";
/// The route of a page.
const PAGE: &str = "/hosted/{purpose}/{token}";

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route(PAGE, get(show).post(submit))
}

/// The address of a page as logs show it: its token is a secret.
pub(crate) fn logged(path: &str) -> Option<String> {
    let purpose = path.strip_prefix(PREFIX)?.split('/').next().unwrap_or_default();
    let known = ["cards", "pay", "identity"].contains(&purpose);
    Some(format!("{PREFIX}{}/{{token}}", if known { purpose } else { "{purpose}" }))
}

/// A notice instead of the page asked for.
type Page = Result<Response, Notice>;

async fn show(State(app): State<Arc<App>>, Path((_, token)): Path<(String, String)>) -> Response {
    let page: Page = app.change(|scene| {
        let (_, link) = usable(scene, &token)?;
        match link.purpose {
            Purpose::AddCard { .. } => Ok(cards::empty_form(&app.pages)),
            Purpose::UpdateCard { card_id } => cards::update_form(&app.pages, scene, card_id),
            Purpose::Pay { payment_id } => pay::empty_form(&app.pages, scene, payment_id),
            Purpose::Identity { .. } => Ok(identity::empty_form(&app.pages)),
        }
    });
    page.unwrap_or_else(|notice| app.pages.notice(&notice))
}

async fn submit(
    State(app): State<Arc<App>>,
    Path((_, token)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let page: Page = app.change(|scene| {
        let (id, link) = usable(scene, &token)?;
        let typed = Typed::parse(&body);
        let done = match link.purpose {
            Purpose::AddCard { user_id } => cards::add(&app.pages, scene, user_id, &typed),
            Purpose::UpdateCard { card_id } => cards::complete(scene, card_id),
            Purpose::Pay { payment_id } => pay::pay(&app.pages, scene, id, payment_id, &typed),
            Purpose::Identity { user_id } => identity::decide(&app.pages, scene, user_id, &typed),
        };
        match done {
            Ok(notice) => {
                if let Some(link) = scene.store.links.get_mut(id) {
                    link.used = true;
                }
                Ok(app.pages.notice(&notice))
            }
            Err(Undone::Form(form)) => Ok(*form),
            Err(Undone::Notice(notice)) => Err(notice),
        }
    });
    page.unwrap_or_else(|notice| app.pages.notice(&notice))
}

/// Why a submitted page did not do what it is for.
enum Undone {
    /// Something typed is wrong: the form again.
    Form(Box<Response>),
    Notice(Notice),
}

/// What a submitted page did.
type Done = Result<Notice, Undone>;

/// The link, if its page can still be used.
fn usable(scene: &Scene<'_>, token: &str) -> Result<(Uuid, Link), Notice> {
    let gone = |title, text: String| Notice { status: StatusCode::GONE, title, text };
    let id = Uuid::try_parse(token).unwrap_or_default();
    match scene.store.links.get(id) {
        None => Err(Notice {
            status: StatusCode::NOT_FOUND,
            title: "Page not found",
            text: "This link is not known here. Check that its whole address was opened."
                .to_owned(),
        }),
        Some(link) if link.used => Err(gone(
            "This link was already used",
            "A link works once. Ask for a new one.".to_owned(),
        )),
        Some(link) if link.expires_at <= scene.now => Err(gone(
            "This link has expired",
            format!("A link can be used for {LINK_MINUTES} minutes. Ask for a new one."),
        )),
        Some(link) => Ok((id, link.clone())),
    }
}

fn done(title: &'static str, text: &str) -> Notice {
    Notice { status: StatusCode::OK, title, text: format!("{text} You can close this page.") }
}
