//! The command as its users run it, and a sandbox that it finds.

// Each file of tests uses a part of it.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

pub mod paged;
pub mod payroll;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use payglot_sandbox::Sandbox;
use serde_json::Value;
use tokio::runtime::Runtime;

/// A sandbox, and commands that find it by their environment.
pub struct TestSandbox {
    pub inner: Sandbox,
    _runtime: Runtime,
}

/// A sandbox, and a journal that is gone after the test.
pub struct Shop {
    pub sandbox: TestSandbox,
    pub folder: tempfile::TempDir,
}

impl Shop {
    pub fn new() -> Self {
        Self { sandbox: TestSandbox::new(), folder: tempfile::tempdir().unwrap() }
    }

    /// Where the journal is.
    pub fn journal_path(&self) -> String {
        self.folder.path().join("payments.db").display().to_string()
    }
}

/// What a command printed, and how it ended.
pub struct Ended {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl TestSandbox {
    pub fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::start()).unwrap();
        Self { inner: sandbox, _runtime: runtime }
    }

    pub fn user(&self) -> String {
        self.inner.user_id().to_string()
    }

    /// A command that finds it by its environment.
    pub fn command(&self) -> Command {
        let mut command = payglot();
        command.envs(self.inner.environment());
        command
    }

    pub fn call(&self, arguments: &[&str]) -> Ended {
        self.call_with(arguments, "")
    }

    pub fn call_with(&self, arguments: &[&str], stdin: &str) -> Ended {
        let mut command = payglot();
        command.arg("call").args(arguments).envs(self.inner.environment());
        command.env("ACCOUNT_OF_THE_TEST", "6200000075");
        let ended = run(&mut command, stdin);
        let secret = self.inner.credentials().secret_key.expose();
        assert!(!ended.out.contains(secret) && !ended.err.contains(secret));
        ended
    }

    /// The response as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.call(arguments);
        assert_eq!(ended.status, 0, "{}", ended.err);
        serde_json::from_str(&ended.out).unwrap()
    }

    /// A call of the sandbox's interface for tests.
    pub fn post(&self, path: &str, body: &str) {
        let host = self.inner.base_url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let (length, token) = (body.len(), self.inner.token().expose());
        write!(
            stream,
            "POST /_sandbox/api/{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    }
}

pub fn payglot() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payglot"));
    command.env_remove("PAYGLOT_PROFILE").env_remove("PAYGLOT_CONFIG");
    for provider in payglot::providers::ALL {
        command.env_remove("COLUMNS");
        for name in payglot::runtime::variables::Variables::names(provider) {
            command.env_remove(name);
        }
    }
    command
}

pub fn run(command: &mut Command, stdin: &str) -> Ended {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // A command that does not read its input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ended {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command whose standard output is closed: it ends with status 1 and without a word.
pub fn is_quiet_without_reader(command: &mut Command) {
    let (reader, writer) = std::io::pipe().unwrap();
    // Before the command begins: it may have written everything by the time that it has been started.
    drop(reader);
    let ended = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
    let ended = ended.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{command:?}");
    assert!(ended.stderr.is_empty(), "{command:?}: {}", String::from_utf8_lossy(&ended.stderr));
}
