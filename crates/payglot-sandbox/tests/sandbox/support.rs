//! A client for tests: signs with the core's public function, and fills forms as a browser does.

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::FutureExt as _;
use payglot::EmptyBody;
use payglot::schema::{Operation, Provider};
use payglot_sandbox::{Builder, Sandbox};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

pub const STATIC_SIGNATURE: &str =
    "8b3cb99a4b8e24fc7e01d0db635e2e47b80818144fe51400c6c6ae3ecbc84f47";
/// A UUID that nothing has.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
pub const PURPOSE: &str = r#"{"card_purpose":"PAYMENT"}"#;

pub struct Api {
    pub sandbox: Sandbox,
    pub http: Client,
}

pub fn http() -> Client {
    static TLS: OnceLock<()> = OnceLock::new();
    TLS.get_or_init(|| {
        rustls::crypto::ring::default_provider().install_default().unwrap();
    });
    Client::builder().no_proxy().build().unwrap()
}

impl Api {
    pub async fn start() -> Self {
        Self::with(Sandbox::builder()).await
    }

    pub async fn with(builder: Builder) -> Self {
        Self { sandbox: builder.start().await.unwrap(), http: http() }
    }

    /// The signature of a request to `target`, which is a path and maybe a query.
    pub fn signature(
        &self,
        method: &str,
        target: &str,
        body: &str,
        empty_body: EmptyBody,
    ) -> String {
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let secret = self.sandbox.credentials().secret_key.expose();
        payglot::sign(secret.as_bytes(), method, path, query, body.as_bytes(), empty_body)
    }

    /// An unsigned request with the right platform id.
    pub fn request(&self, method: &str, target: &str, body: &str) -> RequestBuilder {
        let request = self
            .http
            .request(
                method.parse::<Method>().unwrap(),
                format!("{}{target}", self.sandbox.base_url()),
            )
            .header("X-Platform-ID", &self.sandbox.credentials().platform_id);
        if body.is_empty() {
            return request;
        }
        request.header("Content-Type", "application/json").body(body.to_owned())
    }

    /// A signed request.
    pub async fn call(&self, method: &str, target: &str, body: &str) -> (u16, Value) {
        let signature = self.signature(method, target, body, EmptyBody::Hash);
        json_of(self.request(method, target, body).header("X-Signature", signature)).await
    }

    /// Calls an operation by `provider/resource.method`; a body becomes the query where the method has none.
    pub fn operation(&self, name: &str, path: &[&str], body: &Value) -> RequestBuilder {
        let (provider, operation) = find(name);
        let mut path = path.iter();
        let segments = operation.path.split('/').map(|segment| {
            if segment.starts_with('{') { *path.next().expect(name) } else { segment }
        });
        let mut target = segments.collect::<Vec<_>>().join("/");
        let mut text = String::new();
        if operation.body.is_some() && !body.is_null() {
            text = body.to_string();
        } else if let Some(query) = body.as_object() {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            for (name, value) in query {
                pairs.append_pair(name, &value.as_str().map_or(value.to_string(), str::to_owned));
            }
            target = format!("{target}?{}", pairs.finish());
        }
        self.authentic(provider.name, operation.method, &target, &text)
    }

    /// A request with the provider's authentication.
    pub fn authentic(
        &self,
        provider: &str,
        method: &str,
        target: &str,
        body: &str,
    ) -> RequestBuilder {
        let credentials = self.sandbox.credentials();
        let request = self.request(method, target, body);
        match provider {
            "paywint-platform" => {
                let signature = self.signature(method, target, body, EmptyBody::Hash);
                request.header("X-Signature", signature)
            }
            "paywint-developer" => request
                .header("X-Api-Key", credentials.api_key.expose())
                .header("X-Api-Secret", credentials.api_secret.expose()),
            _ => request.bearer_auth(credentials.linora_api_key.expose()),
        }
    }

    /// Calls an operation.
    pub async fn op(&self, name: &str, path: &[&str], body: Value) -> (u16, Value) {
        json_of(self.operation(name, path, &body)).await
    }

    /// Calls an operation that must go well, and gives the payload.
    pub async fn ok(&self, name: &str, path: &[&str], body: Value) -> Value {
        let (status, response) = self.op(name, path, body).await;
        assert_eq!(status, 200, "{name}: {response}");
        let payload = response.get("data").or_else(|| response.get("records"));
        payload.cloned().unwrap_or(response)
    }

