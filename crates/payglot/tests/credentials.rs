//! Credentials that a file or a function gives, read again after a 401 and by `rotate` (issue 16).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use payglot::linora::{Client, ClientBuilder};
use payglot::runtime::client::{CallOptions, Config, Core};
use payglot::runtime::variables::Variables;
use payglot::{Credential, Error, ErrorKind};
use support::{Server, Step};

const DATA: &str = r#"{"success":true,"data":[]}"#;

fn step(status: u16) -> Step {
    Step::Answer(status, &[], DATA.to_owned())
}

fn client(server: &Server, key: impl Into<Credential>) -> ClientBuilder {
    Client::builder().credentials(key).base_url(server.url.clone()).max_retries(0)
}

/// Gives `key-1`, then `key-2`, and so on.
fn counting() -> (Credential, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let of_function = calls.clone();
    let next = move || {
        let call = of_function.fetch_add(1, Ordering::SeqCst) + 1;
        Ok::<_, Error>(format!("key-{call}"))
    };
    (Credential::function(next), calls)
}

fn keys(server: &Server) -> Vec<String> {
    let received = server.received();
    received.iter().map(|request| request.header("authorization").unwrap().to_owned()).collect()
}

/// A read, and a call that moves money.
async fn read(client: &Client) -> Result<(), Error> {
    client.request("GET", "/cards").replay(payglot::schema::Replay::Read).await.map(drop)
}

async fn pay(client: &Client) -> Result<(), Error> {
    client.request("POST", "/cards").await.map(drop)
}

#[tokio::test]
async fn a_read_whose_key_was_refused_goes_out_once_more_with_another() {
    let server = Server::start(vec![step(200), step(401), step(200), step(401), step(401)]);
    let (key, calls) = counting();
    let client = client(&server, key).build().unwrap();
    for _ in 0..2 {
        read(&client).await.unwrap();
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    // Once, not for ever.
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Authentication);
    let sent = ["key-1", "key-1", "key-2", "key-2", "key-3"].map(|key| format!("Bearer {key}"));
    assert_eq!(keys(&server), sent);
}

#[tokio::test]
async fn money_is_not_sent_again_and_the_next_call_has_the_new_key() {
    let server = Server::start(vec![step(401), step(200)]);
    let (key, _) = counting();
    let client = client(&server, key).build().unwrap();
    let error = pay(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_happened()), (ErrorKind::Authentication, false));
    pay(&client).await.unwrap();
    assert_eq!(keys(&server), ["Bearer key-1", "Bearer key-2"]);
}

#[tokio::test]
async fn what_did_not_change_is_not_tried_again() {
    let server = Server::start(vec![step(401), step(401), step(200)]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "key-1\n").unwrap();
    let client = client(&server, Credential::file(file.path())).build().unwrap();
    assert_eq!(read(&client).await.unwrap_err().status(), Some(401));
    std::fs::write(file.path(), "key-2\r\n").unwrap();
    read(&client).await.unwrap();
    assert_eq!(keys(&server), ["Bearer key-1", "Bearer key-1", "Bearer key-2"]);
    // A fixed key is not read again.
    let server = Server::start(vec![step(401)]);
    let fixed = Client::builder().credentials("key").base_url(&server.url).build().unwrap();
    assert_eq!(read(&fixed).await.unwrap_err().status(), Some(401));
}

#[tokio::test]
async fn what_cannot_be_read_again_is_said_with_the_vendors_response() {
    let server = Server::start(vec![step(401), step(200)]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "canary-1").unwrap();
    let client = client(&server, Credential::file(file.path())).build().unwrap();
    std::fs::write(file.path(), "canary-2 ").unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Authentication, Some(401)));
    assert!(error.message().contains("`api_key` has white space around it"), "{error}");
    assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
    // The key of before is still there.
    read(&client).await.unwrap();
    assert_eq!(keys(&server), ["Bearer canary-1", "Bearer canary-1"]);
}

