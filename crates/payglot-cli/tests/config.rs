//! Profiles and `payglot config` as their users meet them (issue 15.10).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use support::{Ended, TestSandbox, payglot, run};

const SECRET: &str = "s3cret-of-the-test";

/// A folder of configuration of its own.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("config.toml")
    }

    fn write(&self, text: &str) {
        std::fs::write(self.file(), text).unwrap();
        #[cfg(unix)]
        self.set_mode(0o600);
    }

    #[cfg(unix)]
    fn set_mode(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(self.file(), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = payglot();
        command.args(arguments).env("PAYGLOT_CONFIG", self.file());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(&mut self.command(arguments), "")
    }
}

/// A profile of the sandbox's, with its key from where the test says.
fn profile(sandbox: &TestSandbox, key: &str) -> String {
    let (url, id) = (sandbox.inner.base_url(), &sandbox.inner.credentials().platform_id);
    format!(
        "[profiles.staging]\noutput = \"jsonl\"\n\n[profiles.staging.paywint-platform]\nbase_url = \"{url}\"\n\
         platform_id = \"{id}\"\nsecret_key = {key}\n"
    )
}

fn key_of(sandbox: &TestSandbox) -> String {
    sandbox.inner.credentials().secret_key.expose().to_owned()
}

const LIST: [&str; 5] = ["--profile", "staging", "call", "paywint-platform", "users.list"];

#[test]
fn issue_15_10_a_profile_gives_credentials_host_and_form() {
    let (sandbox, home) = (TestSandbox::new(), Home::new());
    let key = key_of(&sandbox);
    home.write(&profile(&sandbox, &format!("{key:?}")));
    let by_option = home.run(&LIST);
    assert_eq!(by_option.status, 0, "{}", by_option.err);
    let first: Value = serde_json::from_str(by_option.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["user_id"], sandbox.user(), "a line of JSON for each record");
    let by_variable = run(home.command(&LIST[2..]).env("PAYGLOT_PROFILE", "staging"), "");
    assert_eq!(by_variable.out, by_option.out, "{}", by_variable.err);
    let behind =
        ["call", "paywint-platform", "users.list", "--profile", "staging", "--output", "json"];
    let as_json = home.run(&behind);
    assert!(as_json.out.starts_with("[\n"), "an option counts for more: {}", as_json.out);

    let none = home.run(&LIST[2..]);
    assert_eq!(none.status, 2, "no profile is used unasked: {}", none.out);
    let other = home.run(&["--profile", "other", "call", "paywint-platform", "users.list"]);
    assert_eq!(other.status, 2);
    assert!(other.err.contains("known are staging"), "{}", other.err);
}

#[cfg(unix)]
#[test]
fn issue_15_10_a_key_comes_from_a_file_or_a_command_and_is_never_printed() {
    let (sandbox, home) = (TestSandbox::new(), Home::new());
    let key = key_of(&sandbox);
    std::fs::write(home.0.path().join("key"), format!("\u{feff}{key}\r\n")).unwrap();
    let printed = format!("{{ command = [\"printf\", \" %s\\\\n\", \"{key}\"] }}");
    for source in ["{ file = \"key\" }", "{ command = \"cat key\" }", &printed] {
        home.write(&profile(&sandbox, source));
        let ended = run(home.command(&LIST).current_dir(home.0.path()), "");
        assert_eq!(ended.status, 0, "{source}: {}", ended.err);
        for shown in [ended, home.run(&["--profile", "staging", "config", "show"])] {
            assert_eq!(shown.status, 0, "{source}: {}", shown.err);
            assert!(!shown.out.contains(&key) && !shown.err.contains(&key), "{source}");
        }
    }
    let failing = [
        (
            "{ command = [\"sh\", \"-c\", \"echo KEY; exit 3\"] }",
            "the command sh failed: exit status: 3",
        ),
        (
            "{ command = \"no-such-command-of-the-test KEY\" }",
            "cannot start the command no-such-command-of-the-test",
        ),
        ("{ command = [\"printf\", \"KEY\\nlogin: jo\"] }", "2 lines"),
        ("{ command = \"true KEY\" }", "nothing"),
        ("{ command = \"echo $KEY\" }", "without a shell"),
        ("{ command = [] }", "must be text, { file"),
        ("{ file = \"key\", command = \"cat key\" }", "must be text, { file"),
        ("{ file = \"no-such-file\" }", "no-such-file"),
    ];
    for (source, tells) in failing {
        home.write(&profile(&sandbox, &source.replace("KEY", &key)));
        for command in [&LIST[..], &["--profile", "staging", "config", "check"]] {
            let ended = home.run(command);
            let text = ended.out + &ended.err;
            assert_eq!(ended.status, 2, "{source}: {text}");
            assert!(
                text.contains("paywint-platform.secret_key") && text.contains(tells),
                "{source}: {text}"
            );
            assert!(!text.contains(&key), "{source}: {text}");
        }
    }
}