    /// Calls an operation that must respond with an error, and returns the status and the reason.
    pub async fn no(&self, name: &str, path: &[&str], body: Value) -> (u16, String) {
        let (status, response) = self.op(name, path, body).await;
        assert_ne!(status, 200, "{name}: {response}");
        let reason = response["detail"].as_str().or(response["detail"][0]["msg"].as_str());
        (status, reason.or(response["message"].as_str()).unwrap_or_default().to_owned())
    }

    /// A request to the sandbox's own interface.
    pub async fn admin(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = self.request(method, &format!("/_sandbox/api/{path}"), body);
        json_of(request.bearer_auth(self.sandbox.token().expose())).await
    }

    /// The log's last entry.
    pub async fn last_request(&self) -> Value {
        let (_, log) = self.admin("GET", "requests", "").await;
        log["requests"].as_array().unwrap().last().unwrap().clone()
    }

    pub fn user_path(&self, operation: &str) -> String {
        format!("/api/platform/card/{operation}/{}", self.sandbox.user_id())
    }

    pub async fn add_link(&self) -> String {
        let (status, response) =
            self.call("POST", &self.user_path("add/secure-link"), PURPOSE).await;
        assert_eq!(status, 200, "{response}");
        response["data"]["secure_link"].as_str().unwrap().to_owned()
    }

    pub async fn update_link(&self, card: &Value) -> String {
        let body = json!({ "card_id": card["card_id"], "card_purpose": "WITHDRAWAL" }).to_string();
        let (status, response) =
            self.call("POST", &self.user_path("update/secure-link"), &body).await;
        assert_eq!(status, 200, "{response}");
        response["data"]["secure_link"].as_str().unwrap().to_owned()
    }

    pub async fn cards(&self) -> Vec<Value> {
        let (status, response) = self.call("GET", &self.user_path("list"), "").await;
        assert_eq!(status, 200, "{response}");
        response["records"].as_array().unwrap().clone()
    }

    /// Adds a card with this number by its page, and returns it as the list shows it.
    pub async fn add_card(&self, number: &str) -> Value {
        let link = self.add_link().await;
        let (status, page) = self.submit(&link, &form(&[("card_number", number)])).await;
        assert_eq!(status, 200, "{page}");
        self.cards().await.pop().unwrap()
    }

    pub async fn open(&self, link: &str) -> (u16, String) {
        text_of(self.http.get(link)).await
    }

    /// Posts a form as a browser does.
    pub async fn submit(&self, link: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let content_type = "application/x-www-form-urlencoded";
        text_of(self.http.post(link).header("Content-Type", content_type).body(body)).await
    }

    pub fn advance_minutes(&self, minutes: u64) {
        // The call of a sandbox in this process waits for nothing.
        let advanced = self.sandbox.advance(Duration::from_secs(60 * minutes)).now_or_never();
        advanced.unwrap().unwrap();
    }
}

/// A filled card form, with some fields changed.
pub fn form<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("cardholder_name", "Ada Lovelace"),
        ("card_number", "4242 4242 4242 4242"),
        ("expiry", "12/99"),
        ("cvv", "737"),
        ("address", "1 Main St"),
        ("city", ""),
        ("state", ""),
        ("postal_code", "94105"),
        ("country", "US"),
    ];
    for (name, value) in changes {
        fields.iter_mut().find(|(field, _)| field == name).unwrap().1 = value;
    }
    fields
}

pub async fn json_of(request: RequestBuilder) -> (u16, Value) {
    let (status, text) = text_of(request).await;
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}")))
}

async fn text_of(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// A text that must be there.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub const PROVIDERS: [&Provider; 3] = [
    &payglot::paywint_platform::PROVIDER,
    &payglot::paywint_developer::PROVIDER,
    &payglot::linora::PROVIDER,
];

/// An operation by `provider/resource.method`.
pub fn find(name: &str) -> (&'static Provider, &'static Operation) {
    let (provider, operation) = name.split_once('/').expect(name);
    let provider = PROVIDERS.into_iter().find(|table| table.name == provider).expect(name);
    (provider, provider.operation(operation).expect(name))
}
