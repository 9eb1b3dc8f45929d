//! What `x-payglot-lookup` may say, and what is refused; over the document of the Paywint Developer API.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::path::Path;

use payglot_codegen::Generator;
use payglot_codegen::model::{Provider, Told};
use payglot_codegen::source;
use serde_json::{Value, json};

const ISSUE: &str = "$.paths['/api/user-api/card/payee/pw-card/request'].post";

/// The provider with further overlay actions.
fn with(actions: Vec<Value>) -> Result<Provider, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/paywint-developer");
    let mut vendored = source::provider(&folder).unwrap();
    vendored.overlay["actions"].as_array_mut().unwrap().extend(actions);
    Generator::default().provider(vendored).map_err(|error| format!("{error:#}"))
}

/// With this look-up instead of the one of `paywint_cards.issue`.
fn looked_up(lookup: &Value) -> Result<Provider, String> {
    with(vec![
        json!({"target": format!("{ISSUE}['x-payglot-lookup']"), "remove": true}),
        json!({"target": ISSUE, "update": {"x-payglot-lookup": lookup}}),
    ])
}

fn right() -> Value {
    json!({
        "operation": "paywint_cards.list",
        "match": {"payee_id": "payee_id", "amount": "amount"},
        "where": {"status": "approved"},
        "created_at": "created_at",
        "id": "request_id",
        "settles_after": 5,
        "presence": "proves",
        "absence": "tells_nothing",
    })
}

#[test]
fn every_rule_of_a_lookup_is_checked_against_the_document() {
    looked_up(&right()).unwrap();
    let change = |change: Value| {
        let mut lookup = right();
        for (name, value) in change.as_object().unwrap() {
            lookup[name] = value.clone();
        }
        lookup
    };
    let of_addresses = json!({"operation": "payee_addresses.list", "match": {"city": "card_nick_name"}, "where": {}, "id": null});
    for (given, expected) in [
        (json!({"operation": "cards.list"}), "there is no operation `cards.list`"),
        (json!({"operation": "payees.create"}), "`payees.create` is no read"),
        (json!({"operation": "payees.delete"}), "`payees.delete` is no read"),
        (of_addresses, "`payee_addresses.list` needs the argument `payee_id`"),
        (
            json!({"arguments": {"page": "payee_id"}}),
            "`paywint_cards.list` takes no argument `page`",
        ),
        (json!({"match": {}}), "without a field to match, any record would do"),
        (
            json!({"match": {"sum": "amount"}}),
            "a record of `paywint_cards.list` has no field `sum`",
        ),
        (json!({"match": {"amount": "sum"}}), "`paywint_cards.issue` has no field `sum`"),
        (
            json!({"match": {"card_nick_name": "amount"}}),
            "`amount` and `card_nick_name` cannot be compared: they are of other types",
        ),
        (
            json!({"match": {"created_at": "card_nick_name"}}),
            "`card_nick_name` and `created_at` cannot be compared: they are of other types",
        ),
        (json!({"where": {"amount": 5}}), "`amount` can never be 5"),
        (json!({"where": {"status": true}}), "`status` can never be true"),
        (json!({"where": {"state_of_it": "a"}}), "has no field `state_of_it`"),
        (
            json!({"created_at": "made_at"}),
            "a record of `paywint_cards.list` has no field `made_at`",
        ),
        (json!({"created_at": "amount"}), "`amount` is no time"),
        (json!({"created_at": null}), "a record without `created_at` may be older than the call"),
        (
            json!({"presence": "tells_nothing", "absence": "proves"}),
            "where presence tells nothing, absence proves nothing",
        ),
        (
            json!({"id": "payee_card_id"}),
            "`payee_card_id` is not in the response and in a record alike",
        ),
        (
            json!({"record": {"request_id": "amount"}}),
            "`request_id` and `amount` are of other types",
        ),
        (json!({"record": {"made": "amount"}}), "the response has no field `made` to remember"),
        (json!({"record": {"amount": "made"}}), "a record has no field `made` to remember"),
        (json!({"absence": "maybe"}), "unknown variant `maybe`"),
        (json!({"settle": 5}), "unknown field `settle`"),
        (json!({"settles_after": -1}), "invalid value"),
    ] {
        let error = looked_up(&change(given.clone())).err().unwrap_or_else(|| panic!("{given}"));
        let location = format!("{ISSUE}: x-payglot-lookup: ");
        assert!(error.contains(&location) && error.contains(expected), "{given}: {error}");
        assert!(error.contains("Correct it in overlay.yaml, or take it out."), "{error}");
    }
}

