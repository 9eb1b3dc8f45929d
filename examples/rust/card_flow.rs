//! The life of a card: link, hosted page, flags, update link, removal.
//!
//! Needs `payglot sandbox`: it prints the environment variables that this reads.

use payglot::ErrorKind;
use payglot::paywint_platform::{Client, types};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let user_id = std::env::var("SANDBOX_USER_ID")?;
    let client = Client::from_env()?;

    let purpose = types::CardUsageType::Payment;
    let body = types::PlatformCardAddLinkCreate::builder().card_purpose(purpose.clone()).build()?;
    let link = client.cards().create_add_link(&user_id, &body).await?;
    let page = link.secure_link()?.to_owned();
    println!("add-card link: {}", page.contains("/hosted/cards/"));

    println!("page submitted: {}", submit(&page)?);

    let cards = client.cards().list(&user_id).await?;
    println!("cards: {}", cards.len());
    let card = cards.into_iter().next().ok_or("no card")?;
    let card_id = card.card_id()?.to_owned();
    println!("card: {} ending in {}", card_id, card.card_number.as_deref().unwrap_or("?"));
    println!("payment_confirm_required: {}", card.payment_confirm_required == Some(true));
    println!("card_images_required: {}", card.card_images_required == Some(true));
    println!("needs update: {}", card.needs_update());

    let body = types::PlatformCardUpdateLinkCreate::builder()
        .card_id(&card_id)
        .card_purpose(purpose)
        .build()?;
    let link = client.cards().create_update_link(&user_id, &body).await?;
    println!("update link: {}", link.secure_link.is_some());

    let stranger = Client::builder()
        .credentials(std::env::var("PAYWINT_PLATFORM_ID")?, "a wrong secret")
        .build()?;
    match stranger.cards().list(&user_id).await {
        Err(error) if error.kind() == ErrorKind::Authentication => {
            println!("wrong secret: {error}");
        }
        other => return Err(format!("a wrong secret was not rejected: {other:?}").into()),
    }

    let body = types::PlatformCardDelete::builder().card_id(card_id).build()?;
    client.cards().delete(&user_id, &body).await?;
    println!("cards after removal: {}", client.cards().list(&user_id).await?.len());
    Ok(())
}

/// What a person does in a browser: open the page, fill it in, submit.
fn submit(page: &str) -> Result<u16, ureq::Error> {
    ureq::get(page).call()?;
    let form = [
        ("cardholder_name", "Jordan Rivera"),
        ("card_number", "4000 0000 0000 0002"),
        ("expiry", "12/40"),
        ("cvv", "123"),
        ("address", "100 Main Street"),
        ("postal_code", "78701"),
        ("country", "US"),
    ];
    Ok(ureq::post(page).send_form(form)?.status().as_u16())
}