#[tokio::test]
async fn rotate_reads_again_for_all_clients_that_share_the_key() {
    let server = Server::start((0..5).map(|_| step(200)).collect());
    let (key, _) = counting();
    let client = client(&server, key).build().unwrap();
    let derived = client.with_options(&payglot::ClientDefaults::default()).unwrap();
    let other = client.with_credentials("other").unwrap();
    client.rotate().await.unwrap();
    for client in [&client, &derived, &other] {
        read(client).await.unwrap();
    }
    derived.rotate_to([("api_key", "given".into())]).await.unwrap();
    read(&client).await.unwrap();
    let error = client.rotate_to([("api_key", "spoilt ".into())]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    read(&client).await.unwrap();
    let sent = ["key-2", "key-2", "other", "given", "given"].map(|key| format!("Bearer {key}"));
    assert_eq!(keys(&server), sent);
    assert!(client.rotate().await.unwrap_err().message().contains("nothing to read again"));
    let error = client.rotate_to([("secret", "x".into())]).await.unwrap_err();
    assert_eq!(error.argument(), Some("secret"));
}

#[tokio::test]
async fn a_call_in_flight_ends_with_the_key_that_it_began_with() {
    let server = Server::start(vec![step(503), step(200), step(200)]);
    let core = Client::builder().credentials("old").base_url(&server.url).build().unwrap();
    let call = tokio::spawn({
        let client = core.clone();
        async move { read(&client).await }
    });
    // The first attempt has failed, and the second waits.
    while server.received().is_empty() {
        tokio::task::yield_now().await;
    }
    core.rotate_to([("api_key", "new".into())]).await.unwrap();
    call.await.unwrap().unwrap();
    read(&core).await.unwrap();
    assert_eq!(keys(&server), ["Bearer old", "Bearer new"]);
}

#[tokio::test]
async fn a_future_is_awaited_by_the_first_call() {
    let server = Server::start(vec![step(200), step(200)]);
    let calls = Arc::new(AtomicUsize::new(0));
    let of_function = calls.clone();
    let key = Credential::awaited(move || {
        let call = of_function.fetch_add(1, Ordering::SeqCst);
        async move { if call == 0 { Err("no vault") } else { Ok("awaited".to_owned()) } }
    });
    let client = client(&server, key).build().unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    let error = pay(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_happened()), (ErrorKind::Configuration, false));
    assert!(error.message().contains("`api_key` could not be read from its function"), "{error}");
    assert!(server.received().is_empty());
    for _ in 0..2 {
        pay(&client).await.unwrap();
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(keys(&server), ["Bearer awaited", "Bearer awaited"]);
}

#[tokio::test]
async fn a_public_credential_is_known_from_the_first_and_stays() {
    let id = Credential::awaited(|| async { Ok::<_, Error>("platform".to_owned()) });
    let builder = || payglot::paywint_platform::Client::builder();
    let error = builder().credentials(id, "secret").build().unwrap_err();
    assert!(error.message().contains("`platform_id` is public"), "{error}");
    let (id, _) = counting();
    let client = builder().credentials(id, "secret").build().unwrap();
    assert_eq!(client.core().account(), "key-1");
    let error = client.rotate().await.unwrap_err();
    assert!(error.message().contains("is another account's now"), "{error}");
    assert_eq!(client.core().account(), "key-1");
}

#[test]
fn a_function_that_fails_is_a_configuration_error_that_names_the_credential() {
    let failing = Credential::function(|| Err::<String, _>("canary"));
    let error = Client::builder().credentials(failing).base_url("http://localhost").build();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("`api_key` could not be read from its function"), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

/// A client that sees these variables alone.
fn seeing(variables: &[(&str, &str)]) -> Result<Core, Error> {
    let mut config = Config::new(payglot::providers::find("linora").unwrap());
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned().into());
    config.variables(Variables::given(variables.iter().map(owned).collect()));
    Core::new(config)
}

#[tokio::test]
async fn each_variable_may_name_a_file_instead() {
    let server = Server::start(vec![step(401), step(200)]);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (key, url) = (path("key", "one\n"), path("url", &format!("{}\n", server.url)));
    let files = [("LINORA_API_KEY_FILE", &*key), ("LINORA_BASE_URL_FILE", &*url)];
    let core = seeing(&files).unwrap();
    path("key", "two");
    let options = CallOptions::default();
    let replay = payglot::schema::Replay::Read;
    core.request("GET", "/cards", &[], None, replay, &options).await.unwrap();
    assert_eq!(keys(&server), ["Bearer one", "Bearer two"]);
    let names: Vec<String> = Variables::names(core.provider()).collect();
    assert!(files.iter().all(|(name, _)| names.iter().any(|known| known == name)), "{names:?}");

    let refused = |more: &[(&str, &str)], words: &str| {
        let error = seeing(&[&files[..], more].concat()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains(words), "{error}");
        assert!(!error.message().contains("canary"), "{error}");
    };
    refused(
        &[("LINORA_API_KEY", "canary")],
        "`api_key` is in both LINORA_API_KEY and LINORA_API_KEY_FILE",
    );
    refused(&[("LINORA_BASE_URL", "http://canary")], "`base_url` is in both");
    // A secret that stands where a path should be is not shown.
    refused(
        &[("LINORA_API_KEY_FILE", "canary")],
        "LINORA_API_KEY_FILE names: there is no such file",
    );
    let long = path("long", &"x".repeat(70_000));
    refused(&[("LINORA_API_KEY_FILE", &long)], "more than 64 KiB");
    let spoilt = path("spoilt", "canary \n");
    refused(&[("LINORA_API_KEY_FILE", &spoilt)], "has white space around it");
}
