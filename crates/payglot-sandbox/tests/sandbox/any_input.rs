//! Requests that the documents allow, however odd: they are served or rejected, and nothing breaks.

use std::collections::{BTreeMap, BTreeSet};

use payglot::schema::{Field, Operation, Type};
use payglot_sandbox::Sandbox;
use rand::rngs::ChaCha12Rng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

use crate::every_operation::check;
use crate::support::{Api, NOBODY, PROVIDERS};

const ROUNDS: usize = 12;
const TEXTS: [&str; 12] = [
    "",
    " ",
    "a",
    "Ada",
    "ada@example.com",
    "@",
    "naïve ☃ 𝄞",
    "\u{0}",
    "09-15-2025",
    "+1",
    "https://example.com/a.pdf",
    "0000009995",
];
const NUMBERS: [&str; 10] = [
    "0",
    "-1",
    "0.01",
    "0.001",
    "2",
    "10.10",
    "100",
    "1e2",
    "99999.99",
    "123456789012345678901234567890",
];

/// Texts that fields with such names want.
const SENSIBLE: [(&str, &str); 6] = [
    ("email", "ada@example.com"),
    ("phone_country_code", "+1"),
    ("url", "https://example.com/a.png"),
    ("document", "https://example.com/a.pdf"),
    ("formation_date", "09-15-2025"),
    ("Currency", "btc"),
];
/// Ids that go by other names where they are used.
const ALSO: [(&str, &str); 6] = [
    ("from_bank_id", "pw_bank_id"),
    ("to_bank_id", "id"),
    ("bank_id", "id"),
    ("account_id", "id"),
    ("payee_address_id", "address_id"),
    ("new_default_address_id", "address_id"),
];

/// Makes requests out of the tables and of ids that earlier responses held.
struct Maker {
    random: ChaCha12Rng,
    /// By the names of the fields that held them.
    ids: BTreeMap<String, Vec<String>>,
    /// Operations that went well at least once.
    served: BTreeSet<String>,
}

impl Maker {
    /// Mostly an id that once stood in a field with this name.
    fn id(&mut self, name: &str) -> String {
        let also = ALSO.iter().filter(|(used, _)| *used == name).map(|(_, id)| *id);
        let names: Vec<_> = also.chain([name]).collect();
        let name = names.choose(&mut self.random).unwrap();
        let ids = self.ids.get(*name).filter(|_| self.random.random_ratio(9, 10));
        ids.and_then(|ids| ids.choose(&mut self.random)).map_or(NOBODY.to_owned(), Clone::clone)
    }

    fn value(&mut self, field: &Field) -> Value {
        if field.nullable && self.random.random_ratio(1, 4) {
            return Value::Null;
        }
        self.of(&field.ty, field)
    }

    fn of(&mut self, ty: &Type, field: &Field) -> Value {
        let limits = &field.limits;
        match ty {
            Type::Uuid => json!(self.id(field.wire)),
            Type::DateTime => json!("2026-01-02T03:04:05Z"),
            Type::Date => json!("2026-01-02"),
            Type::Boolean => json!(self.random.random_bool(0.5)),
            Type::Integer => {
                let allowed = [1, 2, 1_000_000];
                let allowed = if limits.one_of.is_empty() { &allowed[..] } else { limits.one_of };
                json!(allowed.choose(&mut self.random))
            }
            Type::Number | Type::Money(_) => {
                let text = NUMBERS.choose(&mut self.random).unwrap();
                serde_json::from_str(text).unwrap()
            }
            Type::Enum(known) => json!(known.values.choose(&mut self.random)),
            Type::Object(schema) => self.object(schema.fields),
            Type::List(item) => {
                let count = self.random.random_range(0..3);
                json!((0..count).map(|_| self.of(item, field)).collect::<Vec<_>>())
            }
            Type::Map(item) => json!({"any": self.of(item, field)}),
            Type::Text if field.wire.ends_with("_id") => json!(self.id(field.wire)),
            Type::Text if self.random.random_ratio(9, 10) => {
                let sensible = SENSIBLE.iter().find(|(name, _)| field.wire.contains(name));
                json!(sensible.map_or("Adalin", |(_, text)| text))
            }
            Type::Text | Type::File | Type::Any => json!(TEXTS.choose(&mut self.random)),
        }
    }

    fn object(&mut self, fields: &[Field]) -> Value {
        let mut object = Map::new();
        for field in fields {
            if field.required || self.random.random_bool(0.7) {
                object.insert(field.wire.to_owned(), self.value(field));
            }
        }
        Value::Object(object)
    }

    /// Collects every id in a response.
    fn learn(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => {
                self.ids.entry(name.to_owned()).or_default().push(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(name, item)),
            Value::Object(fields) => {
                fields.iter().for_each(|(name, field)| self.learn(name, field));
            }
            _ => {}
        }
    }
}

async fn call(api: &Api, maker: &mut Maker, provider: &str, operation: &Operation) {
    let ids: Vec<_> = operation.path_params.iter().map(|field| maker.id(field.wire)).collect();
    let path: Vec<_> = ids.iter().map(String::as_str).collect();
    let body = match operation.body {
        Some(schema) => maker.object(schema.fields),
        None => maker.object(operation.query),
    };
    let name = format!("{provider}/{}", operation.name);
    let (status, response) = api.op(&name, &path, body.clone()).await;
    let expected = [200, 400, 404, 409, 422];
    assert!(expected.contains(&status), "{name} {path:?} {body}: {status} {response}");
    maker.learn("", &response);
    if status == 200 {
        maker.served.insert(name);
    }
    let payload = response.get("data").or_else(|| response.get("records")).unwrap_or(&response);
    if status == 200 && !payload.as_array().is_some_and(Vec::is_empty) {
        check(operation, payload);
    }
}

#[tokio::test]
async fn no_documented_input_breaks_anything() {
    let api = Api::with(Sandbox::builder().seed(11)).await;
    let user = api.user();
    api.decide("kyc", "approved").await;
    let (bank, payee) = (api.verified_bank("1").await, api.new_payee("a@example.com").await);
    api.fund(&user, "1000").await;
    api.fund(&api.developer(), "1000").await;
    let mut maker = Maker {
        random: ChaCha12Rng::seed_from_u64(11),
        ids: BTreeMap::new(),
        served: BTreeSet::new(),
    };
    maker.learn("user_id", &json!([user, user, user]));
    maker.learn("payee_id", &json!(payee));
    maker.learn("id", &json!(bank));
    let open = json!({ "bank_nick_name": "A" });
    let opened = api.ok("paywint-platform/pw_bank_accounts.open", &[&user], open).await;
    maker.learn("", &opened);
    for _ in 0..ROUNDS {
        for provider in PROVIDERS {
            for operation in provider.operations {
                call(&api, &mut maker, provider.name, operation).await;
            }
        }
        for user in maker.ids.get("userId").into_iter().flatten() {
            api.fund(user, "1000").await;
        }
        api.advance_hours(30);
        api.balanced();
    }
    assert!(maker.served.len() > 50, "only {:?}", maker.served);
}
