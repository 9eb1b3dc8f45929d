//! The test of docs/testing.md.

use payglot_sandbox::Sandbox;

#[tokio::test]
async fn a_funded_wallet_has_its_balance() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let client = sandbox.paywint_platform().build()?;
    sandbox.fund(sandbox.user_id(), 25).await?;
    let wallet = client.wallets().get(sandbox.user_id()).await?;
    assert_eq!(wallet.current_balance()?, payglot::dec!(25));
    Ok(())
}
