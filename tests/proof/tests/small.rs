//! The proof in small for each transport: every fault, at every 21st byte where there are bytes, and some calls at random. `cargo xtask prove` runs
//! it in full.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use payglot_proof::{Sender, simulate};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_never_sent_twice_and_every_call_tells_the_truth() {
    for sender in Sender::ALL {
        let name = sender.name();
        let report = simulate(sender, 300, 7, 21).await.unwrap();
        assert!(report.calls > 1_900, "{name}: {}", report.calls);
        assert!(
            report.problems.is_empty(),
            "{name}: {} problems, first: {}",
            report.problems.len(),
            report.problems[0]
        );
        let unknown = report.endings.iter().filter(|((_, end), _)| end == "OutcomeUnknownError");
        let unknown = unknown.map(|(_, count)| count).sum::<usize>();
        assert!(unknown > 200, "{name}: {:?}", report.endings);
    }
}
