//! Signing for HTTP clients of the user's own: as a `tower` layer over hyper, and as a middleware over reqwest.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use base64::Engine as _;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Extensions, Request, Response, StatusCode};
use http_body_util::{Empty, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use payglot::auth::{AuthLayer, AuthMiddleware, Authenticator, Credentials};
use payglot::schema::{Auth, ClientCredentials, Credential, Encoding, HmacScheme, Part, Provider};
use payglot::{EmptyBody, ErrorKind, paywint_platform};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use serde_json::Value;
use sha2::Sha256;
use support::Recorder;
use tower::{BoxError, ServiceBuilder, ServiceExt as _};

const SECRET: &str = "canary-kéy";

fn platform() -> Authenticator {
    paywint_platform::authenticator("canary-id", SECRET).unwrap()
}

/// Sends one request through a stack of `tower` with hyper at its end.
async fn send<B>(
    authenticator: Authenticator,
    request: Request<B>,
) -> Result<Response<Incoming>, BoxError>
where
    B: Body<Data: Send, Error: Into<BoxError>> + From<Bytes> + Send + Unpin + 'static,
{
    let http = Client::builder(TokioExecutor::new()).build_http();
    let stack = ServiceBuilder::new().layer(AuthLayer::new(authenticator)).service(http);
    stack.oneshot(request).await
}

/// A client of reqwest that sends what it is told and nothing else.
fn plain() -> reqwest::Client {
    // Built without a choice of its own, reqwest asks for the process's.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap()
}

/// A client of reqwest that signs last.
fn signing(http: &reqwest::Client, authenticator: Authenticator) -> ClientWithMiddleware {
    ClientBuilder::new(http.clone()).with(AuthMiddleware::new(authenticator)).build()
}

fn header<'a>(request: &'a payglot_contract::Request, name: &str) -> &'a str {
    let mut found = request.headers.iter().filter(|(known, _)| known == name);
    let (_, value) = found.next().unwrap_or_else(|| panic!("no header {name}"));
    assert_eq!(found.next(), None, "header {name} came twice");
    value
}

/// Most keys of the vectors are bytes that no credential can be, so this key signs what they say is signed.
#[tokio::test]
async fn every_vector_is_signed_as_it_leaves() {
    let http = plain();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/signing.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let server = Recorder::start();
    let mut with_their_key = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let bytes =
            |name: &str| base64::engine::general_purpose::STANDARD.decode(text(name)).unwrap();
        let empty_body = EmptyBody::from_name(text("empty_body")).unwrap();
        let target = format!("{}{}", text("path"), text("query"));
        let url = format!("{}{target}", server.url);

        let own_key = String::from_utf8(bytes("key_base64"))
            .ok()
            .filter(|key| paywint_platform::authenticator("id", key).is_ok());
        let (key, signature) = if let Some(key) = own_key {
            with_their_key += 1;
            (key, text("signature").to_owned())
        } else {
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(text("canonical").as_bytes());
            (SECRET.to_owned(), hex::encode(mac.finalize().into_bytes()))
        };
        let authenticator =
            || paywint_platform::authenticator("id", &key).unwrap().with_empty_body(empty_body);

        let request = Request::builder().method(text("method")).uri(&url);
        let body = Full::new(Bytes::from(bytes("body_base64")));
        send(authenticator(), request.body(body).unwrap()).await.unwrap();
        let arrived = server.next();
        assert_eq!(arrived.target, target);
        assert_eq!(header(&arrived, "x-signature"), signature, "tower: {}", text("name"));
        assert_eq!(header(&arrived, "x-platform-id"), "id");

        let method = text("method").parse().unwrap();
        let client = signing(&http, authenticator());
        client.request(method, &url).body(bytes("body_base64")).send().await.unwrap();
        let arrived = server.next();
        assert_eq!(arrived.target, target);
        assert_eq!(arrived.body, bytes("body_base64"));
        assert_eq!(header(&arrived, "x-signature"), signature, "reqwest: {}", text("name"));
    }
    assert!(with_their_key > 10, "{with_their_key}");
}