#[test]
fn issue_15_10_the_environment_counts_for_more_than_a_profile_and_that_is_said() {
    let (sandbox, home) = (TestSandbox::new(), Home::new());
    let text = profile(&sandbox, &format!("{SECRET:?}"));
    home.write(&text.replace(sandbox.inner.base_url(), "http://127.0.0.1:1"));
    let mut command = home.command(&LIST);
    command.env("PAYWINT_SECRET_KEY", key_of(&sandbox));
    let ended = run(command.env("PAYWINT_BASE_URL", sandbox.inner.base_url()), "");
    assert_eq!(ended.status, 0, "{}", ended.err);
    for variable in ["PAYWINT_SECRET_KEY", "PAYWINT_BASE_URL"] {
        assert!(
            ended.err.contains(&format!("{variable} of the environment counts")),
            "{}",
            ended.err
        );
    }
    let url = sandbox.inner.base_url();
    let mut command = home.command(&LIST);
    command.args(["--base-url", url]).env("PAYWINT_SECRET_KEY", key_of(&sandbox));
    let ended = run(&mut command, "");
    assert_eq!(ended.status, 0, "an option names the host: {}", ended.err);
}

#[cfg(unix)]
#[test]
fn issue_15_10_a_file_that_others_can_read_or_change_is_refused() {
    let (sandbox, home) = (TestSandbox::new(), Home::new());
    home.write(&profile(&sandbox, &format!("{:?}", key_of(&sandbox))));
    home.set_mode(0o640);
    let ended = home.run(&LIST);
    assert_eq!(ended.status, 2);
    assert!(ended.err.contains("chmod 600"), "{}", ended.err);

    std::fs::write(home.0.path().join("key"), key_of(&sandbox)).unwrap();
    home.write(&profile(&sandbox, "{ file = \"key\" }"));
    home.set_mode(0o644);
    assert_eq!(home.run(&LIST).status, 0, "no secret is in it");
    home.set_mode(0o666);
    let ended = home.run(&LIST);
    assert_eq!(ended.status, 2, "its commands would be run");
    assert!(ended.err.contains("can change it"), "{}", ended.err);
}

#[test]
fn issue_15_10_what_is_wrong_in_the_file_is_named_without_what_stands_there() {
    let home = Home::new();
    let table = "[profiles.staging.paywint-platform]\n";
    for (text, tells) in [
        (format!("{table}secret_key = {SECRET}\n"), "line "),
        (format!("{table}secret_key = \"{SECRET}\n"), "line "),
        (
            format!("{table}secret_keys = \"{SECRET}\"\n"),
            "known are platform_id, secret_key, base_url",
        ),
        (
            format!("{table}secret_key = [\"{SECRET}\"]\n"),
            "paywint-platform.secret_key must be text",
        ),
        (format!("{table}environment = \"{SECRET}\"\n"), "sandbox, production"),
        (format!("{table}timeout = \"{SECRET}\"\n"), "number of seconds"),
        (
            format!("{table}environment = \"sandbox\"\nbase_url = \"{SECRET}\"\n"),
            "give one of them",
        ),
        (format!("[profiles.staging]\noutput = \"{SECRET}\"\n"), "json, jsonl, csv, table"),
        (
            format!("[profiles.staging]\npaywint = \"{SECRET}\"\n"),
            "paywint is not known; known are output",
        ),
        (format!("[staging]\noutput = \"{SECRET}\"\n"), "[profiles.staging]"),
    ] {
        home.write(&text);
        let ended = home.run(&LIST);
        assert_eq!(ended.status, 2, "{text}: {}", ended.err);
        assert!(ended.err.contains(tells) && !ended.err.contains(SECRET), "{text}: {}", ended.err);
    }
}

