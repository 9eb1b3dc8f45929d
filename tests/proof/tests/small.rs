//! The proof in small: every twentieth boundary, and some calls at random. `cargo xtask prove` runs it in full.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_never_sent_twice_and_every_call_tells_the_truth() {
    let report = payglot_proof::simulate(2_000, 7, 20).await.unwrap();
    assert!(report.calls > 2_500, "{}", report.calls);
    assert!(
        report.problems.is_empty(),
        "{} problems, first: {}",
        report.problems.len(),
        report.problems[0]
    );
    let unknown = report.endings.iter().filter(|((_, ending), _)| ending == "OutcomeUnknownError");
    assert!(unknown.map(|(_, count)| count).sum::<usize>() > 300, "{:?}", report.endings);
}