#[test]
fn a_record_stands_for_the_response_field_by_field() {
    let record = |lookup: &Value| {
        let provider = looked_up(lookup).unwrap();
        let found =
            provider.operations.into_iter().find(|known| known.name == "paywint_cards.issue");
        found.unwrap().lookup.unwrap().record
    };
    let same = record(&right());
    assert_eq!(same["request_id"], "request_id");
    assert_eq!(same.get("payment_id"), None, "a record has none");
    // What the overlay takes for something else is not taken for its namesake too.
    let mut lookup = right();
    lookup["record"] = json!({"payment_id": "request_id"});
    lookup["id"] = json!("payment_id");
    let other = record(&lookup);
    assert_eq!((other["payment_id"].as_str(), other.get("request_id")), ("request_id", None));
}

#[test]
fn nothing_sensitive_is_remembered_for_a_lookup() {
    let schema = "$.components.schemas";
    for name in ["ExternalGiftCardRequestCreate", "ExternalGiftCardIssuedRead"] {
        let target = format!("{schema}.{name}.properties.amount");
        let error = with(vec![json!({"target": target, "update": {"x-payglot-sensitive": true}})]);
        let expected = "`amount` and `amount` must not be remembered: sensitive";
        assert!(error.as_ref().is_err_and(|error| error.contains(expected)), "{error:?}");
    }
}

#[test]
fn a_call_that_may_be_repeated_needs_no_lookup() {
    let update = "$.paths['/api/user-api/payee/update'].put";
    let error = with(vec![json!({"target": update, "update": {"x-payglot-lookup": right()}})]);
    let expected = format!("{update}: x-payglot-lookup: only for create and money");
    assert!(error.as_ref().is_err_and(|error| error.contains(&expected)), "{error:?}");
}

#[test]
fn a_tag_is_a_field_that_a_reference_fits_into() {
    let schema = "$.components.schemas.ExternalGiftCardRequestCreate.properties";
    let nick = format!("{schema}.card_nick_name");
    let read = "$.paths['/api/user-api/payee/update'].put";
    for (target, update, expected) in [
        (ISSUE, json!({"x-payglot-tag": "nick"}), "`nick` is not in the body"),
        (ISSUE, json!({"x-payglot-tag": 7}), "must be the name of a field"),
        (ISSUE, json!({"x-payglot-tag": "amount"}), "`amount` is not text"),
        (&nick, json!({"maxLength": 14}), "`card_nick_name` does not take the 15 characters"),
        (&nick, json!({"x-payglot-sensitive": true}), "`card_nick_name` is sensitive"),
        (read, json!({"x-payglot-tag": "name"}), "is only for `create` and `money`"),
    ] {
        let error = with(vec![json!({"target": target, "update": update})]);
        let expected = format!("x-payglot-tag: {expected}");
        assert!(error.as_ref().is_err_and(|error| error.contains(&expected)), "{error:?}");
    }
    let provider = with(vec![]).unwrap();
    let mut operations = provider.operations.iter();
    let issue = operations.find(|operation| operation.name == "paywint_cards.issue").unwrap();
    assert_eq!(issue.tag.as_deref(), Some("card_nick_name"));
    assert!(issue.description.contains("the intent's reference into `card_nick_name`"));
}

