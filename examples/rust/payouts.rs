//! Payouts that can be killed at any moment: start it again, and each is made at most once.
//!
//! A program for cron. What it has sent is remembered in `payments.db`; of two that run at once, each payout is sent by one.
//! Needs `payglot sandbox`: it prints the environment variables that this reads.

use std::error::Error;

use payglot::journal::Journal;
use payglot::paywint_platform::{Client, types};
use payglot::{Decimal, ErrorKind};

const PAYOUTS: [(&str, &str); 3] =
    [("2026-11-0041", "10.10"), ("2026-11-0042", "20.20"), ("2026-11-0043", "30.30")];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let user_id = std::env::var("SANDBOX_USER_ID")?;
    let journal = Journal::open("payments.db")?;
    let client = Client::builder().journal(&journal).build()?;

    let body = types::ExternalContactsCreate::builder()
        .name("Jordan Rivera")
        .email("jordan@example.com")
        .build()?;
    let payee = client.payees().create(&user_id, &body).intent("payee Jordan Rivera").await?;
    let payee_id = payee.payee_id()?.to_owned();

    for (number, amount) in PAYOUTS {
        let body = types::PlatformPaymentCreate::builder()
            .user_id(&user_id)
            .payee_id(&payee_id)
            .amount(amount.parse::<Decimal>()?)
            .payment_method(types::PaymentMethodType::Wallet)
            .receiving_method(types::ReceivingMethodType::Wallet)
            .invoice_no(number)
            .build()?;
        match client.payments().create(&body).intent(format!("payout {number}")).await {
            Ok(payment) => {
                println!("{number} {} {}", payment.amount()?, payment.status()?);
            }
            // Not sent again, whatever happens: a person looks it up.
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {}
            Err(error) => return Err(error.into()),
        }
    }

    let unknown = journal.unknown().await?;
    for intent in &unknown {
        let name = &intent.key.name;
        eprintln!("{name}: nobody knows; look it up, then `payglot journal resolve` or `release`");
    }
    if unknown.is_empty() { Ok(()) } else { Err("some payouts have to be looked up".into()) }
}
