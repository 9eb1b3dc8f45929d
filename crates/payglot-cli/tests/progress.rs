//! How far a batch and an export are (issue 16): a bar on a terminal, lines elsewhere.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::time::Duration;

use support::paged::{PagedVendor, cut};
use support::payroll::Payroll;
use support::run;
use terminal::on_terminal;

/// What moves a terminal's cursor, and so no line of a log may have.
const CONTROLS: [char; 2] = ['\u{1b}', '\r'];

fn payroll(count: u32) -> Payroll {
    let payroll = Payroll::new();
    let keys: Vec<String> = (1..=count).map(|number| format!("e-{number}")).collect();
    let text = payroll.csv(keys.iter().map(|key| (key.as_str(), "1.00")));
    payroll.file("rows.csv", &text);
    payroll
}

/// A list of a hundred, of which the second page takes its time.
fn slow_list(wait: Duration) -> PagedVendor {
    PagedVendor::new(move |asked| {
        if asked.page == 2 {
            std::thread::sleep(wait);
        }
        let records: Vec<_> = (1..=100).map(|at| format!(r#"{{"payment_id":"p{at}"}}"#)).collect();
        Some(cut(&records, asked))
    })
}

const PAGES: [&str; 2] = ["--rows-per-page", "10"];

#[test]
fn a_batch_has_a_bar_on_a_terminal() {
    let payroll = payroll(8);
    let command = payroll.command("run", &["--per-second", "10", "--to", "result.csv"]);
    let (status, shown) = on_terminal(command);
    assert_eq!(status, 0, "{shown:?}");
    // The bar is drawn anew in its line, and cleared at the end, which stays.
    let bars: Vec<_> = shown.split('\r').filter(|part| part.contains(" of 8 rows, ")).collect();
    assert!(bars.len() > 2 && bars[0].contains("payroll "), "{shown:?}");
    assert!(bars.iter().any(|bar| bar.contains('█')), "{shown:?}");
    let last = shown.trim_end().rsplit(CONTROLS).next().unwrap();
    assert!(last.contains("payglot: payroll: 8 paid; 8.00 US dollars are paid"), "{shown:?}");
}

#[test]
fn a_batch_says_lines_elsewhere() {
    let payroll = payroll(3);
    let ended = payroll.batch("run", &["--per-second", "0.2", "--to", "result.csv"]);
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(!ended.err.contains(CONTROLS), "{:?}", ended.err);
    let lines: Vec<_> = ended.err.lines().collect();
    assert!(lines.len() == 2, "one after ten seconds, and the end: {lines:?}");
    assert!(lines[0].starts_with("payglot: payroll: ") && lines[0].ends_with(" of 3 rows"));
}

#[test]
fn an_export_has_a_bar_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = slow_list(Duration::from_millis(300));
    let (status, shown) = on_terminal(vendor.export(folder.path(), "list.csv", &PAGES));
    assert_eq!(status, 0, "{shown:?}");
    let mut bars = shown.split('\r').filter(|part| part.contains(" of 100 records, "));
    assert!(bars.next().is_some_and(|bar| bar.contains("payments.list_received ")), "{shown:?}");
}

#[test]
fn an_export_says_lines_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = slow_list(Duration::from_millis(10_100));
    let ended = run(&mut vendor.export(folder.path(), "list.csv", &PAGES), "");
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(!ended.err.contains(CONTROLS), "{:?}", ended.err);
    let expected = "payglot: payments.list_received: 20 of 100 records, 2 pages";
    assert!(ended.err.lines().any(|line| line == expected), "{}", ended.err);
}
