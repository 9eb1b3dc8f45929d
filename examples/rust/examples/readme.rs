//! The README's five lines, kept the same by `cargo xtask test`.
use payglot::paywint_platform::{Client, types};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let user_id = std::env::var("SANDBOX_USER_ID")?;
    let client = Client::from_env()?;
    let body = types::PlatformCardAddLinkCreate::builder().card_purpose("PAYMENT").build()?;
    let link = client.cards().create_add_link(&user_id, &body).await?;
    println!("open within 30 minutes: {}", link.secure_link()?);
    Ok(())
}