#[test]
fn issue_15_10_the_file_is_in_the_usual_folder() {
    let home = Home::new();
    let folder = home.0.path();
    let mut command = payglot();
    command.args(["config", "path"]).env_remove("PAYGLOT_CONFIG").env("XDG_CONFIG_HOME", folder);
    let ended = run(&mut command, "");
    let expected = folder.join("payglot").join("config.toml");
    assert_eq!(ended.out.trim_end(), expected.display().to_string(), "{}", ended.err);
    #[cfg(target_os = "linux")]
    {
        command.env("XDG_CONFIG_HOME", "").env("HOME", folder);
        let expected = folder.join(".config/payglot/config.toml");
        assert_eq!(run(&mut command, "").out.trim_end(), expected.display().to_string());
    }
    assert_eq!(home.run(&["config", "path"]).out.trim_end(), home.file().display().to_string());
}

#[test]
fn issue_15_10_keys_are_those_of_the_providers_tables() {
    let listed = Home::new().run(&["config", "keys", "--output", "jsonl"]);
    let keys: Vec<Value> =
        listed.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for provider in payglot::providers::ALL {
        for credential in provider.credentials {
            let key = format!("{}.{}", provider.name, credential.name);
            let row = keys.iter().find(|row| row["key"] == key.as_str()).unwrap();
            assert_eq!(row["variable"], credential.env);
            let is_secret = row["meaning"].as_str().unwrap().contains("secret");
            assert_eq!(is_secret, credential.secret, "{row}");
        }
    }
}

#[test]
fn issue_15_10_config_sets_shows_and_takes_away_and_keeps_what_others_wrote() {
    let home = Home::new();
    std::fs::write(home.file(), "# Ours.\n[profiles.staging]\noutput = \"csv\" # for the sheet\n")
        .unwrap();
    let set = |arguments: &[&str], stdin: &str| {
        let all = [&["--profile", "staging", "config", "set"], arguments].concat();
        run(&mut home.command(&all), stdin)
    };
    for (arguments, stdin) in [
        (&["output", "table"][..], ""),
        (&["timeout", "2.5"], ""),
        (&["paywint-platform.max_retries", "0"], ""),
        (&["paywint-platform.platform_id", "p1"], ""),
        (&["paywint-platform.secret_key", "--value-from", "-"], "s3cret-of-the-test\n"),
        (&["linora.api_key", "--command", "pass", "show", "--clip=0", "linora"], ""),
        (&["paywint-developer.api_key", "--file", "/run/secrets/key"], ""),
    ] {
        let ended = set(arguments, stdin);
        assert_eq!(ended.status, 0, "{arguments:?}: {}", ended.err);
        assert!(!ended.out.contains(SECRET), "{arguments:?}");
    }
    let text = std::fs::read_to_string(home.file()).unwrap();
    for kept in [
        "# Ours.\n",
        "output = \"table\" # for the sheet\n",
        "timeout = 2.5\n",
        "max_retries = 0\n",
        "[profiles.staging.linora]\napi_key = { command = [\"pass\", \"show\", \"--clip=0\", \"linora\"] }\n",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(home.file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a secret stands in it now");
    }
    let mut command =
        home.command(&["--profile", "staging", "config", "show", "--output", "jsonl"]);
    let shown = run(command.env("PAYWINT_API_SECRET", SECRET), "");
    assert!(!shown.out.contains(SECRET), "{}", shown.out);
    let rows: Vec<Value> =
        shown.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |key: &str| {
        let row =
            rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("{key}: {rows:?}"));
        (row["value"].as_str().unwrap_or_default(), row["from"].as_str().unwrap())
    };
    for (key, value, from) in [
        ("output", "table", "profile staging"),
        ("timeout", "2.5", "profile staging"),
        ("paywint-platform.platform_id", "p1", "profile staging: value"),
        ("paywint-platform.secret_key", "[secret]", "profile staging: value"),
        ("paywint-platform.environment", "sandbox", "default"),
        ("linora.api_key", "[secret]", "profile staging: command pass"),
        ("paywint-developer.api_key", "[secret]", "profile staging: file /run/secrets/key"),
        ("paywint-developer.api_secret", "[secret]", "environment PAYWINT_API_SECRET"),
    ] {
        assert_eq!(of(key), (value, from));
    }
    // A file that the environment names counts for more, too.
    let mut command = home.command(&["--profile", "staging", "config", "show"]);
    let shown = run(command.env("PAYWINT_PLATFORM_ID_FILE", "/no/such/file"), "");
    let from = "{\"key\":\"paywint-platform.platform_id\",\"value\":null,\"from\":\"environment PAYWINT_PLATFORM_ID_FILE\"}";
    assert!(shown.out.contains(from), "{}", shown.out);
    let table = home.run(&["--profile", "staging", "config", "show", "--output", "table"]);
    let line = table.out.lines().find(|line| line.starts_with("linora.api_key")).unwrap();
    assert!(line.ends_with("  profile staging: command pass"), "{}", table.out);
    let listed = home.run(&["--profile", "staging", "config", "list", "--output", "jsonl"]);
    assert_eq!(listed.out, "{\"profile\":\"staging\",\"is_selected\":true}\n");

    let unset =
        home.run(&["--profile", "staging", "config", "unset", "paywint-platform.secret_key"]);
    assert_eq!(unset.status, 0, "{}", unset.err);
    assert!(!std::fs::read_to_string(home.file()).unwrap().contains(SECRET));
}

