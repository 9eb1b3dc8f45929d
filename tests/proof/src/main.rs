//! Runs the proof in full and prints its report as Markdown.

use std::time::Instant;

use anyhow::{Result, ensure};

#[tokio::main]
async fn main() -> Result<()> {
    let calls = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let seed = 2026;
    let started = Instant::now();
    let report = payglot_proof::simulate(calls, seed, 1).await?;
    for problem in report.problems.iter().take(20) {
        eprintln!("{problem}");
    }
    ensure!(
        report.problems.is_empty(),
        "{} calls were not as they should be",
        report.problems.len()
    );
    println!("| class | how calls ended | calls |\n| --- | --- | ---: |");
    for ((class, ending), count) in &report.endings {
        println!("| {class} | {ending} | {count} |");
    }
    println!(
        "\n{} calls, {} requests that came whole, {} times the vendor acted, {:.0} seconds, seed {seed}: 0 problems.",
        report.calls,
        report.requests,
        report.acts,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
