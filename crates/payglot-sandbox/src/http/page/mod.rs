//! The page `/_sandbox/` for a person: requests and why they failed, objects, the ledger, webhooks, faults, the
//! clock. It works without its script, which only updates it without a reload.

mod actions;
mod acts;
mod chart;
mod code;
mod ledger;
mod objects;
mod requests;
mod start;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::basics::{Error, PROVIDERS};
use crate::http::html::Templates;
use crate::operation::ApiError;

const STYLE: &str = concat!(include_str!("../palette.css"), include_str!("templates/console.css"));
const SCRIPT: &str = include_str!("templates/console.js");
const TEMPLATES: [(&str, &str); 9] = [
    ("console.html", include_str!("templates/console.html")),
    ("requests.html", include_str!("templates/requests.html")),
    ("request_rows.html", include_str!("templates/request_rows.html")),
    ("codes.html", include_str!("templates/codes.html")),
    ("objects.html", include_str!("templates/objects.html")),
    ("ledger.html", include_str!("templates/ledger.html")),
    ("webhooks.html", include_str!("templates/webhooks.html")),
    ("faults.html", include_str!("templates/faults.html")),
    ("clock.html", include_str!("templates/clock.html")),
];

/// What the page needs.
struct Console {
    app: Arc<App>,
    templates: Templates,
}

pub(super) fn router<S: Clone + Send + Sync + 'static>(app: Arc<App>) -> Result<Router<S>, Error> {
    let templates = Templates::new(&TEMPLATES, STYLE, Some(SCRIPT))?;
    let console = Arc::new(Console { app, templates });
    let router = Router::new()
        .route("/_sandbox", get(|| async { Redirect::permanent("/_sandbox/") }))
        .route("/", get(|| async { Redirect::temporary("/_sandbox/") }))
        .merge(actions::router(&console));
    let router = TABS.into_iter().fold(router, |router, tab| {
        let page = move |State(console): State<Arc<Console>>, Query(asked): Query<Asked>| async move {
            show(&console, tab, &asked, None)
        };
        router.route(tab.path(), get(page))
    });
    Ok(router.with_state(console))
}

/// One view of the sandbox.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Requests,
    Objects,
    Ledger,
    Webhooks,
    Faults,
    Clock,
}

const TABS: [Tab; 6] =
    [Tab::Requests, Tab::Objects, Tab::Ledger, Tab::Webhooks, Tab::Faults, Tab::Clock];

impl Tab {
    fn path(self) -> &'static str {
        match self {
            Self::Requests => "/_sandbox/",
            Self::Objects => "/_sandbox/objects",
            Self::Ledger => "/_sandbox/ledger",
            Self::Webhooks => "/_sandbox/webhooks",
            Self::Faults => "/_sandbox/faults",
            Self::Clock => "/_sandbox/clock",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Objects => "Objects",
            Self::Ledger => "Ledger",
            Self::Webhooks => "Webhooks",
            Self::Faults => "Faults",
            Self::Clock => "Clock and state",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Requests => "requests.html",
            Self::Objects => "objects.html",
            Self::Ledger => "ledger.html",
            Self::Webhooks => "webhooks.html",
            Self::Faults => "faults.html",
            Self::Clock => "clock.html",
        }
    }
}

/// The query of a view.
#[derive(Default, Deserialize)]
struct Asked {
    /// `failed`: only requests that failed.
    #[serde(default)]
    only: String,
    /// `operation`: requests in groups.
    #[serde(default)]
    by: String,
    /// Ledger: an account, a payment, and whether accounts without a balance are shown.
    #[serde(default)]
    account: String,
    #[serde(default)]
    payment: String,
    #[serde(default)]
    settled: String,
    /// Words that a request must have.
    #[serde(default)]
    q: String,
    /// The key of a sentence of [`actions::DONE`].
    #[serde(default)]
    done: String,
}

/// Renders a view, with the error of the action before it, if any.
fn show(console: &Console, tab: Tab, asked: &Asked, error: Option<ApiError>) -> Response {
    let app = &console.app;
    // A view changes nothing itself; jobs that were due may have, and saving them may fail.
    let shown = app.transact(|tx| {
        Ok::<_, ApiError>(match tab {
            Tab::Requests => {
                json!({ "start": start::panel(app), "list": requests::view(app, asked) })
            }
            Tab::Objects => objects::view(tx),
            Tab::Ledger => ledger::view(tx, asked),
            Tab::Webhooks => webhooks::view(tx),
            Tab::Faults => faults(app),
            Tab::Clock => json!({
                "now": time(tx.now),
                "offset": app.clock.offset_seconds(),
                "ahead": ahead(app.clock.offset_seconds()),
            }),
        })
    });
    let tabs = TABS
        .map(|other| json!({ "path": other.path(), "title": other.title(), "here": other == tab }));
    let done = actions::DONE.iter().find(|(key, _)| *key == asked.done);
    let (shown, error) = match shown {
        Ok(shown) => (shown, error),
        Err(error) => (Value::Null, Some(error)),
    };
    let problem = error.as_ref().map(ApiError::text);
    let status = error.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    let context = json!({
        "title": tab.title(),
        "tabs": tabs,
        "base_url": app.base_url,
        "token": app.access.token.expose(),
        "user_id": app.identity.user_id,
        "developer_id": app.identity.developer_id,
        "done": done.map(|(_, sentence)| sentence),
        "problem": problem,
        "shown": shown,
    });
    console.templates.render(tab.template(), status, &context)
}

fn faults(app: &App) -> Value {
    let operations = PROVIDERS.iter().flat_map(|provider| {
        let own = provider.operations.iter();
        let own = own.map(|operation| format!("{}/{}", provider.name, operation.name));
        [format!("{}/*", provider.name)].into_iter().chain(own)
    });
    json!({ "faults": app.faults.all(), "operations": operations.collect::<Vec<_>>() })
}

/// A time for people, to the second.
fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// How far the clock is ahead, for a person to read.
fn ahead(seconds: i64) -> String {
    let parts = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut texts = Vec::new();
    for (size, unit) in parts {
        if left >= size {
            texts.push(format!("{} {unit}", left / size));
            left %= size;
        }
    }
    if texts.is_empty() { "not at all".to_owned() } else { texts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::ahead;

    #[test]
    fn a_distance_is_told_in_words() {
        assert_eq!(ahead(0), "not at all");
        assert_eq!(ahead(90_061), "1 d 1 h 1 min 1 s");
        assert_eq!(ahead(3600), "1 h");
    }
}
