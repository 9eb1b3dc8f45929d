//! `payglot webhook` as its users run it: one sends, one listens.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops the moment something is not as it should be"
)]

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

const SECRET: &str = "whsec_for_tests";

fn payglot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payglot"));
    command.arg("webhook").args(arguments).env("PAYGLOT_WEBHOOK_SECRET", SECRET);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

/// `payglot webhook listen` on a free port; ends with the value.
struct Listening {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Listening {
    fn start(arguments: &[&str]) -> Self {
        let mut command = payglot(&["listen", "--listen", "127.0.0.1:0"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let url = format!("{}/hook", first.rsplit(' ').next().unwrap());
        Self { child, lines, url }
    }

    /// Everything that was printed of the next delivery.
    fn next(&mut self) -> String {
        let mut text = String::new();
        for line in self.lines.by_ref().map(Result::unwrap) {
            text.push_str(&line);
            text.push('\n');
            if line.starts_with("  response:") {
                break;
            }
        }
        text
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn send(url: &str, arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } =
        payglot(&["send", "--url", url]).args(arguments).output().unwrap();
    let output = [stdout, stderr].concat();
    (status.success(), String::from_utf8(output).unwrap())
}

#[test]
fn a_genuine_delivery_is_accepted_and_any_other_is_not() {
    let mut listening = Listening::start(&[]);
    let (accepted, output) = send(&listening.url, &["--event", "kyc.approved"]);
    assert!(accepted, "{output}");
    assert_eq!(output, "kyc.approved: 200\n");
    let shown = listening.next();
    assert!(shown.contains("kyc.approved ") && shown.contains("result:    genuine"), "{shown}");
    assert!(shown.contains(" s ago; 300 s are allowed"), "{shown}");
    // Neither the body nor the signature is shown.
    assert!(!shown.contains("eventGeneratedTime") && !shown.contains(SECRET), "{shown}");

    // Refused, which is what it is for.
    let (done, output) = send(&listening.url, &["--tamper"]);
    assert!(done && output.contains("400"), "{output}");
    let shown = listening.next();
    assert!(shown.contains("not genuine: ") && shown.contains("check the secret"), "{shown}");

    let (accepted, _) = send(&listening.url, &["--no-timestamp"]);
    assert!(!accepted);
    let shown = listening.next();
    assert!(shown.contains("X-Webhook-Timestamp is missing"), "{shown}");
}

#[test]
fn the_scheme_is_a_setting_of_both() {
    let scheme = [
        "--signature-header",
        "X-Sig",
        "--no-timestamp",
        "--prefix",
        "v1=",
        "--encoding",
        "base64",
    ];
    let mut listening = Listening::start(&[&scheme[..], &["--show-body"]].concat());
    let developer = ["--provider", "paywint-developer", "--data", r#"{"amount":1234}"#];
    let (accepted, output) = send(&listening.url, &[&scheme[..], &developer].concat());
    assert!(accepted, "{output}");
    let shown = listening.next();
    assert!(
        shown.contains("\"amount\":1234") && shown.contains("header X-Sig is there"),
        "{shown}"
    );
}

#[test]
fn a_delivery_is_sent_on_as_it_came() {
    let mut last = Listening::start(&[]);
    let mut first = Listening::start(&["--forward", &last.url]);
    let (accepted, output) = send(&first.url, &[]);
    assert!(accepted, "{output}");
    assert!(first.next().contains("responded with 200"));
    assert!(last.next().contains("genuine"));
    let (done, _) = send(&first.url, &["--tamper"]);
    assert!(done);
    assert!(first.next().contains("responded with 400"));

    let mut nowhere = Listening::start(&["--forward", "http://127.0.0.1:1/"]);
    let (accepted, output) = send(&nowhere.url, &[]);
    assert!(!accepted && output.contains("502"), "{output}");
    assert!(nowhere.next().contains("no response"));
}

#[test]
fn what_is_wrong_is_said() {
    let output = |mut command: Command| {
        let output = command.output().unwrap();
        (
            output.status.success(),
            String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
        )
    };
    let (fine, text) = output(payglot(&["send", "--list", "--provider", "paywint-developer"]));
    assert!(fine && text.contains("payment.retried"), "{text}");
    let (fine, text) =
        output(payglot(&["send", "--url", "http://127.0.0.1:1/", "--event", "no.such"]));
    assert!(!fine && text.contains("payment.success"), "{text}");
    let (fine, text) =
        output(payglot(&["send", "--url", "http://127.0.0.1:1/", "--provider", "linora"]));
    assert!(!fine && text.contains("one of paywint-developer, paywint-platform"), "{text}");
    let mut without = payglot(&["listen"]);
    without.env_remove("PAYGLOT_WEBHOOK_SECRET");
    let (fine, text) = output(without);
    assert!(!fine && text.contains("PAYGLOT_WEBHOOK_SECRET"), "{text}");
}

#[test]
fn issue_12_34_neither_user_information_nor_query_of_a_url_is_printed() {
    // Texts that no identifier in hexadecimal digits has by chance.
    let secrets = ["lovelace", "pa55word", "t0ken", "fr4gment"];
    for url in [
        "http://lovelace:pa55word@127.0.0.1:1/hook?token=t0ken#fr4gment",
        "http://lovelace:pa55word@no-such-host.invalid/hook?token=t0ken",
        "http://lovelace:pa55word@[/hook?token=t0ken",
        "lovelace:pa55word@127.0.0.1/hook?token=t0ken",
    ] {
        let (accepted, output) = send(url, &[]);
        assert!(!accepted && output.contains("cannot send to "), "{output}");
        assert!(secrets.iter().all(|secret| !output.contains(secret)), "{output}");
        let mut command = payglot(&["send"]);
        let output = command.env("PAYGLOT_WEBHOOK_URL", url).output().unwrap();
        let output = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.contains("cannot send to "), "{output}");
        assert!(secrets.iter().all(|secret| !output.contains(secret)), "{output}");

        let mut listening = Listening::start(&["--forward", url]);
        let (accepted, _) = send(&listening.url, &[]);
        let shown = listening.next();
        assert!(!accepted && shown.contains("forwarded: no response from "), "{shown}");
        assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
    }
}
