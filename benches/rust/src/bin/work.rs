//! One piece of the core's work, a number of times, for callgrind to count its instructions.
//!
//! `work call|call-by-hand URL COUNT`, or `work sign|encode|decode|page - COUNT`.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use payglot::paywint_platform::{Client, types};
use payglot::runtime::json::{Document, FloatMoney, RawJson, ResponseValue as _, Value};
use payglot::runtime::request::prepare;
use payglot::{EmptyBody, sign};
use payglot_bench::by_hand::ByHand;
use payglot_bench::{ID, PLATFORM_ID, SECRET};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, url, count] = words.as_slice() else { bail!("what, URL and count") };
    let count: u32 = count.parse().context("COUNT")?;
    match what.as_str() {
        "call" => calls(url, count),
        "call-by-hand" => calls_by_hand(url, count),
        "sign" => repeat(count, || {
            let secret = SECRET.as_bytes();
            black_box(sign(secret, "POST", "/api/platform/card/add", "", b"{}", EmptyBody::Hash));
            Ok(())
        }),
        "encode" => repeat(count, encode),
        "decode" => {
            let text = payglot_bench::card();
            repeat(count, || {
                let document = Arc::new(Document::new(text.as_str()));
                let data =
                    RawJson::root(&document).and_then(|raw| raw.get("data")).context("data")?;
                black_box(types::PlatformCardRead::from_response(data).context("card")?);
                Ok(())
            })
        }
        "page" => {
            let text = payglot_bench::page(1);
            repeat(count, || {
                let document = Arc::new(Document::new(text.as_str()));
                let raw = RawJson::root(&document).and_then(|raw| raw.get("records"));
                let records =
                    Vec::<types::PlatformPaymentRead>::from_response(raw.context("none")?);
                black_box(records.context("records")?);
                Ok(())
            })
        }
        _ => bail!("no such work"),
    }
}

fn repeat(count: u32, work: impl Fn() -> Result<()>) -> Result<()> {
    (0..count).try_for_each(|_| work())
}

fn encode() -> Result<()> {
    let provider = payglot::providers::find("paywint-platform").context("provider")?;
    let operation = provider.operations.iter().find(|known| known.name == "payments.create");
    let params = [
        ("user_id", Value::Text(ID.into())),
        ("payee_id", Value::Text(ID.into())),
        ("amount", Value::Decimal("150.75".into())),
        ("payment_method", Value::Text("WALLET".into())),
        ("invoice_no", Value::Text("INV-2026-00001".into())),
        ("receiving_method", Value::Text("WALLET".into())),
        ("description", Value::Text("Paid for two chairs and a table".into())),
    ];
    let params = params.map(|(name, value)| (name.into(), value));
    black_box(prepare(operation.context("operation")?, &[], &params, FloatMoney::Refuse)?);
    Ok(())
}

fn calls(url: &str, count: u32) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = Client::builder().credentials(PLATFORM_ID, SECRET).base_url(url).build()?;
    runtime.block_on(async {
        for _ in 0..count {
            black_box(client.cards().get(ID).await?);
        }
        Ok(())
    })
}

fn calls_by_hand(url: &str, count: u32) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = ByHand::new(url)?;
    runtime.block_on(async {
        for _ in 0..count {
            black_box(client.card().await?);
        }
        Ok(())
    })
}
