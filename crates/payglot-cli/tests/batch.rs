//! `payglot batch` (issue 16) as its users run it: several processes at once, stopped, killed, and too fast for the vendor.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::payroll::Payroll;
use support::run;

const TO: [&str; 2] = ["--to", "result.csv"];
const OPERATION: &str = "paywint-platform/payments.create";

/// Keys `e-001` and so on.
fn keys(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("e-{number:05}")).collect()
}

/// The rows of a file, each of an amount.
fn rows(payroll: &Payroll, count: usize, amount: &str) {
    let keys = keys(count);
    let text = payroll.csv(keys.iter().map(|key| (key.as_str(), amount)));
    payroll.file("rows.csv", &text);
}

fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn each_row_is_paid_once_however_often_the_batch_is_run() {
    for payroll in Payroll::each() {
        rows(&payroll, 5, "10.10");
        let check = payroll.batch("check", &["--at-most", "50.50"]);
        assert_eq!(check.status, 0, "{}{}", check.out, check.err);
        assert!(check.out.contains("to be paid: 5, 50.50 US dollars"), "{}", check.out);
        let user = payroll.sandbox.user();
        assert!(check.out.contains(&format!("balance of user_id={user}: 1")), "{}", check.out);
        assert!(check.out.contains("needed: 50.50 US dollars"), "{}", check.out);
        assert_eq!(payroll.paid().1, 0);
        assert_eq!(payroll.batch("check", &["--at-most", "50.49"]).status, 4);

        let first = payroll.batch("run", &TO);
        assert_eq!(first.status, 0, "{}", first.err);
        assert!(first.err.contains("5 paid; 50.50 US dollars are paid"), "{}", first.err);
        let result = payroll.result("result.csv");
        let names: Vec<String> = result.iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(names, keys(5));
        assert!(result.iter().all(|(_, state)| state == "paid"));

        let again = payroll.batch("run", &TO);
        assert_eq!(again.status, 0, "{}", again.err);
        assert!(payroll.states("result.csv").iter().all(|state| state == "already_paid"));
        let status = payroll.batch("status", &["--to", "status.jsonl"]);
        assert_eq!(status.status, 0, "{}", status.err);
        let text = std::fs::read_to_string(payroll.folder.path().join("status.jsonl")).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.len() == 5 && lines.iter().all(|row| row["state"] == "paid"), "{text}");
        assert!(lines[0]["id"].is_string() && lines[0]["amount"] == "10.10", "{text}");
        let (paid, cents) = payroll.paid();
        assert!(paid.len() == 5 && cents == 5050, "{paid:?} {cents}");
        let check = payroll.batch("check", &["--output", "json"]);
        let check: Value = serde_json::from_str(&check.out).unwrap();
        assert_eq!((&check["paid"]["rows"], &check["to_pay"]["rows"]), (&json!(5), &json!(0)));
    }
}

#[test]
fn wrong_rows_are_all_named_and_while_there_is_one_none_is_paid() {
    let payroll = Payroll::new();
    let text = payroll.csv([
        ("e-1", "10"),
        ("", "10"),
        ("e-1", "10"),
        ("e-2", "ten"),
        ("e-3", "-1"),
        ("e-4", "10"),
    ]);
    payroll.file("rows.csv", &text.replace("e-4,", "e-4,,"));
    let check = payroll.batch("check", &[]);
    assert_eq!(check.status, 2, "{}", check.err);
    for wrong in [
        "row 2: it has no key",
        "row 3 (key \"e-1\"): row 1 has the same key",
        "row 4 (key \"e-2\"): `amount`",
        "row 6 (key \"e-4\"): it has more or fewer cells",
    ] {
        assert!(check.out.contains(wrong), "{wrong}: {}", check.out);
    }
    assert!(!check.out.contains("ten"), "values are not shown: {}", check.out);
    let ended = payroll.batch("run", &TO);
    assert_eq!(ended.status, 2, "{}", ended.err);
    assert!(ended.err.contains("row 2"), "{}", ended.err);
    assert!(!payroll.folder.path().join("result.csv").exists());
    assert_eq!(payroll.paid().1, 0);

    // A column that is no argument may be one that is written wrongly.
    payroll.file("rows.csv", "key,note,amount\ne-1,hello,10\n");
    let ended = payroll.batch("check", &[]);
    assert!(ended.status == 2 && ended.err.contains("--ignore note"), "{}", ended.err);
    let none = payroll.batch("check", &["--key", "employee"]);
    assert!(none.status == 2 && none.err.contains("--key"), "{}", none.err);
}

