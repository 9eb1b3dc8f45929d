//! Every operation as a typed call: the exact request that arrives, and the response as it is read.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[rustfmt::skip]
#[path = "generated/calls.rs"]
mod calls;
mod support;

use std::path::Path;

use payglot_contract::Judge;
use serde_json::Value;
use support::{compare, verdict};

#[tokio::test]
async fn every_operation_sends_what_its_scenario_says_and_reads_the_answer() {
    let file =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/generated_operations.json");
    let scenarios: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let scenarios = scenarios["scenarios"].as_array().unwrap();
    let all: usize = payglot::providers::ALL.iter().map(|provider| provider.operations.len()).sum();
    assert_eq!(scenarios.len(), all);
    let judge = Judge::start(Path::new(file)).unwrap();
    for (number, scenario) in scenarios.iter().enumerate() {
        let name = scenario["name"].as_str().unwrap();
        let result = calls::call(name, &format!("{}/{number}", judge.url())).await;
        let written = result
            .unwrap_or_else(|| panic!("{name}: no call"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(verdict(judge.url(), number), "{\"problems\":[]}", "{name}");
        compare(serde_json::from_str(&written).unwrap(), &scenario["result"], name);
    }
}
