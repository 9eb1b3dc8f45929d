//! The calls of `tests/providers/*/cases.json`, by the tables: what arrives of each is what its document means, byte for byte.
//! The same cases are played in Python and in Node against a workspace that is generated outside the repository.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/files.rs"]
mod files;
#[path = "../../../crates/payglot/tests/support/recorder.rs"]
mod recorder;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use payglot_contract::Request;
use payglot_runtime::client::{CallOptions, Config, Core, is_list};
use payglot_runtime::json::{FloatMoney, Kind, Value};
use payglot_runtime::request::prepare;
use payglot_runtime::schema::{Operation, Provider, Type};
use payglot_runtime::variables::Variables;
use payglot_runtime::{Response, dec};
use recorder::{Answer, Recorder};
use serde_json::{Value as Json, json};

const PROVIDERS: [(&Provider, &str); 4] = [
    (&payglot_witness::requests::PROVIDER, include_str!("../../providers/requests/cases.json")),
    (&payglot_witness::returns::PROVIDER, include_str!("../../providers/returns/cases.json")),
    (&payglot_witness::shapes::PROVIDER, include_str!("../../providers/shapes/cases.json")),
    (&payglot_witness::uploads::PROVIDER, include_str!("../../providers/uploads/cases.json")),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_case_arrives_as_its_document_means_it() {
    let mut problems = Vec::new();
    for (provider, cases) in PROVIDERS {
        let cases: Vec<Json> = serde_json::from_str(cases).unwrap();
        assert!(!cases.is_empty());
        for case in &cases {
            let name = case["name"].as_str().unwrap();
            if let Err(problem) = play(provider, case).await {
                problems.push(format!("{}: {name}: {problem}", provider.name));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

async fn play(provider: &'static Provider, case: &Json) -> Result<(), String> {
    let recorder = Recorder::answering(Answer {
        status: case["response"]["status"]
            .as_u64()
            .map_or(200, |status| u16::try_from(status).unwrap()),
        headers: pairs(&case["response"]["headers"]),
        body: match case["response"]["hex"].as_str() {
            Some(hex) => unhex(hex),
            None => case["response"]["body"].as_str().unwrap_or("{}").as_bytes().to_vec(),
        },
    });
    let mut config = Config::new(provider);
    config.variables(Variables::given(BTreeMap::new()));
    config.base_url(format!("{}{}", recorder.url, case["base_path"].as_str().unwrap_or_default()));
    for credential in provider.credentials {
        if let Some(value) = case["credentials"][credential.name].as_str() {
            config.credential(credential.name, value);
        }
    }
    let called = call(provider, config, case).await;
    if let Some(expected) = case["error"].as_str() {
        let error = called.err().ok_or("was not refused")?;
        if !error.contains(expected) || !recorder.is_empty() {
            return Err(error);
        }
        return Ok(());
    }
    if let Some(kind) = case["raised"].as_str() {
        let error = called.err().ok_or("was not refused")?;
        let is_expected = error.contains(case["message"].as_str().unwrap());
        return if is_expected { Ok(()) } else { Err(format!("{error} instead of {kind}")) };
    }
    let result = called?;
    let arrived = recorder.arrived().ok_or("nothing arrived")?;
    compare(&arrived, &case["sent"])?;
    match case.get("returned").map(without_fields).as_ref().or_else(|| case.get("result")) {
        Some(expected) if *expected != result => Err(format!("{result} came back")),
        _ => Ok(()),
    }
}

async fn call(provider: &'static Provider, config: Config, case: &Json) -> Result<Json, String> {
    let name = case["call"].as_str().unwrap();
    let operation = provider.operations.iter().find(|known| known.name == name).expect(name);
    let path: Vec<Cow<'_, str>> = case["path"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| step.as_str().unwrap().into())
        .collect();
    let params = case.get("params").map_or("{}".to_owned(), ToString::to_string);
    // What Python and JavaScript have as a binary fraction is exact in a case, unless the case is about that.
    let exact = |value| if case["floats"] == true { value } else { Value::exact(value) };
    let params = Value::from_json(&params).map(exact).map(|value| files::with_files(&value));
    let Some(Value::Object(params)) = params else { return Err("params".into()) };
    let told = |error: payglot_runtime::Error| error.to_string();
    let request = prepare(operation, &path, &params, FloatMoney::Refuse).map_err(told)?;
    let client = Core::new(config).map_err(told)?;
    let options = CallOptions::default();
    let response = client.call(operation, &request, &options).await.map_err(told)?;
    if case.get("returned").is_some() {
        return Ok(shown(operation, &response));
    }
    Ok(serde_json::from_str(response.text()).unwrap_or(Json::Null))
}

/// What a call returned, with what kind of thing it is: of a record, the model that it is read as.
fn shown(operation: &Operation, response: &Response) -> Json {
    if let Some(bytes) = response.bytes() {
        return json!({"hex": bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))});
    }
    if let Some(text) = response.plain_text() {
        return json!({"text": text});
    }
    let Some(payload) = response.payload() else { return json!({"json": null}) };
    let ty = operation.response_under(response.status());
    let model = |ty: Type| match ty {
        Type::Object(schema) => json!({"model": schema.name}),
        _ => json!({"text": payload.as_text()}),
    };
    match (ty, payload.kind()) {
        (Type::List(item), Kind::List) => payload.items().map(|_| model(*item)).collect(),
        (item, Kind::List) => payload.items().map(|_| model(item)).collect(),
        _ if response.is_undeclared() && !response.is_as_declared(ty) || is_list(operation) => {
            json!({"json": serde_json::from_str::<Json>(payload.json()).unwrap()})
        }
        _ => model(ty),
    }
}

fn without_fields(returned: &Json) -> Json {
    let mut returned = returned.clone();
    let records = returned.as_array_mut().map_or_else(Vec::new, |all| all.iter_mut().collect());
    for record in records {
        record.as_object_mut().unwrap().remove("fields");
    }
    if let Some(record) = returned.as_object_mut() {
        record.remove("fields");
    }
    returned
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn compare(arrived: &Request, sent: &Json) -> Result<(), String> {
    let line = format!("{} {}", arrived.method, arrived.target);
    if sent["target"] != line {
        return Err(line);
    }
    let (headers, wanted) = files::expected(arrived, sent);
    for (name, expected) in &headers {
        let values: Vec<&str> = arrived
            .headers
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect();
        // A key for repetitions is another each time.
        let is_key = *expected == "$uuid" && values.len() == 1 && values[0].len() == 36;
        if !is_key && expected.as_str().into_iter().collect::<Vec<_>>() != values {
            return Err(format!("{name}: {values:?}"));
        }
    }
    let body = String::from_utf8_lossy(&arrived.body);
    if wanted != arrived.body {
        return Err(format!("the body {body}"));
    }
    Ok(())
}

fn pairs(headers: &Json) -> BTreeMap<String, String> {
    let headers = headers.as_object().into_iter().flatten();
    headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_in_maps_are_decimals_in_rust() {
    use payglot_witness::requests::{Client, types};
    let body = r#"{"prices":{"eu":10.10,"us":12345678901234567890.12}}"#.into();
    let recorder = Recorder::answering(Answer { status: 200, headers: BTreeMap::new(), body });
    let client = Client::builder().base_url(&recorder.url).build().unwrap();
    let sent = types::PricesInput::builder()
        .prices(HashMap::from([("eu".to_owned(), dec!(10.10))]))
        .build()
        .unwrap();
    let prices = client.money().maps(&sent).await.unwrap().unwrap().prices.unwrap();
    assert_eq!(prices["eu"].to_string(), "10.10");
    assert_eq!(prices["us"].to_string(), "12345678901234567890.12");
    assert_eq!(recorder.next().body, br#"{"prices":{"eu":10.10}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn maps_with_the_same_entries_give_the_same_bytes() {
    use payglot_runtime::Decimal;
    use payglot_witness::requests::{Client, types};
    let body = br#"{"prices":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6},"nested":{"x":{"y":1,"z":2}}}"#;
    let recorder =
        Recorder::answering(Answer { status: 200, headers: BTreeMap::new(), body: body.to_vec() });
    let client = Client::builder().base_url(&recorder.url).build().unwrap();
    let amounts = |names: &str| -> HashMap<String, Decimal> {
        names.chars().map(|name| (name.to_string(), Decimal::from(u32::from(name)))).collect()
    };
    let nested = |names: &str| -> HashMap<String, HashMap<String, Decimal>> {
        names.chars().map(|name| (name.to_string(), amounts("ab"))).collect()
    };
    let input = |prices: &str, others: &str| {
        types::PricesInput::builder()
            .prices(amounts(prices))
            .nested(nested(others))
            .build()
            .unwrap()
    };
    let forward = input("abcdef", "uvw");
    let backward = input("fedcba", "wvu");
    let written = serde_json::to_string(&forward).unwrap();
    assert_eq!(
        written,
        r#"{"prices":{"a":97,"b":98,"c":99,"d":100,"e":101,"f":102},"nested":{"u":{"a":97,"b":98},"v":{"a":97,"b":98},"w":{"a":97,"b":98}}}"#
    );
    for sent in [&forward, &backward] {
        let received = client.money().maps(sent).await.unwrap().unwrap();
        assert_eq!(recorder.next().body, written.as_bytes());
        assert_eq!(serde_json::to_string(sent).unwrap(), written);
        assert_eq!(serde_json::from_str::<types::PricesInput>(&written).unwrap(), *sent);
        assert_eq!(serde_json::to_string(&received).unwrap().as_bytes(), body);
    }
}

#[test]
fn a_map_with_a_value_of_another_type_is_kept_as_it_came() {
    use payglot_witness::requests::types::Prices;
    let text = r#"{"free":[1,null,{"a":null}],"counts":{"a":1,"b":"many"}}"#;
    let prices: Prices = serde_json::from_str(text).unwrap();
    assert_eq!((prices.free.as_ref().unwrap().len(), &prices.counts), (3, &None));
    assert_eq!(prices.extra["counts"].get(), r#"{"a":1,"b":"many"}"#);
    let wrong = prices.as_documented().unwrap_err().to_string();
    let expected = "Prices.counts[…] is text where the document has a whole number";
    assert!(wrong.contains(expected), "{wrong}");
    assert_eq!(serde_json::to_string(&prices).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_success_is_its_own_in_rust() {
    use payglot_witness::returns::{Client, types};
    let served = |status, body: &[u8]| {
        let recorder =
            Recorder::answering(Answer { status, headers: BTreeMap::new(), body: body.to_vec() });
        let client = Client::builder().base_url(&recorder.url).build().unwrap();
        (client, recorder)
    };
    let order = types::NewOrder::builder().amount(dec!(10.10)).build().unwrap();
    for (status, body) in [
        (201, r#"{"id":"o","amount":10.10}"#),
        (202, r#"{"job":"j"}"#),
        (204, ""),
        (203, r#"{"x":1}"#),
    ] {
        let (client, _recorder) = served(status, body.as_bytes());
        match client.orders().create(&order).await.unwrap() {
            types::OrdersCreateSuccess::Status201(order) => {
                assert_eq!((status, order.amount.unwrap().to_string().as_str()), (201, "10.10"));
            }
            types::OrdersCreateSuccess::Status202(job) => {
                assert_eq!((status, job.job.as_deref()), (202, Some("j")));
            }
            types::OrdersCreateSuccess::Status204 => assert_eq!(status, 204),
            types::OrdersCreateSuccess::Other(json) => {
                assert_eq!((status, json.unwrap().get()), (203, r#"{"x":1}"#));
            }
            other => panic!("{other:?}"),
        }
    }
    let (client, _recorder) = served(200, "a,b\n".as_bytes());
    assert_eq!(client.exports().get_csv().await.unwrap(), "a,b\n");
    // More than what a thread of its own would read as JSON.
    let large: Vec<u8> = (0..=255).cycle().take(2 * 1024 * 1024).collect();
    let (client, _recorder) = served(200, &large);
    assert_eq!(client.files().get("f").await.unwrap(), large);
    // A payment under a success that nobody declares has its body beside a record that is empty.
    let (client, _recorder) = served(202, b"queued");
    let both = client.orders().replace("o", &order).with_response().await.unwrap();
    assert_eq!((both.value, both.response.text()), (None, "queued"));
}

#[test]
fn what_no_response_is_documented_to_have_is_kept() {
    use payglot_witness::shapes::types::Plain;
    let text = r#"{"note":"n","pin":"1234","last":"l","seen_at":"2026-01-31T09:30:00"}"#;
    let plain: Plain = serde_json::from_str(text).unwrap();
    assert_eq!(plain.last.as_deref(), Some("l"));
    let kept: Vec<&str> = plain.extra.keys().map(String::as_str).collect();
    assert_eq!(kept, ["note", "pin"]);
    plain.as_documented().unwrap();
    assert!(!format!("{plain:?}").contains("1234"));
    // Of which zone a time is, nobody guesses.
    let seen = plain.seen_at.unwrap();
    assert_eq!(
        (seen.parsed(), seen.civil().map(|time| time.to_string())),
        (None, Some("2026-01-31T09:30:00".into()))
    );
}
