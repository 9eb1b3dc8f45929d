//! What became of a call, looked up (issue 13): every operation that has a look-up, against the sandbox.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::borrow::Cow;
use std::time::Duration;

use payglot::runtime::client::{CallOptions, Core};
use payglot::runtime::json::{FloatMoney, Value as CallValue};
use payglot::runtime::lookup::LookedUp;
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, Provider, Replay};
use payglot::{Error, ErrorKind};
use payglot_journal::{Intent, Journal, ResolveError, Resolved, State};
use payglot_sandbox::Sandbox;
use payglot_sandbox::api::{AddFaultOptions, BusinessDecision, Decision, FaultKind};
use serde_json::{Value, json};

/// Calls of which the vendor takes no second with the same arguments.
const UNIQUE: [&str; 3] = ["users.create", "pw_bank_accounts.open", "kyb.submit"];

/// A sandbox in which one operation can be called, and a client with a journal of its own.
struct Setup {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
    journal: Journal,
    core: Core,
    operation: &'static Operation,
    path: Vec<String>,
    params: Value,
    /// What the look-up asks for.
    given: Vec<(&'static str, String)>,
}

impl Setup {
    async fn of(provider: &'static Provider, operation: &'static Operation) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().join("journal.db").to_str().unwrap()).unwrap();
        let core = core(&sandbox, provider.name, &journal, false);
        let (path, params) = (Vec::new(), Value::Null);
        let given = Vec::new();
        let mut world = Self { sandbox, folder, journal, core, operation, path, params, given };
        (world.path, world.params) = world.arguments().await;
        if operation.name == "payments.create" {
            // The payee is a user of the platform: the one of the email.
            let payee = json!({"name": "Ada Byron", "email": "ada@example.com"});
            let payee = world.make("users.create", &[], payee).await;
            world.given = vec![("user_id", payee["user_id"].as_str().unwrap().to_owned())];
        }
        world
    }

    /// What the operation is called with, and all that it needs.
    async fn arguments(&self) -> (Vec<String>, Value) {
        let user = self.sandbox.user_id().to_string();
        let address = json!({
            "first_name": "Ada", "last_name": "Byron", "address_line_1": "12 Main Street", "city": "Austin",
            "state": "TX", "zipcode": "78701", "country": "US",
        });
        let with = |mut params: Value, name: &str, value: &str| {
            params[name] = json!(value);
            params
        };
        let person = json!({"name": "Ada Byron", "email": "ada@example.com"});
        match (self.core.provider().name, self.operation.name) {
            ("paywint-platform", "users.create") | ("paywint-developer", "payees.create") => {
                (vec![], person)
            }
            ("paywint-platform", "kyb.submit") => {
                self.sandbox.kyc(&user, Decision::Approved).await.unwrap();
                let document = "https://example.com/a.pdf";
                let business = json!({
                    "business_name": "Ada Ltd", "business_phone": "5125550100", "address": "12 Main Street",
                    "city": "Austin", "state": "TX", "zip": "78701", "country": "US", "mcc": "5734",
                    "entity_type": "LLC", "formation_date": "2020-01-31", "ein": "123456789",
                    "document_1": document, "document_2": document,
                });
                (vec![user], business)
            }
            ("paywint-platform", "withdrawals.transfer_from_pw_bank") => {
                self.sandbox.kyc(&user, Decision::Approved).await.unwrap();
                let opened = json!({"bank_nick_name": "Savings"});
                let opened = self.make("pw_bank_accounts.open", &[&user], opened).await;
                let bank = opened["pw_bank_id"].as_str().unwrap().to_owned();
                self.sandbox.fund(&bank, "100").await.unwrap();
                // The first listing begins the vendor's own copy.
                let page = json!({"pw_bank_id": bank, "page_no": 1, "rows_per_page": 10});
                self.make("pw_bank_accounts.list_transactions", &[&user], page).await;
                self.sandbox.advance(Duration::from_secs(61)).await.unwrap();
                let params =
                    json!({"amount": 10.10, "from_bank_id": bank, "destination": "WALLET"});
                (vec![user], params)
            }
            ("paywint-platform", "payments.create") => {
                self.sandbox.fund(&user, "500").await.unwrap();
                let payee = self.make("payees.create", &[&user], person).await;
                let payment = json!({
                    "user_id": user, "payee_id": payee["payee_id"], "amount": 10.10, "payment_method": "WALLET",
                    "receiving_method": "WALLET", "invoice_no": "INV-1",
                });
                (vec![], payment)
            }
            ("paywint-platform", "pw_bank_accounts.open") => {
                self.sandbox.kyc(&user, Decision::Approved).await.unwrap();
                self.sandbox.kyb(&user, BusinessDecision::Approved).await.ok();
                (vec![user], json!({"bank_nick_name": "Savings"}))
            }
            ("paywint-platform", "payee_addresses.create") => {
                let payee = self.make("payees.create", &[&user], person).await;
                (vec![user], with(address, "payee_id", payee["payee_id"].as_str().unwrap()))
            }
            ("paywint-developer", "payee_addresses.create") => {
                let payee = self.make("payees.create", &[], person).await;
                (vec![], with(address, "payee_id", payee["payee_id"].as_str().unwrap()))
            }
            ("paywint-developer", "paywint_cards.issue") => {
                let payee = self.make("payees.create", &[], person).await;
                let payee = payee["payee_id"].as_str().unwrap().to_owned();
                let mut address = with(address, "payee_id", &payee);
                address["is_default"] = json!(true);
                self.make("payee_addresses.create", &[], address).await;
                self.sandbox.fund(self.sandbox.developer_id(), "100").await.unwrap();
                (vec![], json!({"payee_id": payee, "amount": 10.10, "card_nick_name": "Travel"}))
            }
            ("linora", name) => {
                let user = self.make("users.create", &[], json!({})).await;
                let user = user["userId"].as_str().unwrap().to_owned();
                self.sandbox.fund(&user, "200").await.unwrap();
                let card = json!({"cardName": "Travel", "initialBalance": 10});
                match name {
                    "cards.create" => (vec![user], card),
                    "cards.top_up" => {
                        let card = self.make("cards.create", &[&user], card).await;
                        let card = card["cardId"].as_str().unwrap().to_owned();
                        (vec![card], json!({"amount": 10.50}))
                    }
                    other => panic!("{other} has a look-up and no arguments here"),
                }
            }
            (_, other) => panic!("{other} has a look-up and no arguments here"),
        }
    }

    /// Another operation, which is no part of the test.
    async fn make(&self, name: &str, path: &[&str], params: Value) -> Value {
        let mut operations = self.core.provider().operations.iter();
        let operation = operations.find(|known| known.name == name).unwrap();
        let path: Vec<String> = path.iter().map(|&text| text.to_owned()).collect();
        call(&self.core, operation, &path, &params, None).await.unwrap()
    }

    /// The call under an intent, with a fault of the network around it.
    async fn send(&self, intent: &str, fault: Option<FaultKind>) -> Result<Value, Error> {
        if let Some(fault) = fault {
            let name = format!("{}/{}", self.core.provider().name, self.operation.name);
            let options = AddFaultOptions::default();
            self.sandbox.add_fault(&name, fault, &options).await.unwrap();
        }
        call(&self.core, self.operation, &self.path, &self.params, Some(intent)).await
    }

    /// Leaves the intent unknown, and the call carried out or not.
    async fn lose(&self, intent: &str, is_done: bool) {
        let fault = if is_done { FaultKind::ResetAfterCommit } else { FaultKind::ResetBefore };
        let error = self.send(intent, Some(fault)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    }

    /// As if it had all been an hour and a half ago; the vendor's records are younger than that, and what takes time at the
    /// vendor is done.
    async fn settle(&self) {
        self.sandbox.advance(Duration::from_secs(600)).await.unwrap();
        let file = rusqlite::Connection::open(self.folder.path().join("journal.db")).unwrap();
        let earlier = "UPDATE payglot_intent SET created_at = created_at - 5400000, updated_at = updated_at - 5400000";
        assert!(file.execute(earlier, []).unwrap() > 0);
    }

    async fn intent(&self, name: &str) -> Intent {
        self.journal.get(name).await.unwrap().unwrap()
    }

    async fn resolve(&self, name: &str) -> Resolved {
        let key = self.intent(name).await.key;
        let given: Vec<_> =
            self.given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.journal.resolve(&self.core, &key, &given, &CallOptions::default()).await.unwrap()
    }

    async fn refused(&self, name: &str, core: &Core) -> String {
        let key = self.intent(name).await.key;
        let result = self.journal.resolve(core, &key, &[], &CallOptions::default()).await;
        let Err(ResolveError::Journal(error)) = result else { panic!("{result:?}") };
        error.to_string()
    }
}