#[tokio::test]
async fn headers_that_authenticate_are_not_the_callers() {
    let http = plain();
    let server = Recorder::start();
    let forged = [("x-signature", "forged"), ("x-platform-id", "another"), ("x-mine", "kept")];
    let signature = |arrived: &payglot_contract::Request| {
        payglot_contract::signature(SECRET, arrived).expect("a key of any length signs")
    };

    let mut request = Request::get(format!("{}/p?a=1", server.url));
    let mut client = signing(&http, platform()).get(format!("{}/p?a=1", server.url));
    for (name, value) in forged {
        request = request.header(name, value).header(name, value);
        client = client.header(name, value);
    }
    let request = request.body(Full::<Bytes>::default()).unwrap();
    assert_eq!(send(platform(), request).await.unwrap().status(), StatusCode::OK);
    let arrived = server.next();
    assert_eq!(header(&arrived, "x-signature"), signature(&arrived));
    assert_eq!(header(&arrived, "x-platform-id"), "canary-id");
    assert_eq!(arrived.headers.iter().filter(|(name, _)| name == "x-mine").count(), 2);

    client.send().await.unwrap();
    let arrived = server.next();
    assert_eq!(header(&arrived, "x-signature"), signature(&arrived));
    assert_eq!(header(&arrived, "x-platform-id"), "canary-id");
    assert_eq!(header(&arrived, "x-mine"), "kept");
}

/// Issue 12.14: by the rule of the clients. Nothing listens where these lead: they are refused before anything is sent.
#[tokio::test]
async fn plain_http_to_another_machine_is_refused() {
    let http = plain();
    for url in
        ["http://example.com/p", "http://127.0.0.1.example.com/p", "http://user@10.0.0.1:8080/p"]
    {
        let request = Request::get(url).body(Full::<Bytes>::default()).unwrap();
        let error =
            send(platform(), request).await.unwrap_err().downcast::<payglot::Error>().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "tower: {url}");
        assert!(error.to_string().contains("allow_insecure_http"), "{error}");
        let error = signing(&http, platform()).get(url).send().await.unwrap_err();
        assert!(format!("{error:?}").contains("begins with http://"), "reqwest: {url}: {error:?}");
        let uri = url.parse().unwrap();
        assert!(platform().check_destination(&uri).is_err(), "{url}");
        assert!(platform().allow_insecure_http(true).check_destination(&uri).is_ok(), "{url}");
    }
    for url in [
        "https://example.com/p",
        "http://LOCALHOST/p",
        "http://[::1]:80/p",
        "http://127.8.0.1/p",
        "/p",
    ] {
        assert!(platform().check_destination(&url.parse().unwrap()).is_ok(), "{url}");
    }
}

/// A body that says how long it is and has nothing yet.
struct Waiting(SizeHint);

impl From<Bytes> for Waiting {
    fn from(_: Bytes) -> Self {
        panic!("a stream was read")
    }
}

impl Body for Waiting {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        self.0
    }
}

#[tokio::test]
async fn a_stream_is_refused_before_anything_is_sent() {
    let http = plain();
    let server = Recorder::start();
    for size in [SizeHint::new(), SizeHint::with_exact(3)] {
        let request = Request::post(&server.url).body(Waiting(size)).unwrap();
        let error = send(platform(), request).await.unwrap_err();
        let error = error.downcast::<payglot::Error>().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.argument(), Some("body"));
        assert!(error.message().contains("is a stream"), "{error}");
    }

    let stream = reqwest::Body::wrap(Waiting(SizeHint::with_exact(3)));
    let error = signing(&http, platform()).post(&server.url).body(stream).send().await.unwrap_err();
    assert!(error.is_middleware());
    assert!(error.to_string().contains("`body` is a stream"), "{error}");
    assert!(server.is_empty());

    // A type that could wait, but does not.
    let body = reqwest::Body::wrap(Empty::<Bytes>::new());
    send(platform(), Request::get(&server.url).body(body).unwrap()).await.unwrap();
    assert_eq!(server.next().method, "GET");
}

const fn provider(auth: Auth) -> Provider {
    Provider {
        name: "of-a-test",
        title: "Of a test",
        operations: &[],
        schemas: paywint_platform::PROVIDER.schemas,
        environments: &[],
        default_environment: None,
        base_url_env: "NO_SUCH_VARIABLE",
        base_path: "",
        credentials: &[Credential {
            name: "key",
            env: "NO_SUCH_VARIABLE",
            secret: true,
            optional: false,
        }],
        auth,
        envelope: None,
        paging: None,
        batch: None,
        webhooks: None,
    }
}

