//! Renders the hosted pages.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use super::form::{FieldError, FormField, Typed};
use super::test_cards::{Outcome, TEST_CARDS, TestCard};
use crate::basics::Error;
use crate::http::html::Templates;
use crate::model::{Card, LINK_MINUTES};
use crate::operation::Reason;
use crate::state::SaveError;

const STYLE: &str = concat!(include_str!("../palette.css"), include_str!("templates/style.css"));
/// By name; the ending switches HTML escaping on.
const TEMPLATES: [(&str, &str); 4] = [
    ("base.html", include_str!("templates/base.html")),
    ("form.html", include_str!("templates/form.html")),
    ("update_form.html", include_str!("templates/update_form.html")),
    ("notice.html", include_str!("templates/notice.html")),
];

/// What a person must not enter on a page for cards.
pub(super) const NO_REAL_CARD: &str = "Do not enter a real card.";

/// The hosted pages.
pub(crate) struct Pages {
    templates: Templates,
}

/// A page with a form: its texts and fields.
pub(super) struct Form {
    pub title: &'static str,
    pub lead: String,
    /// The heading above the errors.
    pub error_title: &'static str,
    pub note: &'static str,
    pub fields: &'static [FormField],
    /// Values and labels.
    pub buttons: Vec<(&'static str, String)>,
    /// What a person must not enter, at the top of the page.
    pub warning: &'static str,
    /// What the table of test cards says of each, where there is one.
    pub test_cards: Option<fn(Outcome) -> String>,
}

/// A page that shows a message.
pub(super) struct Notice {
    pub status: StatusCode,
    pub title: &'static str,
    pub text: String,
}

impl From<SaveError> for Notice {
    fn from(_: SaveError) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "This could not be saved",
            text: "Nothing was changed. Try again.".to_owned(),
        }
    }
}

impl Pages {
    pub fn new() -> Result<Self, Error> {
        Ok(Self { templates: Templates::new(&TEMPLATES, STYLE, None)? })
    }

    /// A form with its previous input and the errors in it.
    pub(super) fn form(
        &self,
        status: StatusCode,
        form: &Form,
        typed: &Typed,
        errors: &[FieldError],
    ) -> Response {
        #[derive(Serialize)]
        struct Shown<'a> {
            #[serde(flatten)]
            field: &'a FormField,
            value: &'a str,
            error: Option<&'a str>,
        }
        let shown = form.fields.iter().map(|field| Shown {
            field,
            value: if field.confidential && !typed.is_sample { "" } else { typed.get(field.name) },
            error: errors
                .iter()
                .find(|(name, _)| *name == field.name)
                .map(|(_, text)| text.as_str()),
        });
        let buttons =
            form.buttons.iter().map(|(value, label)| json!({ "value": value, "label": label }));
        let test_cards = form.test_cards.into_iter().flat_map(|describe| {
            let row = move |card: &TestCard| {
                json!({ "number": grouped(card.number), "outcome": describe(card.outcome) })
            };
            TEST_CARDS.iter().map(row)
        });
        let context = json!({
            "title": form.title,
            "lead": form.lead,
            "error_title": form.error_title,
            "note": form.note,
            "warning": form.warning,
            "buttons": buttons.collect::<Vec<_>>(),
            "fields": shown.collect::<Vec<_>>(),
            "has_errors": !errors.is_empty(),
            "test_cards": test_cards.collect::<Vec<_>>(),
            "minutes": LINK_MINUTES,
        });
        let response = self.templates.render("form.html", status, &context);
        with_reason(
            response,
            errors.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("; "),
        )
    }

    /// The steps that a card still needs.
    pub(super) fn update_form(&self, card: &Card) -> Response {
        let describe = |steps: bool| -> Vec<_> {
            let flags = card.flags.iter().filter(|flag| flag.is_a_step() == steps);
            flags.map(|flag| json!({ "flag": flag.wire(), "meaning": flag.meaning() })).collect()
        };
        let context = json!({
            "brand": card.details.brand,
            "last_four": card.details.last_four,
            "steps": describe(true),
            "others": describe(false),
        });
        self.templates.render("update_form.html", StatusCode::OK, &context)
    }

    pub(super) fn notice(&self, notice: &Notice) -> Response {
        let context = json!({
            "title": notice.title,
            "text": notice.text,
            "good": notice.status.is_success(),
        });
        let response = self.templates.render("notice.html", notice.status, &context);
        with_reason(response, notice.title.to_owned())
    }
}

/// Beside a response that refuses something, why: for the log.
fn with_reason(mut response: Response, reason: String) -> Response {
    if !response.status().is_success() {
        response.extensions_mut().insert(Reason(reason));
    }
    response
}

/// A card number in groups of four digits.
fn grouped(number: &str) -> String {
    let space = |(position, digit): (usize, char)| {
        let gap = (position > 0 && position.is_multiple_of(4)).then_some(' ');
        gap.into_iter().chain([digit])
    };
    number.chars().enumerate().flat_map(space).collect()
}
