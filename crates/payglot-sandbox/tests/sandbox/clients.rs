//! The clients of the crate `payglot` over the sandbox: real signatures, real state.

use std::process::Command;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::rt::TokioExecutor;
use payglot::auth::{AuthLayer, AuthMiddleware, Authenticator};
use payglot::paywint_platform::{Client, types};
use payglot::schema::Provider;
use payglot::{ErrorKind, linora, paywint_developer, paywint_platform};
use payglot_sandbox::Sandbox;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tower::{ServiceBuilder, ServiceExt as _};

use crate::support::http;

fn client(sandbox: &Sandbox, secret: &str) -> Client {
    Client::builder()
        .credentials(&sandbox.credentials().platform_id, secret)
        .base_url(sandbox.base_url())
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_and_wrong_secrets_are_rejected() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.user_id();
    let secret = sandbox.credentials().secret_key.expose().to_owned();
    let body = types::PlatformCardAddLinkCreate::builder()
        .card_purpose(types::CardUsageType::Withdrawal)
        .build()
        .unwrap();

    let link = client(&sandbox, &secret).cards().create_add_link(user, &body).await.unwrap();
    assert!(link.secure_link.unwrap().starts_with(sandbox.base_url()));
    assert_eq!(client(&sandbox, &secret).cards().list(user).await.unwrap(), []);

    let error = client(&sandbox, "wrong").cards().create_add_link(user, &body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.to_string().contains("signature"), "{error}");

    let nobody = uuid::Uuid::nil();
    let error = client(&sandbox, &secret).cards().list(nobody).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_knows_the_other_schemes() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = paywint_developer::Client::builder()
        .credentials(sandbox.credentials().api_key.expose(), "wrong")
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    let error = client.wallets().get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn issue_15_2_each_response_names_its_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.paywint_platform().build().unwrap();
    let body = types::PlatformCardAddLinkCreate::builder()
        .card_purpose(types::CardUsageType::Payment)
        .build()
        .unwrap();
    let link = client.cards().create_add_link(sandbox.user_id(), &body).with_response().await;
    assert_eq!(link.unwrap().response.request_id().as_deref(), Some("req-1"));
    let error = client.cards().list(uuid::Uuid::nil()).await.unwrap_err();
    assert_eq!(error.request_id(), Some("req-2"));
}

/// Runs itself in a process with a proxy that is not there.
#[test]
fn issue_12_15_a_client_of_the_sandbox_goes_through_no_proxy() {
    const INNER: &str = "PAYGLOT_TEST_INNER";
    if std::env::var_os(INNER).is_some() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(async {
            let sandbox = Sandbox::start().await.unwrap();
            let wallet = sandbox.paywint_platform().build().unwrap();
            wallet.wallets().get(sandbox.user_id()).await.unwrap();
            let client = client(&sandbox, "wrong");
            let error = client.wallets().get(sandbox.user_id()).max_retries(0).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ApiConnection, "the proxy is tried");
        });
    }
    let name = "clients::issue_12_15_a_client_of_the_sandbox_goes_through_no_proxy";
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", name]).env(INNER, "1").env("NO_PROXY", "").env("no_proxy", "");
    let output = inner.env("http_proxy", "http://127.0.0.1:1").output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("1 passed"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_takes_the_requests_of_other_http_clients() {
    let sandbox = Sandbox::start().await.unwrap();
    let credentials = sandbox.credentials();
    let platform = || {
        let (id, secret) = (&credentials.platform_id, credentials.secret_key.expose());
        paywint_platform::authenticator(id, secret).unwrap()
    };
    let list = format!("{}/api/platform/users/list", sandbox.base_url());
    let page = r#"{"rows_per_page":10,"page_no":1}"#;

    let request = Request::post(&list).header("content-type", "application/json");
    let request = request.body(Full::<Bytes>::from(page)).unwrap();
    let hyper = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
    let stack = ServiceBuilder::new().layer(AuthLayer::new(platform())).service(hyper);
    assert_eq!(stack.oneshot(request).await.unwrap().status(), StatusCode::OK);

    let http = http();
    let signing = |authenticator: Authenticator| -> ClientWithMiddleware {
        ClientBuilder::new(http.clone()).with(AuthMiddleware::new(authenticator)).build()
    };

    let post = |client: ClientWithMiddleware| {
        client.post(&list).header("content-type", "application/json").body(page).send()
    };
    assert_eq!(post(signing(platform())).await.unwrap().status(), StatusCode::OK);
    let wrong = paywint_platform::authenticator(&credentials.platform_id, "wrong").unwrap();
    assert_eq!(post(signing(wrong)).await.unwrap().status(), StatusCode::UNAUTHORIZED);

    let get = |authenticator, operation: &payglot::schema::Operation| {
        signing(authenticator).get(format!("{}{}", sandbox.base_url(), operation.path)).send()
    };
    let operation = |provider: &Provider, name: &str| {
        provider.operations.iter().find(|known| known.name == name).unwrap()
    };
    let key = credentials.api_key.expose();
    let developer = paywint_developer::authenticator(key, credentials.api_secret.expose()).unwrap();
    let wallet = operation(&paywint_developer::PROVIDER, "wallets.get");
    assert_eq!(get(developer, wallet).await.unwrap().status(), StatusCode::OK);
    let bearer = linora::authenticator(credentials.linora_api_key.expose()).unwrap();
    let balance = operation(&linora::PROVIDER, "gift_cards.get_balance");
    assert_eq!(get(bearer, balance).await.unwrap().status(), StatusCode::OK);
}
