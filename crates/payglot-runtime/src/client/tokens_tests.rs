//! Tokens when one is fetched, and by whom.

use std::collections::BTreeMap;

use super::*;
use crate::client::journalled::ended;
use crate::client::{CallOptions, Core};
use crate::journal::Ended;
use crate::request::PreparedRequest;
use crate::schema::{Auth, Credential, Environment, Operation, Provider};
use crate::transport::{
    Delivery, ResponseBody, SendProgress, SharedTransport, Transport, TransportError,
    TransportErrorKind,
};
use crate::variables::Variables;

static READ: Operation = Operation { name: "things.read", ..Operation::DEFAULTS };
static PAY: Operation =
    Operation { name: "things.pay", replay: Replay::Money, ..Operation::DEFAULTS };

const fn credential(name: &'static str, secret: bool) -> Credential {
    Credential { name, env: "NO_SUCH_VARIABLE", secret, optional: false }
}

static PROVIDER: Provider = Provider {
    name: "test",
    title: "Test",
    operations: &[&READ, &PAY],
    schemas: &[],
    environments: &[
        Environment { name: "production", url: "https://api.example/v1" },
        Environment { name: "test", url: "https://test.example/v1" },
    ],
    default_environment: Some("production"),
    base_url_env: "NO_SUCH_VARIABLE",
    base_path: "",
    credentials: &[credential("id", false), credential("secret", true)],
    auth: Auth::ClientCredentials(&ClientCredentials {
        token_url: "https://login.example/token",
        client_id: "id",
        client_secret: "secret",
        scope: "",
        in_body: false,
    }),
    envelope: None,
    paging: None,
    batch: None,
    webhooks: None,
};

/// Gives numbered tokens, and notes where requests go and with what.
#[derive(Default)]
struct Vendor {
    arrived: Mutex<Vec<String>>,
    given: std::sync::atomic::AtomicU32,
    /// How long a token is waited for.
    wait: Duration,
    refuses_tokens: bool,
    is_away: bool,
    /// What it takes no more, as it stands in the header.
    revoked: Mutex<Vec<&'static str>>,
}

impl Transport for Arc<Vendor> {
    async fn send<'a>(
        &'a self,
        request: Request<Bytes>,
        progress: &'a SendProgress,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let host = request.uri().host().unwrap().to_owned();
        let shown = request.headers()[AUTHORIZATION].to_str().unwrap();
        self.arrived.lock().unwrap().push(format!("{host} {shown}"));
        let is_revoked = self.revoked.lock().unwrap().contains(&shown);
        if self.is_away {
            let kind = TransportErrorKind::Connect;
            return Err(TransportError::new(kind, Delivery::NotSent, "away"));
        }
        progress.sending();
        let (status, body) = if request.uri().path() == "/token" {
            tokio::time::sleep(self.wait).await;
            let number = 1 + self.given.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let body = format!(r#"{{"access_token":"t{number}","expires_in":3600}}"#);
            (if self.refuses_tokens { 401 } else { 200 }, body)
        } else {
            (200, "{}".to_owned())
        };
        let status = if is_revoked { 401 } else { status };
        let body = ResponseBody::new(http_body_util::Full::new(Bytes::from(body)));
        Ok(http::Response::builder().status(status).body(body).unwrap())
    }
}

fn client(vendor: &Arc<Vendor>, change: impl FnOnce(&mut Config)) -> Core {
    let mut config = Config::new(&PROVIDER);
    config.variables(Variables::given(BTreeMap::new()));
    config.credential("id", "i");
    config.credential("secret", "canary");
    config.transport(SharedTransport::new(vendor.clone()));
    change(&mut config);
    Core::new(config).unwrap()
}

async fn call(client: &Core, operation: &'static Operation) -> Result<(), Error> {
    let request = PreparedRequest::new(Method::GET, "/things".into(), None).unwrap();
    client.call(operation, &request, &CallOptions::default()).await.map(drop)
}

fn arrived(vendor: &Vendor) -> Vec<String> {
    std::mem::take(&mut *vendor.arrived.lock().unwrap())
}

#[tokio::test]
async fn a_token_that_is_due_is_renewed_before_the_call() {
    let vendor = Arc::new(Vendor::default());
    let client = client(&vendor, |_| ());
    call(&client, &PAY).await.unwrap();
    call(&client, &PAY).await.unwrap();
    assert_eq!(
        arrived(&vendor),
        ["login.example Basic aTpjYW5hcnk=", "api.example Bearer t1", "api.example Bearer t1"]
    );
    let hosts = client.0.hosts.current();
    let source = hosts.token_source(&[0]).unwrap();
    source.slot().as_mut().unwrap().renew_at = Some(Instant::now());
    call(&client, &PAY).await.unwrap();
    assert_eq!(arrived(&vendor), ["login.example Basic aTpjYW5hcnk=", "api.example Bearer t2"]);
}

