//! Runs the proof in full and prints its report as Markdown.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, ensure};
#[cfg(unix)]
use payglot_proof::programs::{self, Trial};
use payglot_proof::{Sender, Summary, simulate};

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        #[cfg(unix)]
        Some((first, rest)) if first == "worker" => return programs::worker::run(rest).await,
        #[cfg(unix)]
        Some((first, rest)) if first == "programs" => return prove_programs(rest).await,
        _ => {}
    }
    let random_calls = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let seed = 2026;
    let started = Instant::now();
    let mut reports = Vec::new();
    for sender in Sender::ALL {
        let report = simulate(sender, random_calls, seed, 1).await?;
        for problem in report.problems.iter().take(20) {
            eprintln!("{}: {problem}", sender.name());
        }
        let problems = report.problems.len();
        ensure!(problems == 0, "{}: {problems} calls were not as they should be", sender.name());
        reports.push((sender, report));
    }
    println!("{}\n\n{}", totals(&reports), endings(&reports));
    let calls: usize = reports.iter().map(|(_, report)| report.calls).sum();
    let seconds = started.elapsed().as_secs_f64();
    println!("\n{calls} calls in {seconds:.0} seconds, seed {seed}: 0 problems.");
    Ok(())
}

/// One line for each transport.
fn totals(reports: &[(Sender, Summary)]) -> String {
    let mut lines = vec![
        "| transport | calls | requests that came whole | times the vendor acted | problems |"
            .to_owned(),
        "| --- | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    lines.extend(reports.iter().map(|(sender, report)| {
        let Summary { calls, requests, acts, problems, .. } = report;
        format!("| {} | {calls} | {requests} | {acts} | {} |", sender.name(), problems.len())
    }));
    lines.join("\n")
}

/// How calls ended: one line for each class and ending, one column for each transport.
fn endings(reports: &[(Sender, Summary)]) -> String {
    let mut counts: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (_, report) in reports {
        for ending in report.endings.keys() {
            counts.entry(ending).or_default();
        }
    }
    for (ending, row) in &mut counts {
        row.extend(reports.iter().map(|(_, report)| {
            report.endings.get(*ending).copied().unwrap_or_default().to_string()
        }));
    }
    let names: Vec<_> = reports.iter().map(|(sender, _)| sender.name()).collect();
    let mut lines = vec![
        format!("| class | how calls ended | {} |", names.join(" | ")),
        format!("| --- | --- |{}", " ---: |".repeat(names.len())),
    ];
    lines.extend(
        counts
            .iter()
            .map(|((class, end), row)| format!("| {class} | {end} | {} |", row.join(" | "))),
    );
    lines.join("\n")
}

/// Proves programs: workers with a journal of each kind, and without one. The words are the number of intents for each trial
/// and, where there is a server, the URL of PostgreSQL.
#[cfg(unix)]
async fn prove_programs(words: &[String]) -> Result<()> {
    let intents = words.first().map_or(Ok(3400), |text| text.parse())?;
    let program = std::env::current_exe()?;
    let started = Instant::now();
    let mut lines = vec![
        "| journal | workers | intents | starts | kills | unknown | looked up and found | looked up and not done | \
         looked up and not told apart | released by a person | done twice |"
            .to_owned(),
        format!("| --- |{}", " ---: |".repeat(10)),
    ];
    let mut journalled = 0;
    for kind in ["SQLite", "PostgreSQL", "none"] {
        for workers in [1, 2, 8] {
            let folder = tempfile::tempdir()?;
            let journal = match kind {
                "SQLite" => Some(folder.path().join("payments.db").display().to_string()),
                "PostgreSQL" => match words.get(1) {
                    Some(url) => Some(format!("{url}postgres")),
                    None => continue,
                },
                _ => None,
            };
            let folder = folder.path().to_owned();
            let trial =
                Trial { journal, folder, workers, intents, seed: 2026, is_list_empty: false };
            let outcome = programs::prove(&program, &trial).await?;
            eprintln!(
                "{kind}, {workers} workers: {outcome:?} {:.1} s",
                started.elapsed().as_secs_f64()
            );
            for problem in outcome.problems.iter().take(20) {
                eprintln!("{kind}, {workers} workers: {problem}");
            }
            ensure!(outcome.problems.is_empty(), "{kind}: {} problems", outcome.problems.len());
            if kind == "none" {
                ensure!(
                    outcome.twice > 0,
                    "without a journal nothing was paid twice: the proof proves nothing"
                );
            } else {
                ensure!(outcome.twice == 0, "{kind}: {} intents were paid twice", outcome.twice);
                journalled += intents;
            }
            let programs::Outcome {
                starts,
                kills,
                unknown,
                found,
                absent,
                ambiguous,
                released,
                ..
            } = outcome;
            let twice = outcome.twice;
            lines.push(format!(
                "| {kind} | {workers} | {intents} | {starts} | {kills} | {unknown} | {found} | {absent} | \
                 {ambiguous} | {released} | {twice} |"
            ));
        }
    }
    println!("{}", lines.join("\n"));
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "\n{journalled} intents with a journal in {seconds:.0} seconds, seed 2026: 0 problems."
    );
    Ok(())
}
