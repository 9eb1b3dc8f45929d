//! The same client over a `reqwest::Client` of your own, with its pool, resolver, proxies and metrics.
//!
//! Run it against a sandbox: `payglot sandbox` prints the environment that it needs.

use std::time::Duration;

use payglot::paywint_platform::Client;
use payglot::transport::ReqwestTransport;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let user_id = std::env::var("SANDBOX_USER_ID")?;
    // Only where reqwest is built without a TLS provider of its own, as it is here (`rustls-no-provider`).
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .pool_max_idle_per_host(16)
        .connect_timeout(Duration::from_secs(5));
    // `build` knows when nothing was sent, so that a payment without a connection is safe to make again. A finished
    // `reqwest::Client` is taken too, and is asked for less: what became of a request that failed is then unknown.
    let client = Client::builder()
        .credentials(std::env::var("PAYWINT_PLATFORM_ID")?, std::env::var("PAYWINT_SECRET_KEY")?)
        .base_url(std::env::var("PAYWINT_BASE_URL")?)
        .http_client(ReqwestTransport::build(builder)?)
        .build()?;
    let wallet = client.wallets().get(&user_id).await?;
    println!("available: {}", wallet.available_balance()?);
    Ok(())
}
