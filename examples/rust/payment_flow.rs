//! A payment: wallet, payee, money sent, a payment that the wallet does not cover, and a link that a payer pays.
//!
//! Needs `payglot sandbox`: it prints the environment variables that this reads.

use std::error::Error;

use payglot::dec;
use payglot::paywint_platform::{Client, types};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let user_id = std::env::var("SANDBOX_USER_ID")?;
    let client = Client::from_env()?;

    sandbox(&format!("wallets/{user_id}/fund"), r#"{"amount":"250.00"}"#)?;
    print_wallet(&client, &user_id).await?;

    let body = types::ExternalContactsCreate::builder()
        .name("Jordan Rivera")
        .email("jordan@example.com")
        .build()?;
    let payee = client.payees().create(&user_id, &body).await?;
    println!("payee: {}", payee.name.as_deref().unwrap_or_default());

    let mut body = types::PlatformPaymentCreate::builder()
        .user_id(&user_id)
        .payee_id(payee.payee_id()?)
        .amount(dec!(100.10))
        .payment_method(types::PaymentMethodType::Wallet)
        .receiving_method(types::ReceivingMethodType::Wallet)
        .invoice_no("INV-1")
        .build()?;
    pay(&client, &body).await?;
    body.amount = "9999.99".parse()?;
    body.invoice_no = "INV-2".into();
    pay(&client, &body).await?;
    print_wallet(&client, &user_id).await?;

    let body = types::PlatformPaymentLinkCreate::builder()
        .amount(dec!(150.75))
        .description("June invoice")
        .build()?;
    let link = client.payments().create_link(&user_id, &body).await?;
    let is_made = link.payment_link()?.contains("/hosted/pay/");
    println!("payment link: {}", if is_made { "made" } else { "missing" });
    let payment_id = link.payment_id()?.to_owned();
    sandbox(&format!("payments/{payment_id}/pay"), r#"{"payer_name":"Pat"}"#)?;

    let mut payments = client.payments().list_received(&user_id).records();
    while let Some(received) = payments.next().await.transpose()? {
        println!("received: {} {}", received.amount()?, received.status()?);
    }
    Ok(())
}

/// What happens outside of the API: a bank that sends money, a payer who pays.
fn sandbox(path: &str, body: &str) -> Result<(), Box<dyn Error>> {
    let url = format!("{}/_sandbox/api/{path}", std::env::var("PAYWINT_BASE_URL")?);
    let token = format!("Bearer {}", std::env::var("PAYGLOT_SANDBOX_TOKEN")?);
    let request = ureq::post(url).header("content-type", "application/json");
    request.header("authorization", token).send(body)?;
    Ok(())
}

async fn print_wallet(client: &Client, user_id: &str) -> Result<(), Box<dyn Error>> {
    let wallet = client.wallets().get(user_id).await?;
    println!("wallet: {}", wallet.available_balance()?);
    Ok(())
}

/// Sends money from the wallet, and prints what came of it.
async fn pay(client: &Client, body: &types::PlatformPaymentCreate) -> Result<(), Box<dyn Error>> {
    let payment = client.payments().create(body).await?;
    println!("payment: {} {}", payment.amount()?, payment.status()?);
    if let Some(reason) = &payment.failure_reason {
        println!("because: {reason}");
    }
    let again = client.payments().get(payment.payment_id()?).await?;
    if again.amount != payment.amount {
        return Err("the payment reads differently".into());
    }
    Ok(())
}