static WITH_NONCE: Provider = provider(Auth::Hmac(&HmacScheme {
    key: "key",
    canonical: &[Part::Nonce, Part::Path],
    separator: "",
    encoding: Encoding::Hex,
    empty_body: EmptyBody::Hash,
    headers: &[("x-nonce", "{nonce}"), ("x-signature", "{signature}")],
}));
static IN_QUERY: Provider = provider(Auth::Query("key", "key"));

static WITH_TOKEN: Provider = provider(Auth::ClientCredentials(&ClientCredentials {
    token_url: "/token",
    client_id: "key",
    client_secret: "key",
    scope: "",
    in_body: false,
}));

#[tokio::test]
async fn an_api_that_wants_a_token_is_refused_as_only_the_client_fetches_one() {
    let server = Recorder::start();
    let request = Request::get(&server.url).body(Full::new(Bytes::new())).unwrap();
    let error = send(authenticator_of(&WITH_TOKEN), request).await.unwrap_err();
    let error = error.downcast::<payglot::Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.argument(), Some("authentication"));
    assert!(error.message().contains("needs a token"), "{error}");
    let signing = signing(&plain(), authenticator_of(&WITH_TOKEN));
    let error = signing.get(&server.url).send().await.unwrap_err();
    assert!(error.is_middleware());
    assert!(error.to_string().contains("needs a token"), "{error}");
    assert!(server.is_empty());
}

fn authenticator_of(provider: &'static Provider) -> Authenticator {
    let mut credentials = Credentials::default();
    credentials.set("key", "a key");
    Authenticator::new(provider, credentials).unwrap()
}

/// Sends everything twice, as a retry does.
struct Twice;

#[async_trait::async_trait]
impl Middleware for Twice {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        next.clone().run(request.try_clone().unwrap(), extensions).await?;
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn each_attempt_is_signed_by_itself() {
    let server = Recorder::start();
    let signing = AuthMiddleware::new(authenticator_of(&WITH_NONCE));
    let client = ClientBuilder::new(plain()).with(Twice).with(signing).build();
    client.get(&server.url).send().await.unwrap();
    let (first, second) = (server.next(), server.next());
    assert_ne!(header(&first, "x-nonce"), header(&second, "x-nonce"));
    assert_ne!(header(&first, "x-signature"), header(&second, "x-signature"));
}

#[tokio::test]
async fn a_credential_of_the_query_is_added_to_it() {
    let http = plain();
    let server = Recorder::start();
    let url = format!("{}/p%20q?a=1", server.url);
    let request = Request::get(&url).body(Full::<Bytes>::default()).unwrap();
    send(authenticator_of(&IN_QUERY), request).await.unwrap();
    assert_eq!(server.next().target, "/p%20q?a=1&key=a+key");
    signing(&http, authenticator_of(&IN_QUERY)).get(&url).send().await.unwrap();
    assert_eq!(server.next().target, "/p%20q?a=1&key=a+key");
}

#[test]
fn credentials_are_checked_as_those_of_a_client() {
    let cases = [
        ("", SECRET, "`platform_id` is empty; pass the key"),
        ("id", "", "`secret_key` is empty; pass the key"),
        ("id", "canary\n", "`secret_key` has a control character in it"),
        (" canary", SECRET, "`platform_id` has white space around it"),
        ("cana\u{7}ry", SECRET, "a control character in it"),
        ("id", "\u{feff}canary", "`secret_key` has an invisible character in it"),
        ("can\u{200b}ary", SECRET, "`platform_id` has an invisible character in it"),
    ];
    for (id, secret, problem) in cases {
        let error = paywint_platform::authenticator(id, secret).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains(problem), "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn no_secret_is_shown() {
    let signed = Mutex::new(String::new());
    let service = ServiceBuilder::new().layer(AuthLayer::new(platform())).service_fn(
        async |request: Request<Full<Bytes>>| {
            *signed.lock().unwrap() = format!("{request:?}");
            Ok::<_, BoxError>(())
        },
    );
    let layer = format!("{:?} {:?}", AuthLayer::new(platform()), service.clone().map_err(drop));
    service.oneshot(Request::new(Full::default())).await.unwrap();
    let signed = signed.into_inner().unwrap();
    assert!(signed.contains("\"x-signature\": Sensitive"), "{signed}");
    let middleware = format!("{:?} {:?}", AuthMiddleware::new(platform()), platform());
    for shown in [layer, signed, middleware] {
        assert!(!shown.contains("canary"), "{shown}");
    }
}
