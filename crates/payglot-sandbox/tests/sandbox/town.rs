//! Users, payees, bank accounts and money for tests that need them.

use serde_json::{Value, json};

use crate::support::{Api, text};

impl Api {
    /// Fills a wallet at once.
    pub async fn fund(&self, id: &str, amount: &str) {
        let body = json!({ "amount": amount }).to_string();
        let (status, response) = self.admin("POST", &format!("wallets/{id}/fund"), &body).await;
        assert_eq!(status, 200, "{response}");
    }

    /// The user that exists from the start.
    pub fn user(&self) -> String {
        self.sandbox.user_id().to_string()
    }

    pub fn developer(&self) -> String {
        self.sandbox.developer_id().to_string()
    }

    /// Current and available balance of a user of the Platform API.
    pub async fn balances(&self, user: &str) -> (f64, f64) {
        let wallet = self.ok("paywint-platform/wallets.get", &[user], Value::Null).await;
        (wallet["current_balance"].as_f64().unwrap(), wallet["available_balance"].as_f64().unwrap())
    }

    /// A new user of the Platform API.
    pub async fn new_user(&self, email: &str) -> String {
        let body = json!({ "name": "Some User", "email": email });
        text(&self.ok("paywint-platform/users.create", &[], body).await["user_id"])
    }

    /// A new payee of the first user.
    pub async fn new_payee(&self, email: &str) -> String {
        let body = json!({ "name": "Some Payee", "email": email });
        let user = self.user();
        text(&self.ok("paywint-platform/payees.create", &[&user], body).await["payee_id"])
    }

    /// A verified bank account of the first user.
    pub async fn verified_bank(&self, number: &str) -> String {
        let user = self.user();
        let body = json!({
            "user_id": user,
            "account_holder_name": "Some User",
            "bank_name": "Example Bank",
            "account_number": number,
        });
        let bank = self.ok("paywint-platform/bank_accounts.add", &[], body).await;
        self.advance_hours(36);
        let body = json!({ "bank_id": bank["id"], "amounts": [0.15, 0.07] });
        let name = "paywint-platform/bank_accounts.verify_micro_deposits";
        self.ok(name, &[&user], body).await;
        text(&bank["id"])
    }

    /// Lets the user's KYC or KYB come to this.
    pub async fn decide(&self, check: &str, status: &str) {
        let path = format!("{check}/{}", self.user());
        let body = json!({ "status": status }).to_string();
        assert_eq!(self.admin("POST", &path, &body).await.0, 200);
    }

    pub fn advance_hours(&self, hours: u64) {
        self.advance_minutes(60 * hours);
    }

    pub fn balanced(&self) {
        self.sandbox.check_ledger().unwrap();
    }
}

/// The body with another text in it.
pub fn with(mut body: Value, name: &str, value: &str) -> Value {
    body[name] = json!(value);
    body
}

/// The present status of a payment of the Platform API.
pub async fn status_of(api: &Api, payment: &Value) -> String {
    let id = text(&payment["payment_id"]);
    text(&api.ok("paywint-platform/payments.get", &[&id], Value::Null).await["status"])
}
