//! Spans of calls in OpenTelemetry: each call is a span, its attempts and retries are events of it.
//!
//! Here they go to the terminal; an OTLP exporter instead of this one sends them to a collector. Needs
//! `payglot sandbox`: it prints the environment variables that this reads.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use payglot::paywint_platform::Client;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exporter = opentelemetry_stdout::SpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter).build();
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("payglot-example"));
    // What payglot says holds no identifier, body or secret; what lies below it might.
    let payglot_alone = Targets::new().with_target("payglot", LevelFilter::DEBUG);
    tracing_subscriber::registry().with(spans.with_filter(payglot_alone)).init();

    let user_id = std::env::var("SANDBOX_USER_ID")?;
    let client = Client::from_env()?;
    println!("cards: {}", client.cards().list(&user_id).await?.len());
    provider.shutdown()?;
    Ok(())
}
