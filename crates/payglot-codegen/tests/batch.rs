//! What `[batch]` of `provider.toml` may say, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::path::Path;

use payglot_codegen::Generator;
use payglot_codegen::source::{self, config::Batch};

/// What is wrong with the Platform API where its batches pay by this operation.
fn paid_by(operation: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/paywint-platform");
    let mut vendored = source::provider(&folder).unwrap();
    vendored.config.batch = Some(Batch { operation: operation.to_owned() });
    Generator::default().provider(vendored).map(drop).map_err(|error| format!("{error:#}"))
}

#[test]
fn batches_pay_by_an_operation_that_is_there_and_pays_or_creates() {
    paid_by("payments.create").unwrap();
    paid_by("payees.create").unwrap();
    for wrong in ["payments.pay", "users.list", "wallets.get_balance"] {
        let problem = paid_by(wrong).unwrap_err();
        let expected = format!("batch: there is no operation `{wrong}` that pays or creates");
        assert!(problem.contains(&expected), "{problem}");
    }
}
