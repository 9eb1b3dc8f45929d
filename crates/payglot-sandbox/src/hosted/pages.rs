//! Turns templates into pages. Values are escaped by the template engine.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::form::{Complaint, FormField, Typed};
use super::test_cards::{Outcome, TEST_CARDS, TestCard};
use crate::Error;
use crate::card::Card;
use crate::model::LINK_MINUTES;
use crate::state::Unsaved;

const STYLE: &str = include_str!("templates/style.css");
/// By name; the ending switches HTML escaping on.
const TEMPLATES: [(&str, &str); 4] = [
    ("base.html", include_str!("templates/base.html")),
    ("form.html", include_str!("templates/form.html")),
    ("update_form.html", include_str!("templates/update_form.html")),
    ("notice.html", include_str!("templates/notice.html")),
];

/// The hosted pages.
pub(crate) struct Pages {
    templates: Environment<'static>,
    security_policy: String,
}

/// A page with a form: its words and fields.
pub(super) struct Form {
    pub title: &'static str,
    pub lead: String,
    /// What is said when something was wrong.
    pub failure: &'static str,
    pub note: &'static str,
    pub fields: &'static [FormField],
    /// Values and labels.
    pub buttons: &'static [(&'static str, &'static str)],
    /// What the table of test cards says of each, where there is one.
    pub test_cards: Option<fn(Outcome) -> String>,
}

/// A page that only says something.
pub(super) struct Notice {
    pub status: StatusCode,
    pub title: &'static str,
    pub text: String,
}

impl From<Unsaved> for Notice {
    fn from(_: Unsaved) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "This could not be saved",
            text: "Nothing was changed. Try again.".to_owned(),
        }
    }
}

impl Pages {
    pub fn new() -> Result<Self, Error> {
        let mut templates = Environment::new();
        for (name, source) in TEMPLATES {
            templates
                .add_template(name, source)
                .map_err(|error| Error::Template(error.to_string()))?;
        }
        templates.add_global("style", Value::from_safe_string(STYLE.to_owned()));
        // Nothing is loaded and no script runs; the one style sheet is named by its hash.
        let style_hash = STANDARD.encode(Sha256::digest(STYLE));
        let security_policy = format!(
            "default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'; form-action 'self'"
        );
        Ok(Self { templates, security_policy })
    }

    /// A form, with what was typed before and what was wrong with it.
    pub(super) fn form(
        &self,
        status: StatusCode,
        form: &Form,
        typed: &Typed,
        complaints: &[Complaint],
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
            value: if field.confidential { "" } else { typed.get(field.name) },
            error: complaints
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
            "failure": form.failure,
            "note": form.note,
            "buttons": buttons.collect::<Vec<_>>(),
            "fields": shown.collect::<Vec<_>>(),
            "has_errors": !complaints.is_empty(),
            "test_cards": test_cards.collect::<Vec<_>>(),
            "minutes": LINK_MINUTES,
        });
        self.render("form.html", status, &context)
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
        self.render("update_form.html", StatusCode::OK, &context)
    }

    pub(super) fn notice(&self, notice: &Notice) -> Response {
        let context = json!({
            "title": notice.title,
            "text": notice.text,
            "good": notice.status.is_success(),
        });
        self.render("notice.html", notice.status, &context)
    }

    fn render(&self, template: &str, status: StatusCode, context: &serde_json::Value) -> Response {
        let page = self
            .templates
            .get_template(template)
            .and_then(|template| template.render(Serde(context)));
        let Ok(page) = page else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        // The address of the page is a secret: it goes into no cache and no `Referer`.
        let headers = [
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("content-security-policy"), self.security_policy.as_str()),
        ];
        (status, headers, Html(page)).into_response()
    }
}

/// A card number in groups of four digits.
fn grouped(number: &str) -> String {
    let space = |(position, digit): (usize, char)| {
        let gap = (position > 0 && position.is_multiple_of(4)).then_some(' ');
        gap.into_iter().chain([digit])
    };
    number.chars().enumerate().flat_map(space).collect()
}