#[test]
fn the_docs_say_who_can_tell_what_became_of_a_call() {
    let told = |change: Value| {
        let mut lookup = right();
        for (name, value) in change.as_object().unwrap() {
            lookup[name] = value.clone();
        }
        let provider = looked_up(&lookup).unwrap();
        let found = provider.operations.iter().find(|known| known.name == "paywint_cards.issue");
        let issue = found.unwrap();
        let sentence = issue.description.rsplit("After an unknown outcome ").next().unwrap();
        let (sentence, _) = sentence.split_once(" A client that tags ").unwrap();
        (Told::of(issue.lookup.as_ref()), sentence.to_owned())
    };
    let nothing = "tells_nothing";
    let list = "`paywint_cards.list`";
    assert_eq!(
        told(json!({"absence": "proves"})),
        (
            Told::ByProgram,
            format!(
                "a program can tell what became of it: {list} shows that it was done, or that it was not."
            )
        )
    );
    assert_eq!(
        told(json!({})),
        (
            Told::WhenFound,
            format!(
                "a program can tell from {list} that it was done, and only a person that it was not."
            )
        )
    );
    assert_eq!(
        told(json!({"presence": nothing})),
        (
            Told::FromCandidates,
            format!(
                "only a person can tell what became of it, from the records of {list} that may be it."
            )
        )
    );
    let provider = with(Vec::new()).unwrap();
    for operation in &provider.operations {
        let says = operation.description.matches("After an unknown outcome").count();
        assert_eq!(says, usize::from(operation.replay.is_sent_once()), "{}", operation.name);
        if operation.name == "paywint_cards.reload" {
            let sentence = "After an unknown outcome only a person can tell what became of it.";
            assert!(operation.description.contains(sentence), "{}", operation.description);
        }
    }
}

#[test]
fn a_guard_knows_what_an_operation_moves_and_to_whom() {
    let naming =
        |payee: Value| with(vec![json!({"target": ISSUE, "update": {"x-payglot-payee": payee}})]);
    let provider = naming(json!("payee_id")).unwrap();
    let known = |name: &str| provider.operations.iter().find(|known| known.name == name).unwrap();
    let issue = known("paywint_cards.issue");
    assert_eq!(
        (issue.amount.as_deref(), issue.payee.as_deref()),
        (Some("amount"), Some("payee_id"))
    );
    // It moves nothing.
    assert_eq!(known("payments.create_link").amount, None);
    for (payee, expected) in [
        (json!("nobody"), "`nobody` is neither in the path nor in the body"),
        (json!("amount"), "`amount` is not text"),
        (json!(7), "must be the name of a field"),
    ] {
        let error = naming(payee).unwrap_err();
        assert!(error.contains(&format!("x-payglot-payee: {expected}")), "{error}");
    }
}

#[test]
fn what_there_is_to_pay_from_is_read_by_an_operation_that_is_there() {
    let reading = |balance: Value| {
        with(vec![
            json!({"target": format!("{ISSUE}['x-payglot-balance']"), "remove": true}),
            json!({"target": ISSUE, "update": {"x-payglot-balance": balance}}),
        ])
    };
    let right = json!({
        "operation": "wallets.get", "available": "available_balance", "where": {"payee_id": "x"}
    });
    let provider = reading(right.clone()).unwrap();
    let issue = provider.operations.iter().find(|known| known.name == "paywint_cards.issue");
    assert_eq!(issue.unwrap().balance.as_ref().unwrap().available, "available_balance");
    for (key, value, expected) in [
        ("operation", json!("wallets.read"), "there is no operation `wallets.read` that reads"),
        ("operation", json!("payees.create"), "there is no operation `payees.create` that reads"),
        ("available", json!("wallet_id"), "returns no US dollars in `wallet_id`"),
        ("arguments", json!({"user_id": "payee_id"}), "`wallets.get` takes no text `user_id`"),
        ("where", json!({"nobody": "x"}), "has no field `nobody`"),
        ("because", json!(1), "unknown field `because`"),
    ] {
        let mut wrong = right.clone();
        wrong[key] = value;
        let error = reading(wrong).unwrap_err();
        assert!(error.contains("x-payglot-balance: "), "{error}");
        assert!(error.contains(expected), "{expected}: {error}");
    }
}
