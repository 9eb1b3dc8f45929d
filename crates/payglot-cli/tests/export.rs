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
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use support::paged::{Asked, Page, PagedVendor, cut};
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

/// A page of a list of so many records, which are made when they are asked for.
fn page(count: usize, asked: &Asked) -> Page {
    let first = (asked.page - 1) * asked.size;
    ((first + 1..=count.min(first + asked.size)).map(record).collect(), count)
}

/// The most memory that a process has had, in MB; nothing once it has ended, and where the system does not say.
fn peak(process: &Child) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", process.id()));
    let text = text.unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kilobytes.map_or(0, |kilobytes: u64| kilobytes.div_ceil(1024))
}

/// What an export has taken.
struct Exported {
    runs: usize,
    /// Of the run that had most.
    megabytes: u64,
}

/// Exports a list of so many records undisturbed.
fn undisturbed(count: usize, folder: &Path, file: &str, options: &[&str]) -> Exported {
    let vendor = PagedVendor::new(move |asked| Some(page(count, asked)));
    let mut child = vendor.export(folder, file, options).stderr(Stdio::null()).spawn().unwrap();
    let mut megabytes = 0;
    let status = loop {
        megabytes = peak(&child).max(megabytes);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{status}");
    Exported { runs: 1, megabytes }
}

/// The same where the command is killed at every tenth page, and run again until it has ended well.
fn killed(count: usize, folder: &Path, file: &str, options: &[&str]) -> Exported {
    let (reached, kills) = mpsc::channel();
    let (dead, goes_on) = mpsc::channel();
    let vendor = PagedVendor::new(move |asked| {
        let page = page(count, asked);
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
    let mut taken = Exported { runs: 0, megabytes: 0 };
    loop {
        taken.runs += 1;
        let mut command = vendor.export(folder, file, options);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let status = loop {
            taken.megabytes = peak(&child).max(taken.megabytes);
            if kills.recv_timeout(Duration::from_millis(5)).is_ok() {
                taken.megabytes = peak(&child).max(taken.megabytes);
                child.kill().unwrap();
                let _ = dead.send(());
                break child.wait().unwrap();
            }
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
        };
        if status.success() {
            return taken;
        }
        assert!(!folder.join(file).exists(), "a file is there whole or not at all");
        assert!(taken.runs * 9 < vendor.requests() + 90, "each run gets on");
    }
}

#[test]
fn killed_at_every_tenth_page_and_resumed_it_writes_the_same_file() {
    for file in ["list.jsonl", "list.csv", "list.parquet"] {
        let [whole, resumed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        undisturbed(1234, whole.path(), file, &SMALL);
        let Exported { runs, .. } = killed(1234, resumed.path(), file, &SMALL);
        assert!(runs > 12, "{runs}");
        let read = |folder: &Path| std::fs::read(folder.join(file)).unwrap();
        assert!(read(resumed.path()) == read(whole.path()), "{file}");
        let left: Vec<_> = std::fs::read_dir(resumed.path()).unwrap().collect();
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

/// Records of a file.
fn rows(folder: &Path, file: &str) -> usize {
    let file = std::fs::File::open(folder.join(file)).unwrap();
    let rows = SerializedFileReader::new(file).unwrap().metadata().file_metadata().num_rows();
    usize::try_from(rows).unwrap()
}

const LARGE: [&str; 2] = ["--rows-per-page", "100"];

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let Exported { megabytes, .. } = undisturbed(20_000, folder.path(), "a.parquet", &LARGE);
    assert_eq!(rows(folder.path(), "a.parquet"), 20_000);
    assert!((1..=64).contains(&megabytes), "{megabytes} MB");
}

/// `cargo test -p payglot-cli --test export -- --ignored --nocapture`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes minutes: a million records, a thousand kills"]
fn a_million_records_killed_at_every_tenth_page_are_the_same_file_within_64_megabytes() {
    const MILLION: usize = 1_000_000;
    let file = "a.parquet";
    let [whole, resumed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (folder, least_runs) in [(&whole, 1), (&resumed, 1000)] {
        let began = Instant::now();
        let taken = match least_runs {
            1 => undisturbed(MILLION, folder.path(), file, &LARGE),
            _ => killed(MILLION, folder.path(), file, &LARGE),
        };
        let Exported { runs, megabytes } = taken;
        println!("{runs} runs, {megabytes} MB, {:?}", began.elapsed());
        assert!(runs >= least_runs, "{runs}");
        assert_eq!(rows(folder.path(), file), MILLION);
        assert!((1..=64).contains(&megabytes), "{megabytes} MB");
    }
    let read = |folder: &Path| std::fs::read(folder.join(file)).unwrap();
    assert!(read(resumed.path()) == read(whole.path()), "the same file, byte for byte");
}
