//! `payglot export` as its users run it: killed and resumed, over lists that move, and over long ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;

use std::collections::HashSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use support::paged::{PagedVendor, cut};
use support::{TestSandbox, run};

fn record(number: usize) -> String {
    let cents = number % 100;
    format!(
        r#"{{"payment_id":"p{number}","amount":{number}.{cents:02},"currency":"USD","created_at":"2026-11-27T10:00:00Z","description":"No. {number}, \"quoted\"","beside":[1,{number}]}}"#
    )
}

fn records(count: usize) -> Vec<String> {
    (1..=count).map(record).collect()
}

fn identifiers(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    records.map(|record| record["payment_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn killed_at_every_tenth_page_and_resumed_it_writes_the_same_file() {
    let list = records(1234);
    for file in ["list.jsonl", "list.csv", "list.parquet"] {
        let whole = tempfile::tempdir().unwrap();
        let ended = run(&mut PagedVendor::of(list.clone()).export(whole.path(), file, &SMALL), "");
        assert_eq!(ended.status, 0, "{}", ended.err);

        let folder = tempfile::tempdir().unwrap();
        let (reached, kills) = mpsc::channel();
        let (killed, goes_on) = mpsc::channel();
        let served = list.clone();
        let vendor = PagedVendor::new(move |asked| {
            let page = cut(&served, asked);
            if asked.request % 10 != 0 {
                return Some(page);
            }
            reached.send(()).unwrap();
            // Each second time the response is on its way already when the command is killed.
            if asked.request % 20 == 0 {
                return Some(page);
            }
            goes_on.recv().unwrap();
            None
        });
        let mut runs = 0;
        loop {
            runs += 1;
            let mut command = vendor.export(folder.path(), file, &SMALL);
            let mut child = command.stderr(Stdio::null()).spawn().unwrap();
            let status = loop {
                if kills.recv_timeout(Duration::from_millis(5)).is_ok() {
                    child.kill().unwrap();
                    let _ = killed.send(());
                    break child.wait().unwrap();
                }
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
            };
            if status.success() {
                break;
            }
            assert!(!folder.path().join(file).exists(), "a file is there whole or not at all");
            assert!(runs < 40);
        }
        assert!(runs > 10, "{runs}");
        let read = |folder: &Path| std::fs::read(folder.join(file)).unwrap();
        assert!(read(folder.path()) == read(whole.path()), "{file}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "the state is removed: {left:?}");
    }
}

/// Pages of ten, so that there are many.
const SMALL: [&str; 2] = ["--rows-per-page", "10"];

#[test]
fn records_that_move_between_pages_are_neither_lost_nor_doubled() {
    let list = records(95);
    let changed: [fn(&mut Vec<String>); 3] = [
        |list| drop(list.remove(3)),
        |list| list.insert(0, record(1000)),
        |list| list.rotate_right(1),
    ];
    for (kind, change) in changed.into_iter().enumerate() {
        let (folder, served) = (tempfile::tempdir().unwrap(), list.clone());
        let vendor = PagedVendor::new(move |asked| {
            let mut list = served.clone();
            if asked.request > 4 {
                change(&mut list);
            }
            Some(cut(&list, asked))
        });
        let ended = run(&mut vendor.export(folder.path(), "list.jsonl", &SMALL), "");
        assert_eq!(ended.status, 0, "{}", ended.err);
        let found = identifiers(&folder.path().join("list.jsonl"));
        let distinct: HashSet<_> = found.iter().collect();
        assert_eq!(distinct.len(), found.len(), "{kind}: none comes twice");
        for number in 1..=95 {
            assert!(distinct.contains(&format!("p{number}")), "{kind}: p{number} is lost");
        }
        assert!(vendor.requests() >= 19, "{kind}: it walked the list again");
    }
}

#[test]
fn a_list_that_holds_still_is_walked_once_and_one_that_never_does_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = PagedVendor::of(records(95));
    assert_eq!(run(&mut vendor.export(folder.path(), "a.csv", &SMALL), "").status, 0);
    assert_eq!(vendor.requests(), 10);
    let rechecked = [&SMALL[..], &["--recheck"]].concat();
    assert_eq!(run(&mut vendor.export(folder.path(), "a.csv", &rechecked), "").status, 0);
    assert_eq!(vendor.requests(), 30);

    let restless = PagedVendor::new(|asked| {
        let list = records(30 + asked.request % 7);
        Some(cut(&list, asked))
    });
    let ended = run(&mut restless.export(folder.path(), "b.csv", &SMALL), "");
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("payments.list_received: records moved"), "{}", ended.err);
    assert!(!folder.path().join("b.csv").exists() && folder.path().join("state").exists());
}

#[test]
fn amounts_are_exact_in_every_form() {
    let amounts = ["0.10", "10.1", "12345678901234567890.123456", "-3"];
    let list = amounts.iter().enumerate().map(|(at, amount)| {
        format!(r#"{{"payment_id":"p{at}","amount":{amount},"transaction_id":{at},"description":"a\nb"}}"#)
    });
    let vendor = PagedVendor::of(list.collect());
    let folder = tempfile::tempdir().unwrap();
    for file in ["a.csv", "a.jsonl", "a.parquet"] {
        let ended = run(&mut vendor.export(folder.path(), file, &[]), "");
        assert_eq!(ended.status, 0, "{}", ended.err);
    }
    let text = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    for amount in amounts {
        assert!(text("a.jsonl").contains(&format!("\"amount\": {amount}")), "{}", text("a.jsonl"));
    }
    let mut csv = csv::Reader::from_path(folder.path().join("a.csv")).unwrap();
    let column = csv.headers().unwrap().iter().position(|name| name == "amount").unwrap();
    let read: Vec<_> = csv.records().map(|row| row.unwrap()[column].to_owned()).collect();
    assert_eq!(read, amounts);

    let file = std::fs::File::open(folder.path().join("a.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let mut read = Vec::new();
    for row in reader.get_row_iter(None).unwrap() {
        for (name, field) in row.unwrap().get_column_iter() {
            match (name.as_str(), field) {
                ("amount", Field::Decimal(decimal)) => {
                    assert_eq!((decimal.precision(), decimal.scale()), (38, 6));
                    read.push(i128::from_be_bytes(decimal.data().try_into().unwrap()));
                }
                ("amount", other) => panic!("{other:?}"),
                ("transaction_id", field) => assert!(matches!(field, Field::Long(_)), "{field:?}"),
                ("description", field) => assert_eq!(*field, Field::Str("a\nb".to_owned())),
                _ => {}
            }
        }
    }
    assert_eq!(read, [100_000, 10_100_000, 12_345_678_901_234_567_890_123_456, -3_000_000]);
}

#[test]
fn a_state_of_another_export_is_refused_and_so_is_a_field_that_identifies_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stops = PagedVendor::new(|asked| (asked.page < 3).then(|| cut(&records(95), asked)));
    let options = [&SMALL[..], &["--max-retries", "0"]].concat();
    let ended = run(&mut stops.export(folder.path(), "a.csv", &options), "");
    assert_eq!(ended.status, 1, "{}", ended.err);
    let other = run(&mut stops.export(folder.path(), "a.csv", &["--rows-per-page", "20"]), "");
    assert!(other.err.contains("belongs to another export"), "{}", other.err);
    assert_ne!(other.status, 0);
    let again = run(&mut stops.export(folder.path(), "a.csv", &options), "");
    assert!(again.err.contains("goes on after page 2 with 20 of 95 records"), "{}", again.err);

    let folder = tempfile::tempdir().unwrap();
    let vendor = PagedVendor::of(records(20));
    let ended = run(&mut vendor.export(folder.path(), "a.csv", &["--key", "currency"]), "");
    assert_eq!(ended.status, 2);
    assert!(ended.err.contains("does not distinguish records"), "{}", ended.err);
}

#[test]
fn the_users_of_a_sandbox_are_exported_without_what_is_sensitive() {
    let sandbox = TestSandbox::new();
    let folder = tempfile::tempdir().unwrap();
    let mut command = sandbox.command();
    command.args(["export", "paywint-platform", "users.list", "--to", "users.csv", "--state", "s"]);
    let ended = run(command.current_dir(folder.path()), "");
    assert_eq!(ended.status, 0, "{}", ended.err);
    let users = std::fs::read_to_string(folder.path().join("users.csv")).unwrap();
    assert!(users.starts_with("user_id,name,") && users.contains(&sandbox.user()), "{users}");

    let mut command = sandbox.command();
    command.args(["export", "paywint-platform", "users.list", "--to", "users.xls", "--state", "s"]);
    assert_eq!(run(command.current_dir(folder.path()), "").status, 2, "nothing is asked for");
}

/// `cargo test -p payglot-cli --test export -- --ignored` does it with a million.
#[cfg(target_os = "linux")]
fn peak_memory(count: usize) -> u64 {
    let vendor = PagedVendor::new(move |asked| {
        let first = (asked.page - 1) * asked.size;
        let page = (first..count.min(first + asked.size)).map(record);
        Some((page.collect(), count))
    });
    let folder = tempfile::tempdir().unwrap();
    let mut command = vendor.export(folder.path(), "a.parquet", &["--rows-per-page", "100"]);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = kilobytes.map_or(peak, |now: u64| peak.max(now));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success());
    let file = std::fs::File::open(folder.path().join("a.parquet")).unwrap();
    let rows = SerializedFileReader::new(file).unwrap().metadata().file_metadata().num_rows();
    assert_eq!(usize::try_from(rows).unwrap(), count);
    peak / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_list() {
    let peak = peak_memory(20_000);
    assert!(peak <= 64, "{peak} MB");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes minutes"]
fn a_million_records_need_no_more_than_64_megabytes() {
    let peak = peak_memory(1_000_000);
    println!("{peak} MB");
    assert!(peak <= 64, "{peak} MB");
}