/// Seconds after which a token with such an `expires_in` is due.
fn due_after(expires_in: &str) -> Option<u64> {
    let body = format!(r#"{{"access_token":"t","expires_in":{expires_in}}}"#).into_bytes();
    let response =
        BufferedResponse { status: 200, headers: HeaderMap::new(), body, document: None };
    let asked = Instant::now();
    let Ok(token) = read(response, asked) else { panic!("{expires_in}: no token") };
    assert!(!format!("{:?}", token.authorization).contains("Bearer"));
    let seconds = token.renew_at?.duration_since(asked).as_secs();
    assert!(token.is_due(asked + Duration::from_secs(seconds)));
    assert!(seconds == 0 || !token.is_due(asked + Duration::from_secs(seconds - 1)));
    Some(seconds)
}

#[test]
fn a_token_is_due_a_minute_or_a_tenth_of_its_life_before_it_runs_out() {
    for (expires_in, due) in [
        ("3600", Some(3540)),
        ("\"3600\"", Some(3540)),
        ("100", Some(90)),
        ("10.0", Some(9)),
        ("0", Some(0)),
        ("null", None),
        ("-1", None),
        ("\"soon\"", None),
    ] {
        assert_eq!(due_after(expires_in), due, "{expires_in}");
    }
}

#[tokio::test]
async fn calls_that_wait_share_one_fetch_also_when_it_fails() {
    for refuses_tokens in [false, true] {
        let wait = Duration::from_millis(60);
        let vendor = Arc::new(Vendor { wait, refuses_tokens, ..Vendor::default() });
        let client = client(&vendor, |_| ());
        let (a, b, c) =
            tokio::join!(call(&client, &READ), call(&client, &PAY), call(&client, &READ));
        for result in [a, b, c] {
            let kind = result.err().map(|error| {
                assert!(!error.may_have_happened(), "{error}");
                assert_eq!(error.status(), Some(401));
                let kind = error.kind();
                // Although there is a status: it is not that of the call.
                assert!(matches!(ended(&Err(error), None), Ended::NotSent));
                kind
            });
            assert_eq!(kind, refuses_tokens.then_some(ErrorKind::Authentication));
        }
        let all = arrived(&vendor);
        assert_eq!(all.iter().filter(|one| one.starts_with("login")).count(), 1, "{all:?}");
    }
}

#[tokio::test]
async fn a_fetch_that_is_given_up_leaves_its_turn_to_the_next() {
    let vendor = Arc::new(Vendor { wait: Duration::from_millis(60), ..Vendor::default() });
    let client = client(&vendor, |_| ());
    let given_up = tokio::time::timeout(Duration::from_millis(20), call(&client, &PAY));
    let (given_up, next) = tokio::join!(given_up, call(&client, &PAY));
    assert!(given_up.is_err());
    next.unwrap();
    assert_eq!(arrived(&vendor).iter().filter(|one| one.starts_with("api")).count(), 1);
}

#[tokio::test]
async fn where_no_host_gives_tokens_nothing_was_sent() {
    let vendor = Arc::new(Vendor { is_away: true, ..Vendor::default() });
    let error = call(&client(&vendor, |_| ()), &PAY).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ApiConnection);
    assert!(error.to_string().contains("the call was not sent"), "{error}");
    assert!(!error.may_have_happened() && error.nothing_was_sent());
    assert!(arrived(&vendor).iter().all(|one| one.starts_with("login")));
}

#[tokio::test]
async fn a_secret_goes_to_no_host_that_the_environment_does_not_name() {
    let vendor = Arc::new(Vendor::default());
    let other = client(&vendor, |config| config.environment("test"));
    let error = call(&other, &READ).await.unwrap_err();
    assert!(error.to_string().contains("pass `base_url`"), "{error}");
    assert!(arrived(&vendor).is_empty());
    let own = client(&vendor, |config| config.base_url("http://localhost:1/base"));
    call(&own, &READ).await.unwrap();
    assert!(arrived(&vendor).iter().all(|one| one.starts_with("localhost")));
}

#[test]
fn a_secret_goes_to_no_other_machine_as_plain_text() {
    const fn tokens(token_url: &'static str) -> ClientCredentials {
        ClientCredentials {
            token_url,
            client_id: "id",
            client_secret: "secret",
            scope: "",
            in_body: false,
        }
    }
    const fn of(tokens: &'static ClientCredentials) -> Provider {
        let auth = Auth::ClientCredentials(tokens);
        Provider { auth, envelope: None, paging: None, ..PROVIDER }
    }
    static FAR: ClientCredentials = tokens("http://login.example/token");
    static NEAR: ClientCredentials = tokens("http://127.0.0.1:1/token");
    static PLAIN: Provider = of(&FAR);
    static LOCAL: Provider = of(&NEAR);
    let client = |provider: &'static Provider, allow: bool| {
        let mut config = Config::new(provider);
        config.variables(Variables::given(BTreeMap::new()));
        config.credential("id", "i");
        config.credential("secret", "canary");
        config.allow_insecure_http(allow);
        Core::new(config).map(drop)
    };
    let error = client(&PLAIN, false).unwrap_err().to_string();
    assert!(error.contains("begins with http://") && !error.contains("canary"), "{error}");
    client(&PLAIN, true).unwrap();
    client(&LOCAL, false).unwrap();
}

