//! `payglot call`, `operations` and `completions` as their users run them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::Value;
use support::{TestSandbox, is_quiet_without_reader, payglot, run};

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// A vendor that says these, one after the other, each on a connection of its own.
fn vendor(bodies: &[&str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let bodies: Vec<String> = bodies.iter().map(ToString::to_string).collect();
    std::thread::spawn(move || {
        for body in bodies {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                let mut chunk = [0; 4096];
                let count = stream.read(&mut chunk).unwrap();
                request.extend_from_slice(&chunk[..count]);
            }
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    url
}

#[test]
fn issue_12_7_what_cannot_be_right_about_a_list_is_a_warning() {
    let page = |first: usize, count: usize| {
        let records: Vec<_> =
            (first..first + count).map(|user| format!(r#"{{"user_id":"u{user}"}}"#)).collect();
        format!(r#"{{"success":true,"records":[{}],"totalRecords":4}}"#, records.join(","))
    };
    let url = vendor(&[&page(0, 10), &page(10, 5), &page(15, 0)]);
    let mut command = payglot();
    command.args(["call", "paywint-platform", "users.list", "--rows-per-page", "10", "--all"]);
    command.envs([("PAYWINT_PLATFORM_ID", "id"), ("PAYWINT_SECRET_KEY", "key")]);
    let ended = run(command.env("PAYWINT_BASE_URL", url), "");
    assert_eq!(ended.status, 0, "{}", ended.err);
    let records: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(records.as_array().unwrap().len(), 15, "all of them are printed");
    assert!(ended.err.contains("payglot: warning: users.list: "), "{}", ended.err);
}

#[test]
fn every_operation_says_what_it_takes() {
    for provider in payglot::providers::ALL {
        let listed = run(payglot().args(["operations", provider.name]), "");
        assert_eq!(listed.status, 0, "{}", listed.err);
        for operation in provider.operations {
            assert!(listed.out.contains(&format!("  {} ", operation.name)), "{}", listed.out);
            let name = operation.name;
            let help = run(payglot().args(["call", provider.name, name, "--help"]), "");
            assert_eq!(help.status, 0, "{name}: {}", help.err);
            let message = help.out.replace('\n', " ");
            assert!(message.contains(operation.summary), "{name}: {message}");
            for field in operation.path_params {
                assert!(message.contains(&format!("[{}]", field.name)), "{name}: {message}");
            }
            let body = operation.body.map_or(&[][..], |schema| schema.fields);
            for field in operation.query.iter().chain(body) {
                let flag = field.name.trim_matches('_').replace('_', "-");
                assert!(message.contains(&format!("{flag} <")), "{name}: no {flag} in {message}");
            }
        }
    }
}

#[test]
fn responses_have_every_digit_and_sensitive_values_are_redacted() {
    let sandbox = TestSandbox::new();
    let user = sandbox.user();
    sandbox.post(&format!("wallets/{user}/fund"), r#"{"amount":"10.10"}"#);
    let wallet = sandbox.call(&["paywint-platform", "wallets.get", &user]);
    assert!(wallet.out.contains("\"current_balance\": 10.10"), "{}", wallet.out);

    let link = ["paywint-platform", "cards.create_add_link", &user, "--card-purpose", "PAYMENT"];
    assert_eq!(sandbox.json(&link)["secure_link"], "[redacted]");
    let table = sandbox.call(&[&link[..], &["--output", "table"]].concat());
    assert_eq!(table.out, "secure_link  [redacted]\n");
    let shown = sandbox.call(&[&link[..], &["--output", "table", "--show-sensitive"]].concat());
    assert!(shown.out.contains(sandbox.inner.base_url()), "{}", shown.out);
}

#[test]
fn every_provider_is_called_with_its_own_credentials() {
    let sandbox = TestSandbox::new();
    let user = ["linora", "users.create", "--json", r#"{"email":"jo@example.com","name":"Jo"}"#];
    let created = sandbox.call(&user);
    // What it asks for is the document's affair; that it asks is what counts.
    assert!(!created.err.contains("Authentication"), "{}", created.err);
    let cards = sandbox.call(&["paywint-developer", "payees.list"]);
    assert_eq!(cards.status, 0, "{}", cards.err);
}

#[test]
fn arguments_come_from_options_and_from_json_and_options_count_for_more() {
    let sandbox = TestSandbox::new();
    let create = ["paywint-platform", "users.create", "--json", "-", "--name", "Robin"];
    let json = r#"{"name": "Jo", "email": "jo@example.com", "phone": "5551234567", "phone_country_code": "+1"}"#;
    let ended = sandbox.call_with(&create, json);
    assert_eq!(ended.status, 0, "{}", ended.err);
    let users = sandbox.json(&["paywint-platform", "users.list"]);
    let names: Vec<_> =
        users.as_array().unwrap().iter().filter_map(|user| user["name"].as_str()).collect();
    assert!(names.contains(&"Robin") && !names.contains(&"Jo"), "{names:?}");
}

/// An account number on the command line stands in the list of processes.
#[test]
fn issue_12_34_account_numbers_come_from_files_variables_and_standard_input() {
    let sandbox = TestSandbox::new();
    let user = sandbox.user();
    let payee = sandbox.json(&[
        "paywint-platform",
        "payees.create",
        &user,
        "--name",
        "Pat",
        "--email",
        "p@example.com",
    ]);
    let payee = payee["payee_id"].as_str().unwrap();
    let file = std::env::temp_dir().join(format!("payglot-cli-account-{}", std::process::id()));
    std::fs::write(&file, "6200000075\n").unwrap();
    let file_name = file.to_str().unwrap();
    let arguments = [
        "paywint-platform",
        "payee_bank_accounts.add",
        &user,
        "--payee-id",
        payee,
        "--account-holder-name",
        "Pat",
        "--account-type",
        "PERSONAL_SAVINGS",
        "--bank-nick-name",
        "Main",
        "--routing-number",
        "021000021",
    ];
    let with = |more: &[&str], stdin| sandbox.call_with(&[&arguments[..], more].concat(), stdin);
    for (source, stdin) in [(file_name, ""), ("-", "6200000075\n"), ("env:ACCOUNT_OF_THE_TEST", "")]
    {
        let ended = with(&["--account-number-from", source], stdin);
        assert_eq!(ended.status, 0, "{source}: {}", ended.err);
    }
    std::fs::remove_file(&file).unwrap();
    for (more, stdin) in [
        (&["--account-number-from", "6200000075"][..], ""),
        (&["--account-number-from", "env:6200000075"], ""),
        (&["--account-number-from", "-", "--json", "-"], "6200000075"),
        (&["--account-number-from", "-", "--account-number", "1"], "6200000075"),
    ] {
        let ended = with(more, stdin);
        assert_eq!(ended.status, 2, "{}", ended.err);
        assert!(
            !ended.err.contains("6200000075") && ended.err.contains("--account-number"),
            "{}",
            ended.err
        );
    }
}

#[test]
fn issue_12_34_every_sensitive_argument_says_how_it_is_not_seen() {
    let mut known = 0;
    for provider in payglot::providers::ALL {
        for operation in provider.operations {
            let body = operation.body.map_or(&[][..], |schema| schema.fields);
            let sensitive: Vec<_> = body.iter().filter(|field| field.sensitive).collect();
            if sensitive.is_empty() {
                continue;
            }
            let help =
                run(payglot().args(["call", provider.name, operation.name, "--help"]), "").out;
            for field in sensitive {
                known += 1;
                let flag = format!("--{}-from <SOURCE>", field.name.replace('_', "-"));
                assert!(help.contains(&flag), "{} {flag}: {help}", operation.name);
            }
            assert!(help.contains("standard input (-)") && help.contains("env:NAME"), "{help}");
        }
    }
    assert!(known >= 5, "{known}");
}

#[test]
fn pages() {
    let sandbox = TestSandbox::new();
    for number in 0..11 {
        let (name, email) = (format!("User {number}"), format!("user{number}@example.com"));
        let phone = format!("55512345{number:02}");
        let user = ["--name", &name, "--email", &email, "--phone", &phone];
        let create = ["paywint-platform", "users.create", "--phone_country_code", "+1"];
        let created = sandbox.call(&[&create[..], &user].concat());
        assert_eq!(created.status, 0, "{}", created.err);
    }
    let list = ["paywint-platform", "users.list", "--rows-per-page", "10"];
    let first = sandbox.call(&list);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&first.out).unwrap().len(), 10);
    assert!(first.err.contains("--all"), "{}", first.err);
    let all = sandbox.call(&[&list[..], &["--all"]].concat());
    assert_eq!(serde_json::from_str::<Vec<Value>>(&all.out).unwrap().len(), 12);
    assert_eq!(all.err, "");

    let table = sandbox.call(&[&list[..], &["--all", "--output", "table"]].concat());
    let lines: Vec<_> = table.out.lines().collect();
    assert!(lines[0].starts_with("user_id ") && lines[0].contains(" email"), "{}", table.out);
    assert!(lines.iter().take(13).all(|line| line.chars().count() <= 100), "{}", table.out);
    assert_eq!(lines[13], "12 records");
}

#[test]
fn the_status_says_whose_fault_it_was() {
    let sandbox = TestSandbox::new();
    let user = sandbox.user();
    let statuses = |arguments: &[&str]| {
        let ended = sandbox.call(arguments);
        assert_eq!(ended.out, "");
        (ended.status, ended.err)
    };
    let link = ["paywint-platform", "cards.create_add_link"];
    for (wrong, problem) in [
        (vec![user.as_str(), "--card-purpose", "NOPE"], "card_purpose"),
        (vec!["no-uuid", "--card-purpose", "PAYMENT"], "user_id"),
        (vec![user.as_str()], "card_purpose"),
        (vec![user.as_str(), "--no-such-option", "1"], "no-such-option"),
        (vec![user.as_str(), "--json", "[1]"], "--json must be a JSON object"),
        (vec![user.as_str(), "--json", r#"{"card_purpose": "PAYMENT", "nope": 1}"#], "nope"),
    ] {
        let (status, message) = statuses(&[&link[..], &wrong].concat());
        assert_eq!(status, 2, "{message}");
        assert!(message.contains(problem), "{message}");
    }
    let (status, message) = statuses(&["paywint-platform", "wallets.get", NOBODY]);
    assert_eq!(status, 1);
    assert!(message.contains("wallets.get") && message.contains("404"), "{message}");

    sandbox.post(
        "faults",
        r#"{"operation":"paywint-platform/users.create","kind":"reset_after_commit"}"#,
    );
    let create = ["paywint-platform", "users.create", "--name", "Jo", "--email", "jo@example.com"];
    let phone = ["--phone", "5551234567", "--phone-country-code", "+1"];
    let (status, message) = statuses(&[&create[..], &phone].concat());
    assert_eq!(status, 3, "{message}");
    assert!(message.contains("users.list"), "{message}");
}

/// Issue 12.1: a script must not take it for a success.
#[test]
fn a_payment_that_failed_is_exit_status_4() {
    let sandbox = TestSandbox::new();
    let user = sandbox.user();
    let call = |arguments: &[&str]| {
        sandbox.call(&[&["paywint-platform"][..], arguments, &["--output", "json"]].concat())
    };
    let payee = call(&["payees.create", &user, "--name", "Ann", "--email", "ann@example.com"]);
    let payee: Value = serde_json::from_str(&payee.out).unwrap();
    let payee = payee["payee_id"].as_str().unwrap();
    let pay = |amount: &str| {
        let money =
            ["--amount", amount, "--payment-method", "WALLET", "--receiving-method", "WALLET"];
        let whom =
            ["payments.create", "--user-id", &user, "--payee-id", payee, "--invoice-no", "INV-1"];
        call(&[&whom[..], &money].concat())
    };
    let failed = pay("99000");
    assert_eq!(failed.status, 4, "{}", failed.err);
    let record: Value = serde_json::from_str(&failed.out).unwrap();
    assert_eq!(record["status"], "failed");
    assert!(
        failed.err.contains("payments.create") && failed.err.contains("failed"),
        "{}",
        failed.err
    );
    let id = record["payment_id"].as_str().unwrap();
    assert_eq!(call(&["payments.get", id]).status, 0);
    sandbox.post(&format!("wallets/{user}/fund"), r#"{"amount":"100.00"}"#);
    assert_eq!(pay("10.00").status, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_response_that_cannot_be_written_is_no_reason_to_create_again() {
    let sandbox = TestSandbox::new();
    let create = ["--name", "Jo", "--email", "jo@example.com", "--phone", "5551234567"];
    for (arguments, status) in [
        ([&["users.create", "--phone-country-code", "+1"][..], &create[..]].concat(), 3),
        (vec!["users.list"], 1),
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = payglot();
        command
            .args(["call", "paywint-platform"])
            .args(arguments)
            .envs(sandbox.inner.environment());
        let output = command.stdout(full).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{message}");
        assert!(message.contains("the call succeeded"), "{message}");
    }
}

#[test]
fn credentials_and_the_host_may_be_in_files_that_variables_name() {
    let sandbox = TestSandbox::new();
    let folder = tempfile::tempdir().unwrap();
    let mut command = payglot();
    command.args(["call", "paywint-developer", "wallets.get"]);
    let names = ["PAYWINT_API_KEY", "PAYWINT_API_SECRET", "PAYWINT_BASE_URL"];
    for (name, value) in sandbox.inner.environment() {
        if names.contains(&name) {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("{value}\n")).unwrap();
            command.env(format!("{name}_FILE"), path);
        }
    }
    let ended = run(&mut command, "");
    assert_eq!(ended.status, 0, "{}", ended.err);
    let ended = run(command.env("PAYWINT_API_KEY", "canary"), "");
    assert_ne!(ended.status, 0);
    let problem = "`api_key` is in both PAYWINT_API_KEY and PAYWINT_API_KEY_FILE";
    assert!(ended.err.contains(problem) && !ended.err.contains("canary"), "{}", ended.err);
}

#[test]
fn without_credentials_nothing_is_sent() {
    let ended = run(payglot().args(["call", "linora", "users.get", "u1"]), "");
    assert_eq!(ended.status, 2);
    assert!(ended.err.contains("LINORA_API_KEY"), "{}", ended.err);
}

#[test]
fn what_a_host_sends_cannot_steer_the_terminal() {
    let sandbox = TestSandbox::new();
    let name = r#"{"name": "\u001b[31mJo", "email": "jo@example.com", "phone": "5551234567", "phone_country_code": "+1"}"#;
    let created = sandbox.call(&["paywint-platform", "users.create", "--json", name]);
    assert_eq!(created.status, 0, "{}", created.err);
    for form in ["json", "table"] {
        let listed = sandbox.call(&["paywint-platform", "users.list", "--output", form]);
        assert!(listed.out.contains("[31mJo") && !listed.out.contains('\u{1b}'), "{}", listed.out);
    }
}

#[test]
fn completions_know_providers_operations_and_arguments() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = run(payglot().args(["completions", shell]), "");
        assert_eq!(ended.status, 0);
        for word in ["paywint-platform", "cards.create_add_link", "card-purpose"] {
            // For fish there are no completions below two commands.
            let is_known = shell != "fish" || word != "card-purpose";
            assert_eq!(ended.out.contains(word), is_known, "{shell}: {word}");
        }
    }
}

#[test]
fn issue_12_14_and_15_where_a_call_may_lead() {
    let call = |variables: &[(&str, &str)], url: &str| {
        let mut command = payglot();
        command.args(["call", "linora", "gift_cards.list_products", "--base-url", url]);
        command.env("LINORA_API_KEY", "key").envs(variables.iter().copied());
        let ended = run(&mut command, "");
        (ended.status, ended.err)
    };
    let (status, said) = call(&[], "http://api.example.com");
    assert!(status == 2 && said.contains("PAYGLOT_ALLOW_INSECURE_HTTP=1"), "{status} {said}");
    let nowhere = ("http_proxy", "http://127.0.0.1:1");
    let (status, said) =
        call(&[("PAYGLOT_ALLOW_INSECURE_HTTP", "1"), nowhere], "http://api.invalid");
    assert!(status == 1 && said.contains("nothing was sent"), "{status} {said}");
    for proxy in ["not a url", "socks5://localhost:1080", "http://p:port"] {
        let (status, said) = call(&[("HTTPS_PROXY", proxy)], "https://localhost:1");
        assert!(
            status == 2 && said.contains("variable HTTPS_PROXY is not a URL"),
            "{status} {said}"
        );
    }
}

#[test]
fn issue_12_30_a_connect_error_names_host_port_and_reason() {
    let bound = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = bound.local_addr().unwrap().port();
    drop(bound);
    let cases = [
        (format!("http://127.0.0.1:{port}"), format!("127.0.0.1:{port}: connection refused")),
        (
            "https://payglot-test.invalid".to_owned(),
            "payglot-test.invalid:443: the name was not found".to_owned(),
        ),
    ];
    for (url, reason) in cases {
        let mut command = payglot();
        command
            .args(["call", "paywint-platform", "wallets.get", NOBODY, "--base-url", &url])
            .args(["--max-retries", "0"])
            .env("PAYWINT_PLATFORM_ID", "p")
            .env("PAYWINT_SECRET_KEY", "k")
            .env("NO_PROXY", "*");
        let ended = run(&mut command, "");
        assert_ne!(ended.status, 0);
        let wanted = format!("no connection to {reason}; nothing was sent");
        assert!(ended.err.contains(&wanted), "{}", ended.err);
    }
}

/// A page of users whose texts are awkward.
const USERS: &str = r#"{"success":true,"records":[{"user_id":"u1","first_name":"Ada, \"A\"","balance":10.10,"more":{"a":[1, 2]}},{"user_id":"u2","nick":null}],"totalRecords":2}"#;

fn listed(output: &str) -> support::Ended {
    let url = vendor(&[USERS]);
    let mut command = payglot();
    command.args(["call", "paywint-platform", "users.list", "--output", output]);
    command.envs([("PAYWINT_PLATFORM_ID", "id"), ("PAYWINT_SECRET_KEY", "key")]);
    run(command.env("PAYWINT_BASE_URL", url), "")
}

#[test]
fn issue_15_10_csv_and_lines_of_json_keep_the_digits() {
    let csv = listed("csv");
    assert_eq!(csv.status, 0, "{}", csv.err);
    let lines: Vec<_> = csv.out.lines().collect();
    assert_eq!(lines[0], "user_id,first_name,balance,more,nick");
    assert_eq!(lines[1], r#"u1,"Ada, ""A""",10.10,"{""a"": [1,2]}","#);
    assert_eq!(lines[2], "u2,,,,");
    assert_eq!(lines.len(), 3);

    let rows = listed("jsonl");
    assert_eq!(rows.status, 0, "{}", rows.err);
    let lines: Vec<_> = rows.out.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("\"balance\": 10.10"), "{}", lines[0]);
    for line in lines {
        assert!(serde_json::from_str::<Value>(line).unwrap().is_object());
    }
}

#[test]
fn issue_15_10_page_and_size_are_not_required() {
    let help = run(payglot().args(["call", "paywint-platform", "users.list", "--help"]), "").out;
    assert!(help.contains("--rows-per-page"), "{help}");
    assert!(!help.contains("Required arguments"), "{help}");
    let export =
        run(payglot().args(["export", "paywint-platform", "users.list", "--help"]), "").out;
    assert!(!export.contains("Required arguments"), "{export}");
    let help = run(payglot().args(["call", "paywint-platform", "payments.create", "--help"]), "");
    assert!(help.out.contains("Required arguments"), "{}", help.out);
}

#[test]
fn issue_15_10_arguments_of_the_path_are_in_the_json_too() {
    let sandbox = TestSandbox::new();
    let user = sandbox.user();
    let json = format!("\u{feff}{{\"user_id\": \"{user}\", \"card_purpose\": \"PAYMENT\"}}\n");
    let link = ["paywint-platform", "cards.create_add_link", "--json", "-", "--output", "json"];
    let ended = sandbox.call_with(&link, &json);
    assert_eq!(ended.status, 0, "{}", ended.err);
    let ended = sandbox.call_with(&link, r#"{"card_purpose": "PAYMENT"}"#);
    assert_eq!(ended.status, 2);
    assert!(ended.err.contains("user_id is missing: give it before the options"), "{}", ended.err);
    let ended = sandbox.call_with(&link, r#"{"user_id": ["x"], "card_purpose": "PAYMENT"}"#);
    assert!(
        ended.status == 2 && ended.err.contains("user_id of --json must be text"),
        "{}",
        ended.err
    );
    let ended =
        sandbox.call(&["paywint-platform", "cards.create_add_link", "--card-purpose", "PAYMENT"]);
    assert_eq!(ended.status, 2, "{}", ended.err);
}

#[test]
fn issue_15_10_an_export_takes_the_path_and_a_mark_from_standard_input_too() {
    let (sandbox, folder) = (TestSandbox::new(), tempfile::tempdir().unwrap());
    let mut command = sandbox.command();
    command.args(["export", "paywint-platform", "payments.list_received", "--json", "-"]);
    command.args(["--to", "all.jsonl", "--state", "state"]).current_dir(folder.path());
    let json = format!("\u{feff}{{\"user_id\": \"{}\"}}", sandbox.user());
    let ended = run(&mut command, &json);
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(folder.path().join("all.jsonl").exists());
}

#[test]
fn issue_15_10_every_command_has_a_manual_page() {
    let one = run(payglot().args(["man", "call", "paywint-platform", "payments.create"]), "");
    assert_eq!(one.status, 0, "{}", one.err);
    assert!(one.out.contains(".SH SYNOPSIS") && one.out.contains("amount"), "{}", one.out);
    assert!(one.out.contains("never sent again once it may have arrived"), "{}", one.out);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("man1");
    let secret = "s3cret-of-the-test";
    let mut command = payglot();
    command.arg("man").arg("--to").arg(&to).env("PAYGLOT_SANDBOX_WEBHOOK_SECRET", secret);
    let ended = run(&mut command, "");
    assert_eq!((ended.status, ended.out.as_str()), (0, ""), "{}", ended.err);
    let has = |name: &str| {
        let page = std::fs::read_to_string(to.join(format!("{name}.1")));
        let page = page.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(page.contains(".SH NAME") && !page.contains(secret), "{name}");
    };
    for name in ["payglot", "payglot-config-set", "payglot-sandbox-fund", "payglot-reconcile"] {
        has(name);
    }
    for provider in payglot::providers::ALL {
        for operation in provider.operations {
            has(&format!("payglot-call-{}-{}", provider.name, operation.name));
        }
    }
}

#[test]
fn issue_15_10_a_reader_that_has_enough_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[profiles.staging]\n").unwrap();
    for arguments in [
        &["operations"][..],
        &["completions", "bash"],
        &["man"],
        &["config", "path"],
        &["config", "list"],
        &["config", "keys", "--output", "csv"],
        &["config", "show", "--output", "table"],
        &["webhook", "send", "--list"],
    ] {
        is_quiet_without_reader(payglot().args(arguments).env("PAYGLOT_CONFIG", &file));
    }
    let sandbox = TestSandbox::new();
    let info = ["sandbox", "info", "--sandbox-url", sandbox.inner.base_url()];
    is_quiet_without_reader(payglot().args(info));
}

#[test]
fn issue_15_10_wrong_input_is_status_2_in_every_command() {
    for arguments in [
        &["sign", "--method", "GET", "--path", "no-slash"][..],
        &["sign", "--method", "GET", "--path", "/", "--secret-file", "/no/such/file"],
        &["webhook", "send", "--url", "http://127.0.0.1:1/", "--event", "no.such"],
        &["webhook", "send", "--url", "http://127.0.0.1:1/", "--secret-file", "/no/such/file"],
        &["call", "paywint-platform", "users.list", "--json", "[]"],
        &["journal", "show"],
        &["journal", "list"],
        &["journal", "list", "--journal", "/no/such/journal"],
        &["journal", "list", "--journal-from", "/no/such/file"],
        &["inbox", "list"],
        &["inbox", "list", "--journal", "/no/such/journal"],
        &["export", "paywint-platform", "users.list", "--to", "users.xls", "--state", "state"],
        &["export", "paywint-platform", "users.list", "--to", "users.csv", "--state", "state"],
        &[
            "export",
            "paywint-platform",
            "users.list",
            "--to",
            "u.csv",
            "--state",
            "s",
            "--json",
            "[]",
        ],
        &["sandbox", "--listen", "nowhere"],
        &["sandbox", "--listen", "127.0.0.1:0", "--webhook", "nonsense"],
        &["sandbox", "fund", NOBODY],
        &["config", "set", "output", "csv"],
        &["config", "show", "--profile", "none"],
        &["man", "no-such-command"],
        &["call", "paywint-platform", "users.list", "--profile", "none"],
    ] {
        let mut command = payglot();
        let ended = run(
            command
                .args(arguments)
                .env("WEBHOOK_SECRET", "s")
                .env("PAYGLOT_CONFIG", "/no/such/file")
                .env_remove("PAYGLOT_JOURNAL"),
            "",
        );
        assert_eq!(ended.status, 2, "{arguments:?}: {}", ended.err);
    }
}
