//! The command as its users run it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const SECRET: &str = "your_platform_secret_key";
const BODY: &str = r#"{"name":"John Doe","email":"john@example.com","phone":"9876543210","phone_country_code":"+91"}"#;
const SIGNATURE: &str = "386937bd022ec588838e70df0719eb0e69ada97272af58e833c41163be94efc5";
const CANONICAL: &str = "POST/api/platform/users/create?isExample=true&version=1.0.5\
                         7bad9f087671627c51648de87b95a8a7472bd881328fa20fc3d7268e8ce88cac";
const WALLET: &str = "/api/platform/wallet/get/f47ac10b-58cc-4372-a567-0e02b2c3d479";

fn payglot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payglot"));
    command.args(arguments).env("PAYWINT_SECRET_KEY", SECRET).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn stdout_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs a command that must fail, and returns what it says.
fn complaint_of(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(!status.success());
    assert!(stdout.is_empty());
    (status.code(), text(&stderr))
}

/// Arguments of the published example, without its body.
const EXAMPLE: [&str; 7] = [
    "sign",
    "--method",
    "POST",
    "--path",
    "/api/platform/users/create",
    "--query",
    "?isExample=true&version=1.0.5",
];

#[test]
fn version_is_the_package_version() {
    assert_eq!(
        stdout_of(&mut payglot(&["--version"])),
        concat!("payglot ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn sign_prints_the_published_example() {
    let mut command = payglot(&EXAMPLE);
    assert_eq!(stdout_of(command.args(["--body", BODY])), format!("{SIGNATURE}\n"));
    command.arg("--show-canonical");
    assert_eq!(stdout_of(&mut command), format!("{CANONICAL}\n{SIGNATURE}\n"));
}

#[test]
fn sign_reads_the_body_from_a_file_or_standard_input() {
    let file = std::env::temp_dir().join(format!("payglot-cli-body-{}", std::process::id()));
    std::fs::write(&file, BODY).unwrap();
    let from_file = stdout_of(payglot(&EXAMPLE).arg("--body-file").arg(&file));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(from_file, format!("{SIGNATURE}\n"));

    let mut child = payglot(&EXAMPLE)
        .args(["--body-file", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(BODY.as_bytes()).unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), format!("{SIGNATURE}\n"));
}

#[test]
fn sign_treats_an_empty_body_as_the_option_says() {
    let sign = |extra: &[&str]| {
        let arguments = [&["sign", "--method", "GET", "--path", WALLET], extra].concat();
        stdout_of(&mut payglot(&arguments))
    };
    assert_eq!(
        sign(&[]).trim(),
        "ac936261e6c7cc033a83f5332190694ec94a8791d73132802502ba5e4fd862a0"
    );
    assert_eq!(
        sign(&["--empty-body", "omit"]).trim(),
        "58d6ea289b2a22b19390d1c1f8c971ac4f4ee8301f93e7cb1436cca9757930f1"
    );
}

#[test]
fn sign_takes_the_secret_from_the_environment_alone() {
    let mut command = payglot(&EXAMPLE);
    command.args(["--body", BODY, "--secret-env", "OTHER_KEY"]);
    let (code, message) = complaint_of(&mut command);
    assert_eq!(code, Some(2));
    let problem = "payglot: the environment variable that --secret-env names is not set: ";
    assert!(message.starts_with(problem), "{message}");
    assert_eq!(stdout_of(command.env("OTHER_KEY", SECRET)), format!("{SIGNATURE}\n"));
}

/// Somebody gives the secret itself where its variable's name belongs.
#[test]
fn issue_12_34_a_secret_in_place_of_its_variable_is_not_repeated() {
    let url = "http://127.0.0.1:1/";
    for arguments in [
        &[&EXAMPLE[..], &["--secret-env", SECRET]].concat()[..],
        &[&EXAMPLE[..], &["--secret-file", SECRET]].concat(),
        &[&EXAMPLE[..], &["--body-file", SECRET]].concat(),
        &["webhook", "send", "--url", url, "--secret-env", SECRET],
        &["webhook", "send", "--url", url, "--secret-file", SECRET],
        &["webhook", "listen", "--listen", "127.0.0.1:0", "--secret-env", SECRET],
        &["webhook", "listen", "--listen", "127.0.0.1:0", "--secret-file", SECRET],
    ] {
        let (code, message) = complaint_of(&mut payglot(arguments));
        assert_eq!(code, Some(2), "{message}");
        assert!(!message.contains(SECRET) && message.contains("--"), "{message}");
    }
    let (_, message) = complaint_of(payglot(&EXAMPLE).env_remove("PAYWINT_SECRET_KEY"));
    assert!(message.contains("PAYWINT_SECRET_KEY is not set"), "{message}");
}

/// Somebody forgets the option before it.
#[test]
fn issue_12_34_a_stray_argument_is_not_repeated() {
    for arguments in [
        &[&EXAMPLE[..], &[SECRET]].concat()[..],
        &["webhook", "send", SECRET, SECRET],
        &["webhook", "listen", SECRET],
        &["sandbox", SECRET],
        &["operations", "linora", SECRET, SECRET],
    ] {
        let (code, message) = complaint_of(&mut payglot(arguments));
        assert_eq!(code, Some(2), "{arguments:?}: {message}");
        assert!(!message.contains(SECRET), "{message}");
        assert!(message.contains("may be a secret") && message.contains("Usage:"), "{message}");
    }
    let (_, message) = complaint_of(&mut payglot(&["sandbox", "--listne", "x"]));
    assert!(message.contains("--listne") && message.contains("--listen"), "{message}");
}

/// Somebody gives it to another option, or as the name of something.
#[test]
fn issue_12_34_a_value_that_is_not_taken_is_not_repeated() {
    let card = ["call", "linora", "cards.create"];
    for (arguments, tells) in [
        (&[SECRET][..], "unrecognized subcommand"),
        (&["call", SECRET], "unrecognized subcommand"),
        (&["call", "linora", SECRET], "unrecognized subcommand"),
        (&["sandbox", "--listen", SECRET], "--listen"),
        (&["operations", SECRET], "PROVIDER"),
        (&["completions", SECRET], "bash"),
        (&["journal", "list", "--state", SECRET], "released"),
        (&["webhook", "send", "--provider", SECRET], "paywint-platform"),
        (&["crash-lab", "--workers", SECRET, "--", "x"], "--workers"),
        (&[&card[..], &["--timeout", SECRET]].concat(), "number of seconds"),
        (&[&card[..], &["--output", SECRET]].concat(), "possible values"),
        (&[&card[..], &["--max-retries", SECRET]].concat(), "--max-retries"),
        (&[&EXAMPLE[..], &["--empty-body", SECRET]].concat(), "omit"),
    ] {
        let (code, message) = complaint_of(&mut payglot(arguments));
        assert_eq!(code, Some(2), "{arguments:?}: {message}");
        assert!(!message.contains(SECRET) && message.contains(tells), "{arguments:?}: {message}");
    }
    let (_, message) = complaint_of(&mut payglot(&["sandbx"]));
    assert!(message.contains("'sandbox'"), "{message}");
}

#[test]
fn issue_12_34_a_secret_comes_from_a_file_or_standard_input_too() {
    let folder = std::env::temp_dir().join(format!("payglot-cli-secret-{}", std::process::id()));
    std::fs::write(&folder, format!("{SECRET}\n")).unwrap();
    let mut command = payglot(&EXAMPLE);
    command.args(["--body", BODY]).env_remove("PAYWINT_SECRET_KEY");
    let from_file = stdout_of(command.arg("--secret-file").arg(&folder));
    std::fs::remove_file(&folder).unwrap();
    assert_eq!(from_file, format!("{SIGNATURE}\n"));

    let mut child = payglot(&EXAMPLE)
        .args(["--body", BODY, "--secret-file", "-"])
        .env_remove("PAYWINT_SECRET_KEY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(SECRET.as_bytes()).unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), format!("{SIGNATURE}\n"));
    let twice = ["--secret-file", "-", "--body-file", "-"];
    let (_, message) = complaint_of(payglot(&EXAMPLE).args(twice));
    assert!(message.contains("standard input"), "{message}");
}

#[test]
fn issue_12_34_the_help_says_where_a_secret_is_not_seen() {
    for (arguments, names) in [
        (&["sign"][..], &["--secret-env", "--secret-file", "--body-file", "standard input"][..]),
        (&["webhook", "send"], &["PAYGLOT_WEBHOOK_URL", "--secret-file", "standard input"]),
        (&["webhook", "listen"], &["PAYGLOT_WEBHOOK_FORWARD", "--secret-file", "standard input"]),
        (
            &["sandbox"],
            &[
                "PAYGLOT_SANDBOX_WEBHOOKS",
                "PAYGLOT_SANDBOX_WEBHOOK_SECRET",
                "PAYGLOT_SANDBOX_TOKEN",
            ],
        ),
    ] {
        let help = stdout_of(
            payglot(arguments).arg("--help").env("PAYGLOT_SANDBOX_WEBHOOK_SECRET", SECRET),
        );
        for name in names {
            assert!(help.contains(name), "{arguments:?} does not say {name}: {help}");
        }
        assert!(help.contains("other users") || help.contains("Other users"), "{help}");
        assert!(!help.contains(SECRET), "{help}");
    }
}

#[test]
fn sign_refuses_what_cannot_be_on_the_wire() {
    for (path, query) in [("x", ""), ("/x?a=1", ""), ("/x", "a=1")] {
        let arguments = ["sign", "--method", "GET", "--path", path, "--query", query];
        assert_eq!(complaint_of(&mut payglot(&arguments)).0, Some(2));
    }
}

/// A sandbox that stops when its input closes or the test ends.
struct Running {
    child: Child,
    announcement: Value,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Self::with(arguments, &[])
    }

    fn with(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = payglot(&["sandbox", "--listen", "127.0.0.1:0", "--json"])
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, announcement: serde_json::from_str(&line).unwrap() }
    }

    fn text(&self, key: &str) -> &str {
        self.announcement[key].as_str().unwrap()
    }

    /// Lists the user's cards with this signature, and returns the whole response.
    fn list_cards(&self, signature: &str) -> String {
        let address = self.text("base_url").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let (path, platform_id) = (self.cards_path(), self.text("platform_id"));
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             X-Platform-ID: {platform_id}\r\nX-Signature: {signature}\r\n\r\n"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    fn cards_path(&self) -> String {
        format!("/api/platform/card/list/{}", self.text("user_id"))
    }

    fn sign(&self, extra: &[&str]) -> String {
        let path = self.cards_path();
        let mut command = payglot(&["sign", "--method", "GET", "--path", &path]);
        command.args(extra).env("PAYWINT_SECRET_KEY", self.text("secret_key"));
        stdout_of(&mut command).trim().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that fails leaves no process behind; one that ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_sandbox_serves_signed_requests_until_its_input_closes() {
    let mut running = Running::start(&["--exit-with-stdin"]);
    let keys: Vec<_> =
        running.announcement.as_object().unwrap().keys().map(String::as_str).collect();
    for key in [
        "base_url",
        "token",
        "platform_id",
        "secret_key",
        "api_key",
        "api_secret",
        "linora_api_key",
        "user_id",
        "environment",
    ] {
        assert!(keys.contains(&key), "{key}");
    }
    assert_eq!(keys.len(), 9);

    assert!(running.list_cards(&running.sign(&[])).starts_with("HTTP/1.1 200"));
    assert!(running.list_cards(SIGNATURE).starts_with("HTTP/1.1 401"));

    drop(running.child.stdin.take());
    assert!(running.child.wait().unwrap().success());
    let mut rest = String::new();
    running.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn options_reach_the_sandbox() {
    let running = Running::start(&["--seed", "7", "--empty-body", "hash", "--static-signature"]);
    assert_eq!(
        running.announcement["user_id"],
        Running::start(&["--seed", "7"]).announcement["user_id"]
    );
    assert!(
        running.list_cards(&running.sign(&["--empty-body", "omit"])).starts_with("HTTP/1.1 401")
    );
    let fixed = "8b3cb99a4b8e24fc7e01d0db635e2e47b80818144fe51400c6c6ae3ecbc84f47";
    assert!(running.list_cards(fixed).starts_with("HTTP/1.1 200"));
    let strict = Running::start(&["--strict"]);
    let omitted = strict.sign(&["--empty-body", "omit"]);
    assert!(strict.list_cards(&omitted).starts_with("HTTP/1.1 401"));
    let both = ["sandbox", "--strict", "--static-signature"];
    assert_eq!(complaint_of(&mut payglot(&both)).0, Some(2));
}

#[test]
fn issue_12_28_the_token_is_printed_and_other_names_can_be_allowed() {
    let running = Running::start(&["--allow-host", "sandbox.test"]);
    let token = running.announcement["token"].as_str().unwrap();
    assert_eq!(running.announcement["environment"]["PAYGLOT_SANDBOX_TOKEN"], token);
    let address = running.announcement["base_url"].as_str().unwrap().replace("http://", "");
    let reset = |host: &str, token: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "POST /_sandbox/api/reset HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\ncontent-length: 0\r\n\r\n"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response[9..12].to_owned()
    };
    assert_eq!(reset("sandbox.test:8787", token), "200");
    assert_eq!(reset("localhost", token), "200");
    assert_eq!(reset("other.test", token), "403");
    assert_eq!(reset("localhost", "another-one-of-the-test"), "401");

    let (_, message) = complaint_of(
        payglot(&["sandbox", "--listen", "127.0.0.1:0"]).env("PAYGLOT_SANDBOX_TOKEN", "sh0rt"),
    );
    assert!(message.contains("16 visible characters") && !message.contains("sh0rt"), "{message}");
}

#[test]
fn issue_12_29_state_is_kept_in_a_file_of_its_own() {
    for name in [":memory:", "file:x?mode=memory"] {
        let (_, message) =
            complaint_of(&mut payglot(&["sandbox", "--listen", "127.0.0.1:0", "--state", name]));
        assert!(message.contains("not that of a file"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn webhook_endpoints_are_registered_and_their_secrets_printed() {
    let url = "http://127.0.0.1:1/hook";
    let sandbox = Running::start(&["--webhook", url, "--webhook-secret", "s3cret"]);
    let webhooks = &sandbox.announcement["webhooks"];
    assert_eq!(*webhooks, serde_json::json!([{ "url": url, "secret": "s3cret" }]));
    // issue 12.34: on the command line everybody could see it
    let more = "http://127.0.0.1:1/more?token=t";
    let sandbox = Running::with(&[], &[("PAYGLOT_SANDBOX_WEBHOOKS", &format!("{url} {more}"))]);
    let webhooks = sandbox.announcement["webhooks"].as_array().unwrap();
    let urls: Vec<_> = webhooks.iter().map(|webhook| webhook["url"].as_str().unwrap()).collect();
    assert_eq!(urls, [url, more]);
    let sandbox = Running::start(&["--webhook", url]);
    let made_up = sandbox.announcement["webhooks"][0]["secret"].as_str().unwrap();
    assert!(made_up.starts_with("whs_sandbox_"), "{made_up}");
    let (_, message) = complaint_of(&mut payglot(&[
        "sandbox",
        "--listen",
        "127.0.0.1:0",
        "--webhook",
        "nonsense",
    ]));
    assert!(message.contains("the webhook endpoint: url: "), "{message}");
}

#[test]
fn signals_stop_the_sandbox_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let mut running = Running::start(&[]);
        let id = running.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert!(running.child.wait().unwrap().success());
    }
}

#[test]
fn people_get_lines_to_paste() {
    let url = "http://ada:pa55@127.0.0.1:1/hook?token=t0ken";
    let mut child = payglot(&["sandbox", "--listen", "127.0.0.1:0", "--exit-with-stdin"])
        .args(["--webhook", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    let shown = text(&child.wait_with_output().unwrap().stdout);
    // issue 12.34
    assert!(shown.contains("Webhooks go to http://127.0.0.1:1/hook?…, "), "{shown}");
    assert!(!shown.contains("pa55") && !shown.contains("t0ken"), "{shown}");
    for variable in [
        "PAYGLOT_SANDBOX_TOKEN",
        "PAYGLOT_SANDBOX_BASE_URL",
        "PAYWINT_PLATFORM_ID",
        "PAYWINT_SECRET_KEY",
        "PAYWINT_BASE_URL",
        "PAYWINT_API_KEY",
        "PAYWINT_API_SECRET",
        "LINORA_API_KEY",
        "LINORA_BASE_URL",
        "SANDBOX_USER_ID",
    ] {
        assert_eq!(shown.matches(&format!("\nexport {variable}=")).count(), 1, "{shown}");
    }
}

#[test]
fn a_busy_port_is_one_line_and_exit_code_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, message) = complaint_of(&mut payglot(&["sandbox", "--listen", &address]));
    assert_eq!(code, Some(1));
    assert_eq!(message.lines().count(), 1);
    assert!(message.starts_with(&format!("payglot: cannot listen on {address}: ")), "{message}");
}
