//! The whole story: identity, card, wallet, payments, issued cards, and the webhooks that report them.
//!
//! Needs `payglot sandbox`: it prints the environment variables that this reads.

use std::error::Error;

use payglot::webhooks::Scheme;
use payglot::{Json, dec, linora, paywint_developer, paywint_platform};

#[path = "whole_story/receiver.rs"]
mod receiver;

const SECRET: &str = "the secret of these webhooks";
const CARD: [(&str, &str); 9] = [
    ("cardholder_name", "Robin Diaz"),
    ("card_number", "4242 4242 4242 4242"),
    ("expiry", "12/40"),
    ("cvv", "123"),
    ("address", "100 Main Street"),
    ("city", "Austin"),
    ("state", "TX"),
    ("postal_code", "78701"),
    ("country", "US"),
];
const IDENTITY: [(&str, &str); 9] = [
    ("first_name", "Robin"),
    ("last_name", "Diaz"),
    ("dob", "1990-04-01"),
    ("address", "100 Main Street"),
    ("city", "Austin"),
    ("state", "TX"),
    ("zip", "78701"),
    ("country", "US"),
    ("decision", "approve"),
];

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let (address, mut heard) = receiver::listen(SECRET).await?;
    for api in ["platform", "developer"] {
        let endpoint = format!(
            r#"{{"url":"{address}/{api}","secret":"{SECRET}","provider":"paywint-{api}"}}"#
        );
        sandbox("webhooks/endpoints", &endpoint)?;
    }

    let platform = paywint_platform::Client::from_env()?;
    let user_id = create_user(&platform).await?;
    let check_id = pay(&platform, &user_id).await?;
    be_paid(&platform, &user_id).await?;
    issue_paywint_card().await?;
    issue_virtual_card().await?;

    // The post takes days, on the sandbox's clock.
    sandbox("clock/advance", r#"{"seconds":604800}"#)?;
    let arrived = platform.payments().get(&check_id).await?;
    println!("a week later, the check: {}", arrived.status()?);

    // The webhooks come in any order.
    let mut events = Vec::new();
    for _ in 0..7 {
        events.push(receiver::next(&mut heard).await?);
    }
    events.sort();
    for (line, _) in &events {
        println!("told of: {line}");
    }

    let data = Json::new(r#"{"amount":"12.50"}"#).ok_or("not JSON")?;
    let delivery = paywint_platform::webhooks::sample_delivery(
        "payment.success",
        Some(&data),
        SECRET.as_bytes(),
        &Scheme::default(),
    )?;
    let tampered = String::from_utf8(delivery.body)?.replace("12.50", "99.50");
    let (status, text) = deliver(&format!("{address}/platform"), &tampered, &delivery.headers)?;
    println!("tampered: {status} {text}");

    let (_, event_id) = events.last().ok_or("no event")?;
    sandbox(&format!("webhooks/events/{event_id}/resend"), "{}")?;
    println!("told of: {}", receiver::next(&mut heard).await?.0);
    Ok(())
}

/// Paywint Platform API: a user who shows who they are and adds a card.
async fn create_user(client: &paywint_platform::Client) -> Result<String> {
    use paywint_platform::types;

    let body = types::PlatformUserCreate::builder()
        .name("Robin Diaz")
        .email("robin@example.com")
        .build()?;
    let user = client.users().create(&body).await?;
    let user_id = user.user_id()?.to_owned();
    println!("user: {user_id}");

    let inquiry = client.kyc().get_inquiry(&user_id).await?;
    let page = inquiry.inquiry_url.ok_or("no page")?;
    println!("identity page submitted: {}", submit(&page, &IDENTITY)?);
    let kyc = client.kyc().get(&user_id).await?;
    println!("identity: {}", kyc.kyc_status.unwrap_or_default());

    let body = types::PlatformCardAddLinkCreate::builder()
        .card_purpose(types::CardUsageType::Payment)
        .build()?;
    let link = client.cards().create_add_link(&user_id, &body).await?;
    let page = link.secure_link()?.to_owned();
    println!("card page submitted: {}", submit(&page, &CARD)?);
    for card in client.cards().list(&user_id).await? {
        let number = card.card_number.as_deref().unwrap_or_default();
        println!("card: {} ending in {number}", card.card_id()?);
    }
    Ok(user_id)
}

/// Paywint Platform API: money for the wallet, a payee, a payment and a mailed check, whose id this gives.
async fn pay(client: &paywint_platform::Client, user_id: &str) -> Result<String> {
    use paywint_platform::types;

    sandbox(&format!("wallets/{user_id}/fund"), r#"{"amount":"250.00"}"#)?;
    let wallet = client.wallets().get(user_id).await?;
    println!("wallet: {}", wallet.available_balance()?);

    let body = types::ExternalContactsCreate::builder()
        .name("Jordan Rivera")
        .email("jordan@example.com")
        .build()?;
    let payee = client.payees().create(user_id, &body).await?;
    let payee_id = payee.payee_id()?.to_owned();
    let body = types::ExternalContactAddressCreate::builder()
        .payee_id(&payee_id)
        .first_name("Jordan")
        .last_name("Rivera")
        .address_line_1("200 Oak Avenue")
        .city("Denver")
        .state("CO")
        .zipcode("80202")
        .country("US")
        .build()?;
    let street = client.payee_addresses().create(user_id, &body).await?;
    println!(
        "payee: {}, {}",
        payee.name.as_deref().unwrap_or_default(),
        street.city.as_deref().unwrap_or_default()
    );

    let body = types::PlatformPaymentCreate::builder()
        .user_id(user_id)
        .payee_id(&payee_id)
        .amount(dec!(100.10))
        .payment_method(types::PaymentMethodType::Wallet)
        .receiving_method(types::ReceivingMethodType::Wallet)
        .invoice_no("INV-1")
        .build()?;
    let payment = client.payments().create(&body).await?;
    let (amount, status) = (payment.amount()?, payment.status()?);
    println!("payment: {amount} {status}");

    let body = types::ExternalCheckAddressCreate::builder()
        .address_line_1("100 Main Street")
        .city("Austin")
        .state("TX")
        .zipcode("78701")
        .country("US")
        .build()?;
    client.checks().add_address(user_id, &body).await?;
    let body = types::PlatformMailCheckCreate::builder()
        .payee_id(payee_id)
        .payee_address_id(street.address_id()?)
        .amount(dec!(25.00))
        .invoice_no("INV-2")
        .build()?;
    let check = client.payments().mail_check(user_id, &body).await?;
    let (amount, status) = (check.amount()?, check.status()?);
    let postage = check.delivery_fee.unwrap_or_default();
    println!("mailed check: {amount} {status}, postage {postage}");
    Ok(check.payment_id()?.to_owned())
}

/// Paywint Platform API: a link that a payer pays.
async fn be_paid(client: &paywint_platform::Client, user_id: &str) -> Result<()> {
    let body = paywint_platform::types::PlatformPaymentLinkCreate::builder()
        .amount(dec!(150.75))
        .description("June invoice")
        .build()?;
    let link = client.payments().create_link(user_id, &body).await?;
    let page = link.payment_link()?.to_owned();
    println!("payment page submitted: {}", submit(&page, &CARD)?);
    let mut payments = client.payments().list_received(user_id).records();
    while let Some(received) = payments.next().await.transpose()? {
        println!("received: {} {}", received.amount()?, received.status()?);
    }
    Ok(())
}

/// Paywint Developer API: a card for a payee.
async fn issue_paywint_card() -> Result<()> {
    use paywint_developer::types;

    let client = paywint_developer::Client::from_env()?;
    let wallet = client.wallets().get().await?;
    let owner = wallet.user_id.ok_or("no owner")?;
    sandbox(&format!("wallets/{owner}/fund"), r#"{"amount":"100.00"}"#)?;
    let body = types::ExternalContactsCreate::builder()
        .name("Sam Ortiz")
        .email("sam@example.com")
        .build()?;
    let payee = client.payees().create(&body).await?;
    let payee_id = payee.payee_id()?.to_owned();
    let body = types::PayeeAddressCreate::builder()
        .payee_id(&payee_id)
        .first_name("Sam")
        .last_name("Ortiz")
        .address_line_1("300 Pine Street")
        .city("Boise")
        .state("ID")
        .zipcode("83702")
        .country("US")
        .is_default(true)
        .build()?;
    client.payee_addresses().create(&body).await?;

    let body = types::ExternalGiftCardRequestCreate::builder()
        .payee_id(payee_id)
        .amount(dec!(20.00))
        .card_nick_name("Travel")
        .build()?;
    let request = client.paywint_cards().issue(&body).await?;
    let (amount, status) = (request.amount()?, request.status()?);
    println!("Paywint card: {amount} {status}");
    sandbox("clock/advance", r#"{"seconds":60}"#)?;
    let request_id = request.request_id()?.to_owned();
    let issued = client.paywint_cards().get(&request_id).await?;
    println!(
        "a minute later: {}, {}",
        issued.status()?,
        issued.card_number.as_deref().unwrap_or_default()
    );

    let body = types::ExternalGiftCardReloadRequest::builder()
        .payee_card_id(issued.payee_card_id.ok_or("no card id")?)
        .amount(dec!(5.50))
        .build()?;
    let reload = client.paywint_cards().reload(&body).await?;
    let (amount, status) = (reload.amount.unwrap_or_default(), reload.status()?);
    println!("reloaded: {amount} {status}");
    let wallet = client.wallets().get().await?;
    println!("developer's wallet: {}", wallet.available_balance.unwrap_or_default());
    Ok(())
}

/// Linora: a virtual card.
async fn issue_virtual_card() -> Result<()> {
    use linora::types;

    let client = linora::Client::from_env()?;
    let holder = client.users().create(&types::CreateUserRequest::default()).await?;
    let holder_id = holder.user_id.ok_or("no user id")?;
    sandbox(&format!("wallets/{holder_id}/fund"), r#"{"amount":"100.00"}"#)?;
    let body = types::CreateCardRequest::builder()
        .card_name("Groceries")
        .initial_balance(dec!(40.00))
        .build()?;
    let card = client.cards().create(&holder_id, &body).await?;
    let (balance, status) = (card.balance.unwrap_or_default(), card.status.as_deref());
    let fee = card.issuance_fee.unwrap_or_default();
    println!("virtual card: {balance} {}, issued for {fee}", status.unwrap_or_default());

    let card_id = card.card_id()?.to_owned();
    let body = types::TopUpCardRequest::builder().amount(dec!(10.00)).build()?;
    let loaded = client.cards().top_up(&card_id, &body).await?;
    println!("topped up: {}", loaded.balance.unwrap_or_default());
    let password = client.cards().get_otp(&card_id).await?;
    println!("one-time password: {} digits", password.otp.unwrap_or_default().len());
    Ok(())
}

/// What a person does in a browser: open the page, fill it in, submit.
fn submit(page: &str, form: &[(&str, &str)]) -> Result<u16> {
    ureq::get(page).call()?;
    Ok(ureq::post(page).send_form(form.iter().copied())?.status().as_u16())
}

/// What happens outside of the APIs: a bank that sends money, time that goes by.
fn sandbox(path: &str, body: &str) -> Result<()> {
    let url = format!("{}/_sandbox/api/{path}", std::env::var("PAYWINT_BASE_URL")?);
    let token = format!("Bearer {}", std::env::var("PAYGLOT_SANDBOX_TOKEN")?);
    let request = ureq::post(url).header("content-type", "application/json");
    request.header("authorization", token).send(body)?;
    Ok(())
}

/// Posts a delivery as a vendor would, or somebody who pretends to be one.
fn deliver(url: &str, body: &str, headers: &[(String, String)]) -> Result<(u16, String)> {
    let mut request = ureq::post(url).config().http_status_as_error(false).build();
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut response = request.send(body)?;
    Ok((response.status().as_u16(), response.body_mut().read_to_string()?))
}