fn core(sandbox: &Sandbox, provider: &str, journal: &Journal, tag: bool) -> Core {
    macro_rules! core {
        ($builder:expr) => {
            $builder.journal(journal).require_intent(false).tag(tag).build().unwrap().core().clone()
        };
    }
    match provider {
        "linora" => core!(sandbox.linora()),
        "paywint-developer" => core!(sandbox.paywint_developer()),
        _ => core!(sandbox.paywint_platform()),
    }
}

async fn call(
    core: &Core,
    operation: &'static Operation,
    path: &[String],
    params: &Value,
    intent: Option<&str>,
) -> Result<Value, Error> {
    let path: Vec<Cow<'_, str>> = path.iter().map(|text| text.as_str().into()).collect();
    let text = params.to_string();
    let Some(CallValue::Object(params)) = CallValue::from_json(&text).map(CallValue::exact) else {
        panic!()
    };
    let request = prepare(operation, &path, &params, FloatMoney::Refuse)?;
    let intent = intent.map(str::to_owned);
    let options = CallOptions { intent, max_retries: Some(0), ..CallOptions::default() };
    let response = core.call(operation, &request, &options).await?;
    let payload = response.payload().map_or("null", |payload| payload.json());
    Ok(serde_json::from_str(payload).unwrap())
}

