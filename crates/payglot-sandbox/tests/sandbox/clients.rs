//! The clients of the crate `payglot` over the sandbox: real signatures, real state.

use payglot::paywint_platform::{Client, types};
use payglot::{ErrorKind, paywint_developer};
use payglot_sandbox::Sandbox;

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