#[test]
fn issue_15_10_config_refuses_what_cannot_be_and_writes_nothing() {
    let home = Home::new();
    let staging = ["--profile", "staging", "config"];
    for (arguments, tells) in [
        (&["set", "paywint-platform.secret_key", SECRET][..], "--value-from, --file or --command"),
        (&["set", "output", SECRET], "must be one of json"),
        (&["set", "max_retries", SECRET], "whole number"),
        (&["set", "timeout", "-1"], "--"),
        (&["set", SECRET, "x"], "payglot config keys"),
        (&["set", "output"], "required"),
        (&["set", "output", "--command", "pass"], "for credentials"),
        (&["unset", SECRET], "payglot config keys"),
        (&["unset", "output"], "no such profile"),
        (&["show"], "there is none"),
    ] {
        let ended = home.run(&[&staging[..], arguments].concat());
        assert_eq!(ended.status, 2, "{arguments:?}: {}", ended.err);
        assert!(
            ended.err.contains(tells) && !ended.err.contains(SECRET),
            "{arguments:?}: {}",
            ended.err
        );
    }
    assert!(!home.file().exists());
    assert_eq!(home.run(&["config", "set", "output", "csv"]).status, 2, "no profile is named");
    assert_eq!(home.run(&["--profile", "a.b", "config", "set", "output", "csv"]).status, 2);
}

#[test]
fn issue_15_10_a_profile_is_for_every_command_that_makes_a_client() {
    let (sandbox, home) = (TestSandbox::new(), Home::new());
    let key = key_of(&sandbox);
    home.write(&profile(&sandbox, &format!("{key:?}")));
    let checked = home.run(&["config", "check"]);
    assert_eq!(checked.out, "staging: paywint-platform: good\n", "{}", checked.err);
    let folder = home.0.path();
    let export =
        ["export", "paywint-platform", "users.list", "--to", "users.csv", "--state", "state"];
    let signed = ["sign", "--method", "GET", "--path", "/x"];
    for command in [&export[..], &signed] {
        let all = [&["--profile", "staging"], command].concat();
        let ended = run(home.command(&all).current_dir(folder), "");
        assert_eq!(ended.status, 0, "{command:?}: {}", ended.err);
    }
    assert!(folder.join("users.csv").exists());
    let journal = folder.join("payments.db").display().to_string();
    let payee = ["payees.create", &sandbox.user(), "--name", "Ada", "--email", "ada@example.com"];
    let call = [
        &["--profile", "staging", "call", "paywint-platform"],
        &payee[..],
        &["--intent", "ada", "--journal", &journal],
    ];
    let called = home.run(&call.concat());
    assert_eq!(called.status, 0, "{}", called.err);
    let reconcile = [
        "--profile",
        "staging",
        "reconcile",
        "paywint-platform",
        "--since",
        "2020-01-01",
        "--journal",
        &journal,
    ];
    let ended = home.run(&reconcile);
    assert!(ended.err.contains("calls compared"), "{}", ended.err);
}
