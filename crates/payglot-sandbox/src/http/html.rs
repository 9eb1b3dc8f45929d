//! Turns templates into pages that load nothing from elsewhere. Values are escaped by the template engine.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use minijinja::value::{Serde, Value};
use sha2::{Digest, Sha256};

use crate::basics::Error;

/// Templates, and the policy that browsers hold their pages to.
pub(crate) struct Templates {
    environment: Environment<'static>,
    security_policy: String,
    referrer_policy: &'static str,
}

impl Templates {
    /// `templates` by name: the ending switches HTML escaping on. They find the style and the script as
    /// `style` and `script`; the script, where there is one, may talk to the sandbox.
    pub fn new(
        templates: &[(&'static str, &'static str)],
        style: &'static str,
        script: Option<&'static str>,
    ) -> Result<Self, Error> {
        let mut environment = Environment::new();
        for (name, source) in templates {
            environment
                .add_template(name, source)
                .map_err(|error| Error::Template(error.to_string()))?;
        }
        environment.add_global("style", Value::from_safe_string(style.to_owned()));
        // Nothing is loaded from elsewhere (the icon is empty data, so that browsers request none); the one style
        // sheet and the one script are allowed by their hashes.
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
        let mut security_policy = format!(
            "default-src 'none'; style-src {}; img-src data:; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'",
            hash(style)
        );
        if let Some(script) = script {
            environment.add_global("script", Value::from_safe_string(script.to_owned()));
            security_policy.push_str("; connect-src 'self'; script-src ");
            security_policy.push_str(&hash(script));
        }
        // Without a `Referer` browsers send no `Origin` with a form either, and the page's own forms would look like
        // those of other sites.
        let referrer_policy = if script.is_some() { "same-origin" } else { "no-referrer" };
        Ok(Self { environment, security_policy, referrer_policy })
    }

    pub fn render(
        &self,
        template: &str,
        status: StatusCode,
        context: &serde_json::Value,
    ) -> Response {
        let page = self
            .environment
            .get_template(template)
            .and_then(|template| template.render(Serde(context)));
        let Ok(page) = page.inspect_err(|error| tracing::error!(%error, "a page is broken")) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        // The URL of a page may hold a secret: it must not reach a cache or another site.
        let headers = [
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, self.referrer_policy),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("content-security-policy"), self.security_policy.as_str()),
        ];
        (status, headers, Html(page)).into_response()
    }
}