#[test]
fn columns_can_be_left_out_given_to_all_rows_and_be_key_and_argument() {
    let payroll = Payroll::new();
    let (user, payee) = (payroll.sandbox.user(), &payroll.payee);
    payroll.file(
        "rows.csv",
        &format!(
            "\u{feff}invoice_no,payee_id,amount,note\nINV-1,{payee},1.10,hello\nINV-2,{payee},2.20,\n"
        ),
    );
    let user = format!("user_id={user}");
    let common = ["--key", "invoice_no", "--ignore", "note", "--given", &user, "--given"];
    let rest = ["payment_method=WALLET", "--given", "receiving_method=WALLET"];
    let ended = payroll.batch("run", &[&common[..], &rest, &TO].concat());
    assert_eq!(ended.status, 0, "{}", ended.err);
    let (paid, cents) = payroll.paid();
    assert!(paid.contains_key("INV-1") && paid.len() == 2 && cents == 330, "{paid:?} {cents}");
    // Another amount for the same key is not paid, and is named.
    let path = payroll.folder.path().join("rows.csv");
    let text = std::fs::read_to_string(&path).unwrap().replace("2.20", "2.21");
    std::fs::write(&path, text).unwrap();
    let check = payroll.batch("check", &[&common[..], &rest].concat());
    assert_eq!(check.status, 2, "{}", check.out);
    assert!(check.out.contains("row 2 (key \"INV-2\"): its key was used"), "{}", check.out);
    let ended = payroll.batch("run", &[&common[..], &rest, &TO].concat());
    assert_eq!(ended.status, 4, "{}", ended.err);
    assert_eq!(payroll.states("result.csv"), ["already_paid", "refused"]);
    assert_eq!(payroll.paid().1, 330);
}

#[test]
fn a_provider_says_what_pays_where_no_operation_is_named() {
    let payroll = Payroll::new();
    rows(&payroll, 2, "10.10");
    let batch = |words: &[&str]| {
        let mut command = payroll.sandbox.command();
        command.arg("batch").args(words).current_dir(payroll.folder.path());
        run(command.env("PAYGLOT_JOURNAL", &payroll.journal), "")
    };
    let named = ["paywint-platform", "rows.csv", "--name", "payroll"];
    let ended = batch(&[&["run"], &named[..], &TO].concat());
    assert_eq!(ended.status, 0, "{}", ended.err);
    let (paid, cents) = payroll.paid();
    assert!(paid.len() == 2 && cents == 2020, "{paid:?}");
    // It is the same batch where it is named.
    assert_eq!(payroll.batch("run", &TO).status, 0);
    assert!(payroll.states("result.csv").iter().all(|state| state == "already_paid"));
    let help = batch(&["run", "paywint-platform", "--help"]);
    assert!(
        help.out.contains("Where no operation is named it is payments.create."),
        "{}",
        help.out
    );
    assert!(help.out.contains("--per-second") && help.out.contains("payments.create_link"));
    let none = batch(&["run", "linora", "rows.csv", "--name", "payroll", "--to", "x.csv"]);
    assert!(none.status == 2 && none.err.contains("<OPERATION>"), "{}", none.err);
}