/// Every operation that has a look-up.
fn looked_up() -> impl Iterator<Item = (&'static Provider, &'static Operation)> {
    let all = payglot::providers::ALL.iter().copied();
    let all = all.flat_map(|provider| provider.operations.iter().map(move |one| (provider, *one)));
    all.filter(|(_, operation)| operation.lookup.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_found_and_never_sent_again() {
    let mut found = 0;
    for (provider, operation) in looked_up() {
        let world = Setup::of(provider, operation).await;
        let name = operation.name;
        world.lose("lost", true).await;
        let early = world.resolve("lost").await;
        let LookedUp::TooEarly(left) = early.looked_up else { panic!("{name}: {early:?}") };
        let settles = Duration::from_secs(operation.lookup.unwrap().settles_after.into());
        assert!(left <= settles && left + Duration::from_secs(20) > settles, "{name}: {left:?}");
        assert_eq!(early.intent.state, State::Unknown);

        world.settle().await;
        let resolved = world.resolve("lost").await;
        if operation.lookup.unwrap().presence_proves {
            found += 1;
            assert!(matches!(resolved.looked_up, LookedUp::Found(_)), "{name}: {resolved:?}");
            assert_eq!(resolved.intent.state, State::Succeeded, "{name}");
            let log = world.journal.log(&resolved.intent.key).await.unwrap();
            assert_eq!(log.last().unwrap().by, "look-up");
            // The same intent again is the response of the call, as far as the list has it.
            let replayed = world.send("lost", None).await.unwrap();
            for (field, _) in operation.lookup.unwrap().record {
                let given = &world.params[*field];
                assert!(given.is_null() || replayed[field] == *given, "{name}: {field} {replayed}");
            }
            let id = operation.lookup.unwrap().id.unwrap();
            assert!(replayed[id].is_string(), "{name}: {replayed}");
        } else {
            let LookedUp::Ambiguous(candidates) = &resolved.looked_up else {
                panic!("{name}: {resolved:?}")
            };
            assert_eq!(candidates.len(), 1, "{name}: {candidates:?}");
            assert_eq!(resolved.intent.state, State::Unknown, "{name}");
            assert_eq!(resolved.advice, operation.reconcile);
        }
    }
    assert!(found >= 5, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_done_is_released_only_where_that_is_proven_and_moves_no_money() {
    let mut released = 0;
    for (provider, operation) in looked_up() {
        let world = Setup::of(provider, operation).await;
        let name = operation.name;
        world.lose("lost", false).await;
        world.settle().await;
        let resolved = world.resolve("lost").await;
        let proves_absence = operation.lookup.unwrap().absence_proves;
        assert_eq!(resolved.looked_up, LookedUp::NotFound { proves_absence }, "{name}");
        if proves_absence && operation.replay == Replay::Create {
            released += 1;
            assert_eq!(resolved.intent.state, State::Released, "{name}");
            world.send("lost", None).await.unwrap();
            assert_eq!(world.intent("lost").await.state, State::Succeeded, "{name}");
        } else {
            assert_eq!(resolved.intent.state, State::Unknown, "{name}");
            let error = world.send("lost", None).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{name}");
        }
    }
    assert!(released >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_are_alike_are_not_told_apart() {
    for (provider, operation) in looked_up() {
        let name = operation.name;
        if UNIQUE.contains(&name) {
            continue;
        }
        let world = Setup::of(provider, operation).await;
        world.lose("one", true).await;
        world.lose("two", false).await;
        world.settle().await;
        let resolved = world.resolve("one").await;
        let LookedUp::Ambiguous(candidates) = &resolved.looked_up else {
            panic!("{name}: {resolved:?}")
        };
        // One record, and either intent may have made it.
        assert_eq!((candidates.len(), resolved.intent.state), (1, State::Unknown), "{name}");

        let world = Setup::of(provider, operation).await;
        world.lose("one", true).await;
        world.lose("two", true).await;
        world.settle().await;
        let resolved = world.resolve("one").await;
        let LookedUp::Ambiguous(candidates) = &resolved.looked_up else {
            panic!("{name}: {resolved:?}")
        };
        assert_eq!((candidates.len(), resolved.intent.state), (2, State::Unknown), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_carries_its_reference_is_told_apart_from_all_others() {
    let carried = |operation: &Operation| {
        let tag = operation.tag?;
        operation.lookup?.matched.iter().any(|(_, from)| *from == tag).then_some(tag)
    };
    let mut told = Vec::new();
    for (provider, operation) in looked_up() {
        let (name, Some(tag)) = (operation.name, carried(operation)) else { continue };
        let mut world = Setup::of(provider, operation).await;
        // What was done without an intent, under another, and under this one.
        call(&world.core, operation, &world.path, &world.params, None).await.unwrap();
        world.core = core(&world.sandbox, provider.name, &world.journal, true);
        let field = operation.body.unwrap().fields.iter().find(|field| field.wire == tag);
        // Left free: out, or empty where it has to be there.
        if field.unwrap().required {
            world.params[tag] = json!("");
        } else {
            world.params.as_object_mut().unwrap().remove(tag);
        }
        world.lose("other", true).await;
        world.lose("one", true).await;
        world.settle().await;
        let resolved = world.resolve("one").await;
        let LookedUp::Found(record) = &resolved.looked_up else { panic!("{name}: {resolved:?}") };
        assert_eq!(resolved.intent.state, State::Succeeded, "{name}");
        let record: Value = serde_json::from_str(record.payload.as_deref().unwrap()).unwrap();
        assert_eq!(record[tag], json!(resolved.intent.reference()), "{name}");
        // With a tag or without, it is the same intent.
        let untagged = core(&world.sandbox, provider.name, &world.journal, false);
        let replayed = call(&untagged, operation, &world.path, &world.params, Some("one")).await;
        assert_eq!(replayed.unwrap()[tag], record[tag], "{name}");
        told.push(name);
    }
    assert!(told.contains(&"cards.create") && told.contains(&"paywint_cards.issue"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_anothers_is_not_taken() {
    for (provider, operation) in looked_up() {
        let name = operation.name;
        if !operation.lookup.unwrap().presence_proves || UNIQUE.contains(&name) {
            continue;
        }
        // The other was answered, so its record is known to be its own.
        let world = Setup::of(provider, operation).await;
        world.send("other", None).await.unwrap();
        world.lose("lost", false).await;
        world.settle().await;
        let resolved = world.resolve("lost").await;
        let not_found = matches!(resolved.looked_up, LookedUp::NotFound { .. });
        assert!(not_found, "{name}: {resolved:?}");

        let world = Setup::of(provider, operation).await;
        let other = world.send("other", None).await.unwrap();
        world.lose("lost", true).await;
        world.settle().await;
        let resolved = world.resolve("lost").await;
        let LookedUp::Found(record) = &resolved.looked_up else { panic!("{name}: {resolved:?}") };
        let record: Value = serde_json::from_str(record.payload.as_deref().unwrap()).unwrap();
        let id = operation.lookup.unwrap().id.unwrap();
        assert_ne!(record[id], other[id], "{name}");
        assert!(record[id].is_string(), "{name}: {record}");

        // One from before the call began is not the call's either.
        let world = Setup::of(provider, operation).await;
        call(&world.core, operation, &world.path, &world.params, None).await.unwrap();
        world.sandbox.advance(Duration::from_secs(1)).await.unwrap();
        world.lose("lost", false).await;
        let file = rusqlite::Connection::open(world.folder.path().join("journal.db")).unwrap();
        let later = "UPDATE payglot_intent SET created_at = created_at + 120000, updated_at = updated_at - 5400000";
        file.execute(later, []).unwrap();
        let resolved = world.resolve("lost").await;
        let not_found = matches!(resolved.looked_up, LookedUp::NotFound { .. });
        assert!(not_found, "{name}: {resolved:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_unknown_and_of_the_clients_account_is_looked_up() {
    let (provider, operation) =
        looked_up().find(|(_, operation)| operation.name == "paywint_cards.issue").unwrap();
    let world = Setup::of(provider, operation).await;
    world.send("done", None).await.unwrap();
    let expected = "`intent` is succeeded, and only what is unknown can be looked up";
    assert_eq!(world.refused("done", &world.core).await, expected);

    world.lose("lost", true).await;
    let expected = "`client` is not of the intent's account";
    let linora = core(&world.sandbox, "linora", &world.journal, false);
    assert_eq!(world.refused("lost", &linora).await, expected);

    // The same provider, and another platform.
    let (provider, operation) =
        looked_up().find(|(_, operation)| operation.name == "users.create").unwrap();
    let world = Setup::of(provider, operation).await;
    world.lose("lost", true).await;
    let other = payglot::paywint_platform::Client::builder()
        .credentials("other", "secret")
        .base_url(world.sandbox.base_url())
        .build()
        .unwrap();
    assert_eq!(world.refused("lost", other.core()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_operation_shows_is_left_to_a_person() {
    let provider = &payglot::paywint_platform::PROVIDER;
    let mut operations = provider.operations.iter();
    let operation = *operations.find(|known| known.name == "payees.create").unwrap();
    assert!(operation.lookup.is_none());
    let mut world = Setup::of(provider, operations_of(provider, "users.create")).await;
    world.operation = operation;
    world.path = vec![world.sandbox.user_id().to_string()];
    world.lose("lost", true).await;
    world.settle().await;
    let resolved = world.resolve("lost").await;
    assert_eq!(resolved.looked_up, LookedUp::NotPublished);
    assert_eq!(resolved.intent.state, State::Unknown);
    assert_eq!(resolved.advice, operation.reconcile);
}

fn operations_of(provider: &'static Provider, name: &str) -> &'static Operation {
    provider.operations.iter().find(|known| known.name == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_call_does_not_have_is_given_or_asked_for() {
    let provider = &payglot::paywint_platform::PROVIDER;
    let mut world = Setup::of(provider, operations_of(provider, "payments.create")).await;
    world.lose("lost", true).await;
    world.settle().await;
    let given = std::mem::take(&mut world.given);
    let resolved = world.resolve("lost").await;
    assert_eq!(resolved.looked_up, LookedUp::NotPublished);
    assert!(resolved.advice.contains("is given `user_id`: the payee's own user"), "{resolved:?}");
    world.given = given;
    assert!(matches!(world.resolve("lost").await.looked_up, LookedUp::Ambiguous(_)));
    let key = world.intent("lost").await.key;
    for wrong in [("payee", "x"), ("user_id", "no uuid")] {
        let options = CallOptions::default();
        let told = world.journal.resolve(&world.core, &key, &[wrong], &options).await;
        let Err(ResolveError::Call(error)) = told else { panic!("{wrong:?}") };
        assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidRequest, Some(wrong.0)));
    }
}
