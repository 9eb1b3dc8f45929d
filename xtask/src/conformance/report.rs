//! The report: tables for the terminal and for `docs/conformance.md`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{Options, Results, tools};

/// The whole page.
pub fn page(root: &Path, results: &Results, options: &Options) -> Result<String> {
    let mut out = String::from("# Conformance\n\nWritten by `cargo xtask conformance`.\n\n");
    let notes = root.join("docs/conformance-notes.md");
    let notes = std::fs::read_to_string(&notes)
        .with_context(|| format!("cannot read {}", notes.display()))?;
    out.push_str(&tables(results));
    writeln!(out, "\nschemathesis' seed was {}.", options.seed)?;
    out.push_str("\n## Versions\n\n| tool | version |\n| --- | --- |\n");
    for (name, version) in tools::versions(root)? {
        writeln!(out, "| {name} | {version} |")?;
    }
    write!(out, "\n{}", notes.trim_start())?;
    Ok(out)
}

/// The tables alone.
pub fn tables(results: &Results) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_tables(&mut out, results);
    out
}

fn write_tables(out: &mut String, results: &Results) -> std::fmt::Result {
    if !results.schemathesis.is_empty() {
        out.push_str("## schemathesis against the sandbox\n\n");
        out.push_str("| document | operations | phases | requests | findings |\n");
        out.push_str("| --- | ---: | --- | ---: | ---: |\n");
        for tested in &results.schemathesis {
            let phases = tested.phases.join(", ");
            let (operations, requests) = (tested.operations, tested.requests);
            writeln!(
                out,
                "| {} | {operations} | {phases} | {requests} | {} |",
                tested.title, tested.findings
            )?;
        }
        let requests: u64 = results.schemathesis.iter().map(|tested| tested.requests).sum();
        let findings: u64 = results.schemathesis.iter().map(|tested| tested.findings).sum();
        writeln!(out, "| all | | | {requests} | {findings} |")?;
    }
    if !results.prism.is_empty() {
        out.push_str("\n## Prism between each SDK and the sandbox\n\n");
        out.push_str("| SDK | operations | exchanges | answered | violations |\n");
        out.push_str("| --- | ---: | ---: | --- | ---: |\n");
        for judged in &results.prism {
            let seen = &judged.seen;
            let statuses: Vec<_> =
                seen.statuses.iter().map(|(status, count)| format!("{count} × {status}")).collect();
            writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                judged.language,
                seen.operations.len(),
                seen.exchanges,
                statuses.join(", "),
                seen.violations.len()
            )?;
        }
    }
    if !results.clients.is_empty() {
        out.push_str("\n## Other generators' clients against the sandbox\n\n");
        out.push_str("| generator | language | flows | steps |\n| --- | --- | --- | ---: |\n");
        for walked in &results.clients {
            let flows = super::players::FLOWS.join(", ");
            writeln!(
                out,
                "| {} | {} | {flows} | {} |",
                walked.generator, walked.language, walked.steps
            )?;
        }
    }
    Ok(())
}
