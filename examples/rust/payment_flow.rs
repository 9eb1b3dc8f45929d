//! A payment: wallet, payee, money sent, a payment that the wallet does not cover, and a link that a payer pays.
//!
//! Needs `payglot sandbox`: it prints the environment variables that this reads.

use std::error::Error;

use payglot::paywint_platform::{Client, types};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let user_id = std::env::var("SANDBOX_USER_ID")?;
    let client = Client::from_env()?;

    sandbox(&format!("wallets/{user_id}/fund"), r#"{"amount":"250.00"}"#)?;
    print_wallet(&client, &user_id).await?;

    let body = types::ExternalContactsCreate {
        name: "Jordan Rivera".into(),
        email: Some("jordan@example.com".into()),
        ..Default::default()
    };
    let payee = client.payees().create(&user_id, &body).await?.ok_or("no payee")?;
    println!("payee: {}", payee.name.unwrap_or_default());

    let mut body = types::PlatformPaymentCreate {
        user_id: user_id.clone(),
        payee_id: payee.payee_id.ok_or("no payee id")?,
        amount: "100.10".parse()?,
        payment_method: types::PaymentMethodType::Wallet,
        receiving_method: types::ReceivingMethodType::Wallet,
        invoice_no: "INV-1".into(),
        ..Default::default()
    };
    pay(&client, &body).await?;
    body.amount = "9999.99".parse()?;
    body.invoice_no = "INV-2".into();
    pay(&client, &body).await?;
    print_wallet(&client, &user_id).await?;

    let body = types::PlatformPaymentLinkCreate {
        amount: "150.75".parse()?,
        description: Some("June invoice".into()),
        ..Default::default()
    };
    let link = client.payments().create_link(&user_id, &body).await?.ok_or("no link")?;
    let is_made = link.payment_link.is_some_and(|link| link.contains("/hosted/pay/"));
    println!("payment link: {}", if is_made { "made" } else { "missing" });
    let payment_id = link.payment_id.ok_or("no payment id")?;
    sandbox(&format!("payments/{payment_id}/pay"), r#"{"payer_name":"Pat"}"#)?;

    let mut payments = client.payments().list_received(&user_id).records();
    while let Some(received) = payments.next().await.transpose()? {
        let (amount, status) = (received.amount.unwrap_or_default(), received.status);
        println!("received: {amount} {}", status.unwrap_or_default());
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
    let wallet = client.wallets().get(user_id).await?.ok_or("no wallet")?;
    println!("wallet: {}", wallet.available_balance.unwrap_or_default());
    Ok(())
}

/// Sends money from the wallet, and prints what came of it.
async fn pay(client: &Client, body: &types::PlatformPaymentCreate) -> Result<(), Box<dyn Error>> {
    let payment = client.payments().create(body).await?.ok_or("no payment")?;
    println!(
        "payment: {} {}",
        payment.amount.unwrap_or_default(),
        payment.status.unwrap_or_default()
    );
    if let Some(reason) = payment.failure_reason {
        println!("because: {reason}");
    }
    let payment_id = payment.payment_id.ok_or("no payment id")?;
    let again = client.payments().get(&payment_id).await?.ok_or("no payment")?;
    if again.amount != payment.amount {
        return Err("the payment reads differently".into());
    }
    Ok(())
}
