//! The identity page: a person enters who they are and chooses the outcome of the check.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::form::{ADDRESS, CITY, COUNTRY, FIELD, FormField, POSTAL_CODE, STATE, Typed};
use super::pages::{Form, Pages};
use super::{Done, Undone, done};
use crate::flow::events;
use crate::model::{Decision, Kyc};
use crate::state::Transaction;

static FIELDS: [FormField; 8] = [
    FormField {
        name: "first_name",
        label: "First name",
        autocomplete: "given-name",
        sample: "Ada",
        half: true,
        ..FIELD
    },
    FormField {
        name: "last_name",
        label: "Last name",
        autocomplete: "family-name",
        sample: "Lovelace",
        half: true,
        ..FIELD
    },
    FormField {
        name: "dob",
        label: "Date of birth",
        hint: "YYYY-MM-DD",
        autocomplete: "bday",
        sample: "1990-12-10",
        ..FIELD
    },
    ADDRESS,
    CITY,
    STATE,
    FormField { name: "zip", ..POSTAL_CODE },
    COUNTRY,
];
/// Longest text of any field.
const LONGEST: usize = 120;
const REJECT: &str = "reject";
const FAIL: &str = "fail";

fn form() -> Form {
    Form {
        title: "Verify your identity",
        lead: "Your platform asks who you are before it moves money for you.".to_owned(),
        error_title: "Your identity was not checked",
        note: "The sandbox checks nothing: choose how the identity check ends.",
        warning: "Do not enter a real person's data.",
        fields: &FIELDS,
        buttons: vec![
            ("approve", "Submit and be approved".to_owned()),
            (REJECT, "Submit and be rejected".to_owned()),
            (FAIL, "Submit, and let the check fail".to_owned()),
        ],
        test_cards: None,
    }
}

pub(super) fn show(pages: &Pages, is_filled: bool) -> Response {
    let typed = if is_filled { Typed::sample(&FIELDS) } else { Typed::empty() };
    pages.form(StatusCode::OK, &form(), &typed, &[])
}

pub(super) fn decide(
    pages: &Pages,
    tx: &mut Transaction<'_>,
    user_id: Uuid,
    typed: &Typed,
) -> Done {
    let errors: Vec<_> = FIELDS
        .iter()
        .filter_map(|field| match typed.get(field.name) {
            "" if !field.optional => Some((field.name, format!("{} is missing", field.label))),
            text if text.chars().count() > LONGEST => {
                Some((field.name, format!("{} is too long", field.label)))
            }
            _ => None,
        })
        .collect();
    if !errors.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(Undone::Form(Box::new(pages.form(status, &form(), typed, &errors))));
    }
    let (status, title, text) = match typed.get("decision") {
        REJECT => (Decision::Rejected, "Not approved", "Your identity was not approved."),
        FAIL => (Decision::Failed, "The check failed", "Your identity could not be checked."),
        _ => (Decision::Approved, "Approved", "Your identity was approved."),
    };
    let fields: BTreeMap<_, _> = FIELDS
        .iter()
        .filter(|field| !typed.get(field.name).is_empty())
        .map(|field| (field.name.to_owned(), typed.get(field.name).to_owned()))
        .collect();
    tx.store.kyc.put(user_id, Kyc { status, fields });
    events::person(tx, user_id, "applied");
    events::person_decided(tx, user_id, status);
    Ok(done(title, text))
}
