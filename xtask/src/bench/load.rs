//! How the sandbox responds under load, in memory and with its state in a file, beside Prism's mock of the same document.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::bench::Effort;
use crate::bench::pinned::{Core, on, output};
use crate::bench::setup::{self, program};
use crate::conformance::tools::Tools;
use crate::demo::Sandbox;
use crate::shell::Run;

/// What `--only` calls it.
pub const NAME: &str = "sandbox";
/// The server whose state outlives it.
const IN_FILE: &str = "payglot sandbox --state FILE";
/// Connections, each with one request at a time.
pub const CONNECTIONS: usize = 64;
/// The document with the operations.
const DOCUMENT: &str = "crates/payglot-sandbox/src/generated/paywint-platform.json";

/// An operation that is called: name, method, path (`{}` is the sandbox's user), body.
type Operation = (&'static str, &'static str, &'static str, &'static str);

const OPERATIONS: [Operation; 3] = [
    ("wallets.get", "GET", "/api/platform/wallet/get/{}", ""),
    ("users.list", "POST", "/api/platform/users/list", r#"{"rows_per_page":100,"page_no":1}"#),
    (
        "payments.create_link",
        "POST",
        "/api/platform/payment/create-payment-link/{}",
        r#"{"amount":10.10}"#,
    ),
];

/// What one server did with one operation, in rounds.
pub struct Load {
    pub operation: &'static str,
    pub server: &'static str,
    /// Responses a second.
    pub rates: Vec<f64>,
    /// Latencies in microseconds.
    pub p50: Vec<f64>,
    pub p99: Vec<f64>,
}

/// Measures both servers with every operation; rounds alternate.
pub fn measure(root: &Path, effort: Effort) -> Result<Vec<Load>> {
    setup::build(root)?;
    let release = ["build", "--quiet", "--release", "--package", "payglot-cli"];
    Run::cargo().args(release).at(root).run()?;
    let tools = Tools::install(root)?;
    let mut all: Vec<Load> = OPERATIONS
        .iter()
        .flat_map(|(operation, ..)| {
            ["payglot sandbox", IN_FILE, "prism mock"].map(|server| (operation, server))
        })
        .map(|(operation, server)| Load {
            operation,
            server,
            rates: Vec::new(),
            p50: Vec::new(),
            p99: Vec::new(),
        })
        .collect();
    for round in 1..=effort.rounds {
        println!("round {round} of {}", effort.rounds);
        for load in &mut all {
            // A server of its own for each: what was made before slows nothing down.
            let mut program = Sandbox::program(root, "release");
            let state = State::new(root)?;
            if load.server == IN_FILE {
                program = program.args(["--state".as_ref(), state.file().as_os_str()]);
            }
            let sandbox = Sandbox::spawn(on(Core::Server, program))?;
            let prism = match load.server {
                "prism mock" => Some(Prism::start(root, &tools)?),
                _ => None,
            };
            let url = match &prism {
                Some(prism) => &prism.url,
                None => sandbox.value("base_url")?,
            };
            one(root, &sandbox, url, load, effort)?;
        }
    }
    Ok(all)
}

/// A folder for the state of one sandbox, on a disk; removed when this is dropped.
struct State(PathBuf);

impl State {
    fn new(root: &Path) -> Result<Self> {
        let folder = root.join("target/bench/sandbox");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }

    fn file(&self) -> PathBuf {
        self.0.join("state.db")
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // What is left is removed by the next run.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn one(root: &Path, sandbox: &Sandbox, url: &str, load: &mut Load, effort: Effort) -> Result<()> {
    let operation = OPERATIONS.iter().find(|(name, ..)| *name == load.operation);
    let (_, method, path, body) = operation.context("no such operation")?;
    let path = path.replace("{}", sandbox.value("user_id")?);
    let run = Run::new(program(root, "load"))
        .args([url, method, &path, body])
        .args([effort.time.as_secs_f64().to_string(), CONNECTIONS.to_string()]);
    let told = output(on(Core::Client, sandbox.environment(run)?))?;
    let numbers: Vec<f64> =
        told.split_whitespace().map(str::parse).collect::<Result<_, _>>().context(told.clone())?;
    let [responses, seconds, _, p50, p99] = numbers.as_slice() else {
        anyhow::bail!("not five numbers: {told}")
    };
    ensure!(*seconds > 0.0, "no time passed: {told}");
    load.rates.push(responses / seconds);
    load.p50.push(*p50);
    load.p99.push(*p99);
    Ok(())
}

/// A running mock; ends with this value.
struct Prism {
    child: Child,
    url: String,
}

impl Prism {
    fn start(root: &Path, tools: &Tools) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let run = Run::new("node")
            .args([tools.program("@stoplight/prism-cli", "prism")?])
            .args(["mock", "--verboseLevel", "silent", "--port", &port.to_string()])
            .args([root.join(DOCUMENT)]);
        let child =
            on(Core::Server, run).stdout(Stdio::null()).spawn().context("cannot start Prism")?;
        let prism = Self { child, url: format!("http://127.0.0.1:{port}") };
        for _ in 0..300 {
            // Silent, it does not say when it listens.
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(prism);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        anyhow::bail!("Prism did not start")
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        // It is gone already, or it is now.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
