//! Random operations from several clients at once never unbalance the ledger.

use std::sync::Arc;

use payglot_sandbox::Sandbox;
use rand::rngs::ChaCha12Rng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::support::{Api, text};

const CLIENTS: u64 = 4;
const BATCHES: u64 = 6;
const OPERATIONS: usize = 30;

/// What the clients work with.
struct Town {
    api: Api,
    payees: Vec<String>,
    bank: String,
    savings: String,
    address: (String, String),
    card: String,
    developer_payee: String,
    linora_user: String,
}

impl Town {
    async fn build() -> Self {
        let api = Api::with(Sandbox::builder().seed(3)).await;
        let user = api.user();
        api.decide("kyc", "approved").await;
        let bank = api.verified_bank("1234567890").await;
        let open = "paywint-platform/pw_bank_accounts.open";
        let savings = api.ok(open, &[&user], json!({ "bank_nick_name": "S" })).await;
        api.new_user("ben@example.com").await;
        let mut payees = Vec::new();
        for email in ["ben@example.com", "user@sandbox.example", "nobody@example.com"] {
            payees.push(api.new_payee(email).await);
        }
        let address_fields = json!({
            "payee_id": payees[0],
            "first_name": "Ben",
            "address_line_1": "1 Main St",
            "city": "Austin",
            "state": "TX",
            "zipcode": "78701",
            "country": "US",
        });
        let create = "paywint-platform/payee_addresses.create";
        let address = text(&api.ok(create, &[&user], address_fields.clone()).await["address_id"]);
        api.ok("paywint-platform/checks.add_address", &[&user], address_fields.clone()).await;
        let card = text(&api.add_card("4242424242424242").await["card_id"]);
        let body = json!({ "name": "Jo", "email": "jo@example.com" });
        let payee = api.ok("paywint-developer/payees.create", &[], body).await;
        let mut address_fields = address_fields;
        address_fields["payee_id"] = payee["payee_id"].clone();
        address_fields["last_name"] = json!("Doe");
        address_fields["is_default"] = json!(true);
        api.ok("paywint-developer/payee_addresses.create", &[], address_fields).await;
        let linora = api.ok("linora/users.create", &[], json!({})).await;
        Self {
            bank,
            savings: text(&savings["pw_bank_id"]),
            address: (payees[0].clone(), address),
            payees,
            card,
            developer_payee: text(&payee["payee_id"]),
            linora_user: text(&linora["userId"]),
            api,
        }
    }

    /// Does something, which may fail with an error.
    async fn act(&self, random: &mut ChaCha12Rng) {
        let user = self.api.user();
        let amount = json!(f64::from(random.random_range(1..20_000)) / 100.0);
        let sum = amount.to_string();
        let payee = self.payees.choose(random).unwrap();
        match random.random_range(0..14) {
            0 => self.fund(&user, &sum).await,
            1 => self.fund(&self.api.developer(), &sum).await,
            2 => self.fund(&self.linora_user, &sum).await,
            3 => self.fund(&self.savings, &sum).await,
            4 | 5 => {
                let from = ["WALLET", "CARD", "PW_BANK"].choose(random).unwrap();
                let to = ["WALLET", "PW_BANK"].choose(random).unwrap();
                let id = if *from == "PW_BANK" { &self.savings } else { &self.bank };
                let body = json!({
                    "user_id": user,
                    "payee_id": payee,
                    "amount": amount,
                    "payment_method": from,
                    "receiving_method": to,
                    "invoice_no": "I",
                    "card_id": self.card,
                    "bank_id": id,
                });
                let made = self.try_op("paywint-platform/payments.create", &[], body).await;
                if let Some(id) = made["data"]["payment_id"].as_str() {
                    let end = ["pay", "reject", "refund"].choose(random).unwrap();
                    self.api.admin("POST", &format!("payments/{id}/{end}"), "").await;
                }
            }
            6 => {
                let body = json!({ "amount": amount, "bank_id": self.bank });
                self.try_op("paywint-platform/wallets.fund", &[&user], body).await;
            }
            7 => {
                let body = json!({
                    "amount": amount,
                    "transfer_method": "bank_withdrawal",
                    "bank_id": ([&self.bank, &self.savings].choose(random).unwrap()),
                });
                self.try_op("paywint-platform/withdrawals.create", &[&user], body).await;
            }
            8 => {
                let body = json!({
                    "amount": amount,
                    "from_bank_id": self.savings,
                    "destination": (["WALLET", "CARD", "ACH"].choose(random).unwrap()),
                    "card_id": self.card,
                    "to_bank_id": self.bank,
                });
                let name = "paywint-platform/withdrawals.transfer_from_pw_bank";
                self.try_op(name, &[&user], body).await;
            }
            9 => {
                let (payee, address) = &self.address;
                let body =
                    json!({ "payee_id": payee, "amount": amount, "payee_address_id": address });
                self.try_op("paywint-platform/payments.mail_check", &[&user], body).await;
            }
            10 => {
                let name = "paywint-developer/payments.create_link";
                let link = self.try_op(name, &[], json!({ "amount": amount })).await;
                let pay = format!("payments/{}/pay", text(&link["data"]["payment_id"]));
                self.api.admin("POST", &pay, "").await;
            }
            11 => {
                let body = json!({ "payee_id": self.developer_payee, "amount": amount });
                self.try_op("paywint-developer/paywint_cards.issue", &[], body).await;
            }
            12 => {
                let body = json!({ "cardName": "A", "initialBalance": amount });
                let card = self.try_op("linora/cards.create", &[&self.linora_user], body).await;
                if let Some(card) = card["cardId"].as_str() {
                    let body = json!({ "amount": amount });
                    self.try_op("linora/cards.top_up", &[card], body.clone()).await;
                    let spend = format!("linora/cards/{card}/spend");
                    self.api.admin("POST", &spend, &body.to_string()).await;
                }
            }
            _ => self.api.advance_hours(random.random_range(1..30)),
        }
    }

    async fn fund(&self, id: &str, amount: &str) {
        self.api.fund(id, amount).await;
    }

    /// Calls an operation that may respond with an error, but not with a 5xx.
    async fn try_op(&self, name: &str, path: &[&str], body: Value) -> Value {
        let (status, response) = self.api.op(name, path, body).await;
        assert!(status < 500, "{name}: {response}");
        response
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_balances_after_every_batch() {
    let town = Arc::new(Town::build().await);
    for batch in 0..BATCHES {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let town = Arc::clone(&town);
                let mut random = ChaCha12Rng::seed_from_u64(batch * CLIENTS + client);
                tokio::spawn(async move {
                    for _ in 0..OPERATIONS {
                        town.act(&mut random).await;
                    }
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        town.api.balanced();
    }
    // When everything has arrived, nothing is on its way into the wallet.
    town.api.advance_hours(24 * 7);
    let (current, available) = town.api.balances(&town.api.user()).await;
    assert_eq!(current, available);
    town.api.balanced();
    let (_, ledger) = town.api.admin("GET", "ledger", "").await;
    assert!(ledger["entries"].as_u64().unwrap() > 200, "{ledger}");
}
