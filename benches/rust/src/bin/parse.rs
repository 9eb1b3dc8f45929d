//! A page of 100 payments from its bytes, over and over: `parse payglot|serde_json|copy - SECONDS`.
//!
//! `serde_json` reads the same fields into a struct, amounts as floats and times as texts; `copy` is the limit: it copies
//! the bytes and makes sure that they are UTF-8.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use payglot::paywint_platform::types;
use payglot::runtime::json::{Document, RawJson, ResponseValue as _};
use payglot_bench::{Meter, PAGE};
use serde::Deserialize;

#[derive(Deserialize)]
struct List {
    records: Vec<Payment>,
}

#[derive(Deserialize)]
#[allow(dead_code)] // they are read from JSON, and that is all
struct Payment {
    payment_id: String,
    payee_id: String,
    amount: f64,
    processing_fee: f64,
    invoice_no: String,
    currency: String,
    description: Option<String>,
    payment_method: String,
    created_at: String,
    status: String,
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [who, _, seconds, ..] = words.as_slice() else { bail!("too few words") };
    let time = Duration::from_secs_f64(seconds.parse().context("SECONDS")?);
    let bytes = payglot_bench::page(1).into_bytes();
    let parse = match who.as_str() {
        "payglot" => payglot,
        "serde_json" => serde_json,
        "copy" => copy,
        _ => bail!("no such parser"),
    };
    for (time, is_measured) in [(time / 2, false), (time, true)] {
        let meter = Meter::start();
        let until = Instant::now() + time;
        let mut pages = 0;
        while Instant::now() < until {
            ensure!(parse(black_box(&bytes))? >= PAGE, "a page without its records");
            pages += 1;
        }
        if is_measured {
            meter.report(pages);
        }
    }
    Ok(())
}

fn payglot(bytes: &[u8]) -> Result<usize> {
    let document = Arc::new(Document::new(std::str::from_utf8(bytes)?));
    let raw = RawJson::root(&document).and_then(|raw| raw.get("records")).context("records")?;
    let records = Vec::<types::PlatformPaymentRead>::from_response(raw).context("payments")?;
    Ok(black_box(records).len())
}

fn serde_json(bytes: &[u8]) -> Result<usize> {
    Ok(black_box(serde_json::from_slice::<List>(bytes)?).records.len())
}

fn copy(bytes: &[u8]) -> Result<usize> {
    Ok(black_box(String::from_utf8(bytes.to_vec())?).len())
}
