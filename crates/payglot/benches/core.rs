//! What the core does for every call beside the network: sign, encode, decode.

#![allow(clippy::expect_used)] // a bench that cannot be set up shall stop

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use payglot::paywint_platform::types;
use payglot::runtime::json::{Document, FloatMoney, RawJson, ResponseValue as _, Value};
use payglot::runtime::request::prepare;
use payglot::schema::Operation;
use payglot::{EmptyBody, sign};

const ID: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

const CARD: &str = r#"{"success":true,"message":"Card fetched successfully","data":{"user_id":"f47ac10b-58cc-4372-a567-0e02b2c3d479","card_id":"9b2d8f6e-3c41-4e7a-8d05-1f6a7b9c2e30","card_number":"4242","card_exp":"12/29","card_nick_name":"Travel","card_type":"VISA","first_name":"Ada","last_name":"Lovelace","address":"12 St James's Square","city":"Austin","state":"TX","zip":"78701","country":"US","is_blocked":false,"card_images_required":false,"withdrawal_confirm_required":false,"payment_confirm_required":false,"compliance_check_required":null,"is_limited":false}}"#;

fn signing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign");
    let path = format!("/api/platform/card/get-card/{ID}");
    for (name, method, body) in
        [("empty", "GET", String::new()), ("1 KB", "POST", "x".repeat(1024))]
    {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                sign(
                    b"a secret key",
                    method,
                    black_box(&path),
                    "",
                    body.as_bytes(),
                    EmptyBody::Hash,
                )
            });
        });
    }
}

fn operation(name: &str) -> &'static Operation {
    let provider = payglot::providers::find("paywint-platform").expect("the provider");
    provider.operations.iter().find(|operation| operation.name == name).expect("the operation")
}

fn encoding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode");
    let get = operation("cards.get");
    group.bench_function("cards.get", |bencher| {
        bencher.iter(|| prepare(get, &[black_box(ID).into()], &[], FloatMoney::Refuse));
    });
    let create = operation("payments.create");
    group.bench_function("payments.create", |bencher| {
        bencher.iter(|| {
            let params: [(Cow<'_, str>, Value<'_>); 7] = [
                ("user_id".into(), Value::Text(ID.into())),
                ("payee_id".into(), Value::Text(ID.into())),
                ("amount".into(), Value::Decimal("150.75".into())),
                ("payment_method".into(), Value::Text("WALLET".into())),
                ("invoice_no".into(), Value::Text("INV-2026-00001".into())),
                ("receiving_method".into(), Value::Text("WALLET".into())),
                ("description".into(), Value::Text("Paid for two chairs".into())),
            ];
            prepare(create, &[], black_box(&params), FloatMoney::Refuse)
        });
    });
}

fn decoding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(CARD.len() as u64));
    group.bench_function("a card", |bencher| {
        bencher.iter(|| {
            let document = Arc::new(Document::new(black_box(CARD)));
            let data = RawJson::root(&document).and_then(|raw| raw.get("data"));
            data.and_then(types::PlatformCardRead::from_response)
        });
    });
    let text = payments(100);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("100 payments", |bencher| {
        bencher.iter(|| {
            let document = Arc::new(Document::new(black_box(text.as_str())));
            RawJson::root(&document).and_then(Vec::<types::PlatformPaymentRead>::from_response)
        });
    });
}

fn payments(count: usize) -> String {
    let mut text = String::from("[");
    for number in 0..count {
        let comma = if number > 0 { "," } else { "" };
        write!(
            text,
            r#"{comma}{{"payment_id":"3f2504e0-4f89-41d3-9a0c-{number:012x}","payee_id":"{ID}","amount":{number}.50,"processing_fee":0.30,"invoice_no":"INV-{number:05}","currency":"USD","description":null,"created_at":"2026-03-01T09:30:00Z","status":"success"}}"#
        )
        .expect("a String takes anything");
    }
    text + "]"
}

criterion_group!(benches, signing, encoding, decoding);
criterion_main!(benches);
