//! The README's test.

use payglot::paywint_platform::Client;
use payglot_sandbox::Sandbox;

#[tokio::test]
async fn a_new_user_has_an_empty_wallet() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let credentials = sandbox.credentials();
    let client = Client::builder()
        .credentials(&credentials.platform_id, credentials.secret_key.expose())
        .base_url(sandbox.base_url())
        .build()?;
    let wallet = client.wallets().get(sandbox.user_id()).await?.unwrap_or_default();
    assert_eq!(wallet.current_balance, Some(payglot::Decimal::ZERO));
    Ok(())
}