#[test]
fn lines_of_json_pay_an_operation_with_an_argument_in_its_path() {
    let payroll = Payroll::new();
    let user = payroll.sandbox.user();
    let lines: Vec<String> = (1..=3)
        .map(|number| {
            json!({"key": number, "user_id": user, "amount": "1.10", "description": format!("no. {number}")})
                .to_string()
        })
        .collect();
    payroll.file("links.jsonl", &lines.join("\n"));
    let mut command = payroll.sandbox.command();
    command.args(["batch", "run", "paywint-platform", "payments.create_link", "links.jsonl"]);
    command.args(["--name", "links", "--to", "made.jsonl"]).current_dir(payroll.folder.path());
    command.env("PAYGLOT_JOURNAL", &payroll.journal);
    let ended = run(&mut command, "");
    assert_eq!(ended.status, 0, "{}", ended.err);
    let text = std::fs::read_to_string(payroll.folder.path().join("made.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    let mut check = payroll.sandbox.command();
    check.args(["batch", "check", "paywint-platform", "payments.create_link", "links.jsonl"]);
    check.args(["--name", "links"]).current_dir(payroll.folder.path());
    let checked = run(check.env("PAYGLOT_JOURNAL", &payroll.journal), "");
    assert_eq!(checked.status, 0, "{}", checked.err);
    assert!(checked.out.contains("balance: it cannot be told"), "{}", checked.out);
    // Nobody can say how many dollars a link moves.
    command.args(["--at-most", "10"]);
    let limited = run(&mut command, "");
    assert!(limited.status == 2 && limited.err.contains("at_most"), "{}", limited.err);
}

#[test]
fn two_processes_together_keep_the_limits() {
    for payroll in Payroll::each() {
        rows(&payroll, 30, "10.00");
        let limits = ["--at-most", "105", "--per-second", "10", "--to"];
        let began = Instant::now();
        let workers: Vec<Child> = ["one.csv", "two.csv"]
            .map(|file| start(&mut payroll.command("run", &[&limits[..], &[file]].concat())))
            .into();
        for worker in workers {
            let ended = worker.wait_with_output().unwrap();
            let err = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert_eq!(ended.status.code(), Some(4), "{err}");
            assert!(err.contains("more than the batch may spend"), "{err}");
        }
        let took = began.elapsed();
        let (paid, cents) = payroll.paid();
        assert!(paid.len() == 10 && cents == 10_000, "{paid:?}");
        // Ten, and one that was not let through.
        assert!(took > Duration::from_millis(950), "{took:?}");
        let told = payroll.batch("status", &TO);
        assert_eq!(told.status, 4, "{}", told.err);
        let states = payroll.states("result.csv");
        let count = |state: &str| states.iter().filter(|known| *known == state).count();
        assert_eq!((count("paid"), count("not_tried")), (10, 20), "{states:?}");
    }
}

#[test]
fn a_run_stops_at_the_first_unknown_outcome_or_goes_on_where_it_is_told() {
    let payroll = Payroll::new();
    rows(&payroll, 6, "10.00");
    let once = ["--in-flight", "1", "--to", "result.csv"];
    payroll.fault(&json!({"operation": OPERATION, "kind": "reset_after_commit"}));
    let first = payroll.batch("run", &once);
    assert_eq!(first.status, 3, "{}", first.err);
    assert!(first.err.contains("payglot journal resolve \"payroll/e-00001\""), "{}", first.err);
    let states = payroll.states("result.csv");
    assert_eq!(states[0], "unknown");
    assert!(states[1..].iter().all(|state| state == "not_tried"), "{states:?}");
    // Until somebody says what became of it.
    let again = payroll.batch("run", &once);
    assert_eq!((again.status, payroll.paid().0.len()), (3, 1), "{}", again.err);
    let check = payroll.batch("check", &[]);
    assert!(check.status == 4 && check.out.contains("unknown: 1"), "{}", check.out);

    let on = payroll.batch("run", &[&once[..], &["--go-on"]].concat());
    assert_eq!(on.status, 3, "{}", on.err);
    let states = payroll.states("result.csv");
    assert!(
        states[0] == "unknown" && states[1..].iter().all(|state| state == "paid"),
        "{states:?}"
    );

    let mut resolve = payroll.sandbox.command();
    resolve.args(["journal", "resolve", "payroll/e-00001", "--succeeded", "--by", "Ada"]);
    resolve.args(["--because", "seen"]).env("PAYGLOT_JOURNAL", &payroll.journal);
    assert_eq!(run(&mut resolve, "").status, 0);
    assert_eq!(payroll.batch("run", &once).status, 0);
    let (paid, cents) = payroll.paid();
    assert!(paid.len() == 6 && cents == 6000, "{paid:?}");
}

#[test]
fn what_the_vendor_refuses_is_told_and_tried_again_by_the_next_run() {
    let payroll = Payroll::new();
    rows(&payroll, 3, "10.00");
    payroll.fault(&json!({"operation": OPERATION, "kind": "status", "status": 422}));
    let first = payroll.batch("run", &["--in-flight", "1", "--to", "result.csv"]);
    assert_eq!(first.status, 4, "{}", first.err);
    assert_eq!(payroll.states("result.csv"), ["refused", "paid", "paid"]);
    assert_eq!(payroll.batch("run", &TO).status, 0);
    assert_eq!(payroll.states("result.csv"), ["paid", "already_paid", "already_paid"]);
    assert_eq!(payroll.paid().1, 3000);
    // A vendor that cannot be reached ends the run, and nothing is unknown.
    rows(&payroll, 4, "10.00");
    let mut nowhere =
        payroll.command("run", &["--base-url", "http://127.0.0.1:9", "--to", "x.csv"]);
    let ended = run(&mut nowhere, "");
    assert_eq!(ended.status, 1, "{}", ended.err);
    assert_eq!(payroll.states("x.csv")[3], "not_tried");
}

#[test]
fn a_vendor_that_is_too_busy_is_waited_for_by_all_processes() {
    for payroll in Payroll::each() {
        rows(&payroll, 12, "10.00");
        payroll.fault(&json!({
            "operation": OPERATION, "kind": "status", "status": 429, "retry_after": 2, "times": 3
        }));
        let began = Instant::now();
        let workers =
            ["one.csv", "two.csv"].map(|file| start(&mut payroll.command("run", &["--to", file])));
        let mut slowed = 0;
        for worker in workers {
            let ended = worker.wait_with_output().unwrap();
            let err = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert_eq!(ended.status.code(), Some(0), "{err}");
            slowed += usize::from(began.elapsed() >= Duration::from_secs(2));
        }
        assert_eq!(slowed, 2, "both waited for as long as the vendor asked");
        let (paid, cents) = payroll.paid();
        assert!(paid.len() == 12 && paid.values().all(|count| *count == 1), "{paid:?}");
        assert_eq!(cents, 12_000);
        for file in ["one.csv", "two.csv"] {
            let states = payroll.states(file);
            assert!(states.iter().all(|state| state.ends_with("paid")), "{states:?}");
        }
    }
}

#[test]
#[cfg(unix)]
fn what_is_interrupted_goes_on_with_the_next_run() {
    let payroll = Payroll::new();
    rows(&payroll, 40, "1.00");
    let mut command = payroll.command("run", &["--per-second", "10", "--to", "result.csv"]);
    let worker = start(&mut command);
    while payroll.paid().0.len() < 3 {
        std::thread::sleep(Duration::from_millis(20));
    }
    interrupt(&worker);
    let ended = worker.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(4), "{err}");
    assert!(err.contains("run it again to go on"), "{err}");
    let states = payroll.states("result.csv");
    let paid = payroll.paid().0.len();
    assert!((3..40).contains(&paid), "{paid}");
    assert_eq!(states.iter().filter(|state| *state == "paid").count(), paid, "{states:?}");
    assert_eq!(states.iter().filter(|state| *state == "not_tried").count(), 40 - paid);
    assert_eq!(payroll.batch("run", &TO).status, 0);
    let (paid, cents) = payroll.paid();
    assert!(paid.len() == 40 && cents == 4000, "{paid:?}");
}

/// Rows, kills and workers at once; the sum may be less than the rows'.
struct Storm {
    rows: usize,
    kills: usize,
    workers: usize,
    at_most: usize,
}

/// Numbers that look random, and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Workers are killed at random while the vendor is too busy again and again. Each row is paid at most once, the sum stays
/// within its limit, each row is in one state, and the result file is complete. Says in figures what came of it.
fn weather(payroll: &Payroll, storm: &Storm) -> String {
    let began = Instant::now();
    rows(payroll, storm.rows, "1.01");
    let cents = i64::try_from(storm.at_most).unwrap() * 100;
    let at_most = storm.at_most.to_string();
    let options = |file: &str| {
        ["--go-on", "--at-most", &at_most, "--in-flight", "4", "--to", file].map(str::to_owned)
    };
    let spawn = |number: usize| {
        let options = options(&format!("result-{number}.csv"));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        payroll
            .command("run", &options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut dice = Dice(7);
    let mut workers: Vec<Child> = (0..storm.workers).map(spawn).collect();
    let (mut kills, mut runs) = (0, storm.workers);
    while kills < storm.kills {
        // Spread over the rows, however slow the machine is: a worker that is killed at its start shows nothing.
        let enough = payroll.entries() + i64::try_from(storm.rows / storm.kills).unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        while payroll.entries() < enough && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(5 + dice.below(20)));
        }
        if dice.below(4) == 0 {
            let times = 1 + dice.below(5);
            payroll.fault(&json!({
                "operation": OPERATION, "kind": "status", "status": 429, "retry_after": 0, "times": times
            }));
        }
        let at = usize::try_from(dice.below(storm.workers as u64)).unwrap();
        workers[at].kill().unwrap();
        workers[at].wait().unwrap();
        kills += 1;
        // Not each time: it takes the sandbox's time.
        assert!(kills % 10 != 0 || payroll.paid().1 <= cents);
        workers[at] = spawn(at);
        runs += 1;
    }
    for mut worker in workers {
        worker.wait().unwrap();
    }
    // The last run of each worker has written its file; one more, which nobody disturbs, has the last word.
    let options = options("result.csv");
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    payroll.clear_faults();
    let last = payroll.batch("run", &options);
    assert!([0, 3, 4].contains(&last.status), "{}", last.err);

    let (paid, sum) = payroll.paid();
    assert!(paid.values().all(|count| *count == 1), "a row was paid twice");
    assert!(sum <= cents, "{sum}");
    let result = payroll.result("result.csv");
    let names: Vec<String> = result.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(names, keys(storm.rows), "every row once, in order");
    let of = |wanted: &[&str]| -> BTreeSet<&str> {
        let rows = result.iter().filter(|(_, state)| wanted.contains(&state.as_str()));
        rows.map(|(key, _)| key.as_str()).collect()
    };
    let (sure, unknown) = (of(&["paid", "already_paid"]), of(&["unknown"]));
    let (not_tried, refused) = (of(&["not_tried"]), of(&["refused"]));
    assert_eq!(sure.len() + unknown.len() + not_tried.len(), storm.rows, "{refused:?}");
    // What is said to be paid was paid, and what is said not to be tried was not.
    assert!(sure.iter().all(|key| paid.contains_key(*key)));
    assert!(!not_tried.iter().any(|key| paid.contains_key(*key)));
    // Unknown counts as spent.
    let spent = (sure.len() + unknown.len()) * 101;
    assert!(spent <= storm.at_most * 100, "{spent}");
    assert!(not_tried.is_empty() || spent + 101 > storm.at_most * 100, "{spent}");
    format!(
        "{kills} kills, {runs} runs: {} paid, {} unknown, {} not tried, in {:?}",
        sure.len(),
        unknown.len(),
        not_tried.len(),
        began.elapsed()
    )
}

#[test]
fn workers_that_are_killed_in_a_storm_pay_each_row_at_most_once() {
    let storm = Storm { rows: 150, kills: 12, workers: 3, at_most: 140 };
    println!("{}", weather(&Payroll::new(), &storm));
}

/// `cargo test -p payglot-cli --test batch -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes: 10,000 rows, 200 kills"]
fn ten_thousand_rows_and_two_hundred_kills() {
    for payroll in Payroll::each() {
        let storm = Storm { rows: 10_000, kills: 200, workers: 3, at_most: 10_000 };
        println!("{}", weather(&payroll, &storm));
    }
}