#[tokio::test]
async fn other_accounts_and_children_of_a_fork_have_tokens_of_their_own() {
    let vendor = Arc::new(Vendor::default());
    let first = client(&vendor, |_| ());
    call(&first, &READ).await.unwrap();
    let other = first.with_credentials([("id", "o"), ("secret", "canary")]).unwrap();
    call(&other, &READ).await.unwrap();
    call(&first.reconnect_after_fork(), &READ).await.unwrap();
    assert_eq!(
        arrived(&vendor),
        [
            "login.example Basic aTpjYW5hcnk=",
            "api.example Bearer t1",
            "login.example Basic bzpjYW5hcnk=",
            "api.example Bearer t2",
            "login.example Basic aTpjYW5hcnk=",
            "api.example Bearer t3",
        ]
    );
}

/// Its secret is `canary` when it is read for the first time, and `other` from then on.
fn rotated(vendor: &Arc<Vendor>) -> Core {
    let reads = std::sync::atomic::AtomicU32::new(0);
    let read = move || -> Result<String, std::io::Error> {
        let is_first = reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        Ok(if is_first { "canary" } else { "other" }.to_owned())
    };
    let secret = crate::auth::Credential::function(read);
    client(vendor, |config| config.credential("secret", secret))
}

const FIRST_SECRET: &str = "login.example Basic aTpjYW5hcnk=";
const OTHER_SECRET: &str = "login.example Basic aTpvdGhlcg==";

#[tokio::test]
async fn after_a_rotation_no_call_has_the_token_of_the_secret_before() {
    let vendor = Arc::new(Vendor::default());
    let first = rotated(&vendor);
    let sharing = first.with_credentials_of(&first);
    for client in [&first, &sharing] {
        call(client, &PAY).await.unwrap();
    }
    first.rotate().await.unwrap();
    for client in [&first, &sharing, &first] {
        call(client, &PAY).await.unwrap();
    }
    first.rotate_to([("secret", "canary".into())]).await.unwrap();
    call(&first, &PAY).await.unwrap();
    assert_eq!(
        arrived(&vendor),
        [
            FIRST_SECRET,
            "api.example Bearer t1",
            FIRST_SECRET,
            "api.example Bearer t2",
            OTHER_SECRET,
            "api.example Bearer t3",
            OTHER_SECRET,
            "api.example Bearer t4",
            "api.example Bearer t3",
            FIRST_SECRET,
            "api.example Bearer t5",
        ]
    );
}

#[tokio::test]
async fn a_token_that_is_fetched_during_a_rotation_is_for_the_calls_before_it_alone() {
    let vendor = Arc::new(Vendor { wait: Duration::from_millis(60), ..Vendor::default() });
    let client = rotated(&vendor);
    let earlier = async { call(&client, &PAY).await.unwrap() };
    let later = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        client.rotate().await.unwrap();
        call(&client, &PAY).await.unwrap();
        call(&client, &PAY).await.unwrap();
    };
    tokio::join!(earlier, later);
    assert_eq!(
        arrived(&vendor),
        [
            FIRST_SECRET,
            OTHER_SECRET,
            "api.example Bearer t1",
            "api.example Bearer t2",
            "api.example Bearer t2",
        ]
    );
}

#[tokio::test]
async fn a_secret_that_the_vendor_takes_no_more_is_read_again() {
    for operation in [&READ, &PAY] {
        let vendor = Arc::new(Vendor::default());
        let client = rotated(&vendor);
        call(&client, operation).await.unwrap();
        vendor.revoked.lock().unwrap().extend(["Bearer t1", "Basic aTpjYW5hcnk="]);
        let again = call(&client, operation).await;
        // Money that arrived is never sent again, whatever the vendor says of it.
        assert_eq!(again.is_ok(), operation.replay == Replay::Read);
        call(&client, operation).await.unwrap();
        let all = arrived(&vendor);
        let expected: &[&str] = match operation.replay {
            Replay::Read => &[
                "api.example Bearer t1",
                FIRST_SECRET,
                OTHER_SECRET,
                "api.example Bearer t3",
                "api.example Bearer t3",
            ],
            _ => &["api.example Bearer t1", OTHER_SECRET, "api.example Bearer t2"],
        };
        assert_eq!(all[..2], [FIRST_SECRET, "api.example Bearer t1"]);
        assert_eq!(all[2..], *expected);
    }
}

#[tokio::test]
async fn where_the_secret_is_refused_before_anything_was_sent_money_goes_out_with_the_other() {
    let vendor = Arc::new(Vendor::default());
    let client = rotated(&vendor);
    vendor.revoked.lock().unwrap().push("Basic aTpjYW5hcnk=");
    call(&client, &PAY).await.unwrap();
    assert_eq!(arrived(&vendor), [FIRST_SECRET, OTHER_SECRET, "api.example Bearer t2"]);
}
