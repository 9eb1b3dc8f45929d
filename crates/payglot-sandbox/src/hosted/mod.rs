//! The pages behind secure links, where a person enters a card or completes one.

mod form;
mod pages;
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
use crate::card::Card;
use crate::store::{LINK_MINUTES, Link, Task};
use form::{Complaint, Typed};
use pages::Notice;
use test_cards::Outcome;

/// Where the pages' addresses begin; the token follows.
pub(crate) const PREFIX: &str = "/hosted/cards/";
/// The route of a page, which stands for its address in logs.
pub(crate) const CARD_PAGE: &str = "/hosted/cards/{token}";

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route(CARD_PAGE, get(show).post(submit))
}

/// A notice instead of the page asked for.
type Page = Result<Response, Notice>;

async fn show(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    let page: Page = app.scene(|scene| match usable(scene, &token)?.task {
        Task::AddCard => Ok(app.pages.card_form(StatusCode::OK, &Typed::empty(), &[])),
        Task::UpdateCard { card_id } => scene
            .store
            .card(card_id)
            .map(|card| app.pages.update_form(card))
            .ok_or_else(card_is_gone),
    });
    page.unwrap_or_else(|notice| app.pages.notice(&notice))
}

async fn submit(State(app): State<Arc<App>>, Path(token): Path<String>, body: Bytes) -> Response {
    let page: Page = app.scene(|scene| {
        let link = usable(scene, &token)?;
        let done = match link.task {
            Task::AddCard => {
                let typed = Typed::parse(&body);
                match add_card(scene, link.user_id, &typed) {
                    Ok(done) => done,
                    Err(complaints) => {
                        return Ok(app.pages.card_form(
                            StatusCode::UNPROCESSABLE_ENTITY,
                            &typed,
                            &complaints,
                        ));
                    }
                }
            }
            Task::UpdateCard { card_id } => complete_card(scene, card_id)?,
        };
        scene.store.mark_used(&token);
        Ok(app.pages.notice(&done))
    });
    page.unwrap_or_else(|notice| app.pages.notice(&notice))
}

/// The link, if its page can still be used.
fn usable(scene: &Scene<'_>, token: &str) -> Result<Link, Notice> {
    let gone = |title, text: String| Notice { status: StatusCode::GONE, title, text };
    match scene.store.link(token) {
        None => Err(Notice {
            status: StatusCode::NOT_FOUND,
            title: "Page not found",
            text: "This link is not known here. Check that its whole address was opened."
                .to_owned(),
        }),
        Some(link) if link.used => Err(gone(
            "This link was already used",
            "A link works once. Ask for a new one to add or update another card.".to_owned(),
        )),
        Some(link) if link.expires_at <= scene.now => Err(gone(
            "This link has expired",
            format!("A link can be used for {LINK_MINUTES} minutes. Ask for a new one."),
        )),
        Some(link) => Ok(link.clone()),
    }
}

fn add_card(scene: &mut Scene<'_>, user_id: Uuid, typed: &Typed) -> Result<Notice, Vec<Complaint>> {
    let entered = typed.check(scene.now)?;
    let Outcome::Added(flags) = test_cards::outcome(&entered.number) else {
        return Err(vec![("card_number", "The card was declined. Use another one.".to_owned())]);
    };
    let card = Card {
        id: scene.random.uuid(),
        user_id,
        details: entered.details,
        flags: flags.iter().copied().collect(),
    };
    let text =
        format!("Your {} ending in {} was added.", card.details.brand, card.details.last_four);
    scene.store.add_card(card);
    Ok(done("Card added", &text))
}

fn complete_card(scene: &mut Scene<'_>, card_id: Uuid) -> Result<Notice, Notice> {
    let card = scene.store.card_mut(card_id).ok_or_else(card_is_gone)?;
    card.flags.retain(|flag| !flag.is_a_step());
    let text =
        format!("Your {} ending in {} is up to date.", card.details.brand, card.details.last_four);
    Ok(done("Card updated", &text))
}

fn done(title: &'static str, text: &str) -> Notice {
    Notice { status: StatusCode::OK, title, text: format!("{text} You can close this page.") }
}

fn card_is_gone() -> Notice {
    Notice {
        status: StatusCode::GONE,
        title: "This card was removed",
        text: "The card that this link belongs to is no longer there.".to_owned(),
    }
}
