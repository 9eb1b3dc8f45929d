//! The Rust clients: payglot, and what one would write by hand with reqwest, hmac and serde.
//!
//! `client payglot|payglot-reqwest|reqwest|socket calls URL SECONDS [IN_FLIGHT]`, or `client payglot overlap URL SECONDS`.
//! `socket` is the limit: it signs, writes and reads, and looks at nothing but the status.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures_core::Stream as _;
use hmac::Hmac;
use payglot::paywint_platform;
use payglot::transport::ReqwestTransport;
use payglot_bench::by_hand::{ByHand, http_client, key, signature};
use payglot_bench::socket::Connection;
use payglot_bench::{ID, Meter, PAGE, PLATFORM_ID, SECRET};
use sha2::Sha256;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [who, what, url, seconds, rest @ ..] = words.as_slice() else { bail!("too few words") };
    let seconds = Duration::from_secs_f64(seconds.parse().context("SECONDS")?);
    let in_flight = rest.first().map_or(Ok(32), |number| number.parse()).context("IN_FLIGHT")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        match (*who, *what) {
            ("payglot", "calls") => {
                let client = payglot(url)?;
                rate(in_flight, seconds, move || payglot_card(client.clone())).await
            }
            ("payglot-reqwest", "calls") => {
                let http = ReqwestTransport::build(http_client()?)?;
                let client = builder(url).http_client(http).build()?;
                rate(in_flight, seconds, move || payglot_card(client.clone())).await
            }
            ("reqwest", "calls") => {
                let client = Rc::new(ByHand::new(url)?);
                rate(in_flight, seconds, move || reqwest_card(client.clone())).await
            }
            ("socket", "calls") => {
                let host: Rc<str> = url.strip_prefix("http://").context("http:// alone")?.into();
                let key = Rc::new(key()?);
                let idle = Rc::new(RefCell::new(Vec::new()));
                rate(in_flight, seconds, move || signed(host.clone(), key.clone(), idle.clone()))
                    .await
            }
            ("payglot", "overlap") => overlap(&payglot(url)?, seconds).await,
            _ => bail!("no such client"),
        }
    })
}

/// Keeps `in_flight` calls on their way, first to warm up, and then for `time`.
async fn rate<F, R>(in_flight: usize, time: Duration, call: F) -> Result<()>
where
    F: Fn() -> R + Clone + 'static,
    R: Future<Output = Result<usize>> + 'static,
{
    for (time, is_measured) in [(time / 2, false), (time, true)] {
        let meter = Meter::start();
        let done = Rc::new(Cell::new(0));
        let until = Instant::now() + time;
        let mut workers = Vec::new();
        for _ in 0..in_flight {
            let (call, done) = (call.clone(), done.clone());
            workers.push(tokio::task::spawn_local(async move {
                while Instant::now() < until {
                    ensure!(call().await? > 0, "a response without its fields");
                    done.set(done.get() + 1);
                }
                Ok(())
            }));
        }
        for worker in workers {
            worker.await??;
        }
        if is_measured {
            meter.report(done.get());
        }
    }
    Ok(())
}

fn payglot(url: &str) -> Result<paywint_platform::Client> {
    Ok(builder(url).build()?)
}

fn builder(url: &str) -> paywint_platform::ClientBuilder {
    paywint_platform::Client::builder().credentials(PLATFORM_ID, SECRET).base_url(url)
}

async fn payglot_card(client: paywint_platform::Client) -> Result<usize> {
    let card = client.cards().get(ID).await?;
    let texts = [&card.card_id, &card.card_number, &card.card_exp, &card.first_name];
    let length = texts.into_iter().flatten().map(String::len).sum();
    Ok(if card.is_blocked == Some(false) { length } else { 0 })
}

/// Pages from a server that takes 5 ms, each followed by 5 ms of work.
async fn overlap(client: &paywint_platform::Client, time: Duration) -> Result<()> {
    let meter = Meter::start();
    let until = Instant::now() + time;
    let mut pages = 0;
    while Instant::now() < until {
        let mut records = pin!(client.payments().list_received(ID).records());
        let mut count = 0;
        while let Some(record) = poll_fn(|context| records.as_mut().poll_next(context)).await {
            ensure!(record?.payment_id.is_some(), "a payment without its id");
            count += 1;
            if count % PAGE == 0 {
                pages += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
    meter.report(pages);
    Ok(())
}

async fn reqwest_card(client: Rc<ByHand>) -> Result<usize> {
    let card = client.card().await?;
    let texts = [&card.card_id, &card.card_number, &card.card_exp, &card.first_name];
    let length = texts.into_iter().flatten().map(String::len).sum();
    Ok(if card.is_blocked == Some(false) { length } else { 0 })
}

/// A call by a connection that no other call uses.
async fn signed(
    host: Rc<str>,
    key: Rc<Hmac<Sha256>>,
    idle: Rc<RefCell<Vec<Connection>>>,
) -> Result<usize> {
    let path = format!("/api/platform/card/get-card/{ID}");
    let signature = signature(&key, "GET", &path, b"");
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\nx-platform-id: {PLATFORM_ID}\r\nx-signature: {signature}\r\n\r\n"
    );
    let waiting = idle.borrow_mut().pop();
    let mut connection = match waiting {
        Some(connection) => connection,
        None => Connection::open(&host).await?,
    };
    connection.call(request.as_bytes()).await?;
    idle.borrow_mut().push(connection);
    Ok(request.len())
}
