//! The pages on which a person adds a card, or completes one.

use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::form::{FIELDS, Typed};
use super::pages::{Form, NO_REAL_CARD, Notice, Pages};
use super::test_cards::{self, Outcome};
use super::{Done, Page, Undone, done};
use crate::flow::events;
use crate::model::{Card, Flag};
use crate::state::Transaction;

fn form() -> Form {
    Form {
        title: "Add a card",
        lead: String::new(),
        error_title: "The card was not added",
        note: "Only the last four digits of the number are stored.",
        warning: NO_REAL_CARD,
        fields: &FIELDS,
        buttons: vec![("add", "Add card".to_owned())],
        test_cards: Some(Outcome::when_added),
    }
}

pub(super) fn show(pages: &Pages, is_filled: bool) -> Response {
    let typed = if is_filled { Typed::sample(&FIELDS) } else { Typed::empty() };
    pages.form(StatusCode::OK, &form(), &typed, &[])
}

pub(super) fn add(pages: &Pages, tx: &mut Transaction<'_>, user_id: Uuid, typed: &Typed) -> Done {
    let rejected = |text: String| Err(vec![("card_number", text)]);
    let entered =
        typed.check(tx.now).and_then(|entered| match test_cards::outcome(&entered.number) {
            Outcome::Good(flags) => Ok((entered.details, flags)),
            Outcome::Slow => Ok((entered.details, &[][..])),
            Outcome::Declined(reason) => rejected(test_cards::declined(reason)),
            Outcome::Rejected => rejected("This card cannot be used here.".to_owned()),
        });
    let (details, flags) = entered.map_err(|errors| {
        Undone::Form(Box::new(pages.form(
            StatusCode::UNPROCESSABLE_ENTITY,
            &form(),
            typed,
            &errors,
        )))
    })?;
    let text = format!("Your {} ending in {} was added.", details.brand, details.last_four);
    let flags = flags.iter().copied().collect();
    let card = Card { id: tx.random.uuid(), user_id, details, flags };
    events::card(tx, &card, "added");
    tx.store.cards.put(card.id, card);
    Ok(done("Card added", &text))
}

pub(super) fn update_form(pages: &Pages, tx: &Transaction<'_>, card_id: Uuid) -> Page {
    let card = tx.store.cards.get(card_id);
    card.map(|card| pages.update_form(card)).ok_or_else(card_is_gone)
}

pub(super) fn complete(tx: &mut Transaction<'_>, card_id: Uuid) -> Done {
    let card = tx.store.cards.get_mut(card_id);
    let card = card.ok_or_else(|| Undone::Notice(card_is_gone()))?;
    let had_no_images = card.flags.contains(&Flag::Images);
    card.flags.retain(|flag| !flag.is_a_step());
    let card = card.clone();
    if had_no_images {
        events::card(tx, &card, "images_uploaded");
    }
    let text =
        format!("Your {} ending in {} is up to date.", card.details.brand, card.details.last_four);
    Ok(done("Card updated", &text))
}

fn card_is_gone() -> Notice {
    Notice {
        status: StatusCode::GONE,
        title: "This card was removed",
        text: "The card that this link belongs to is no longer there.".to_owned(),
    }
}
