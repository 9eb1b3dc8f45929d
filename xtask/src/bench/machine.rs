//! What the figures were measured on and with.

use std::path::Path;

use crate::bench::pinned;
use crate::bench::setup::Setup;
use crate::postgres;
use crate::shell::Run;

/// Lines for the report.
pub fn describe(setup: &Setup) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let pinning = if pinned::is_possible() {
        "one for the client, one for the server"
    } else {
        "shared by client and server: processes cannot be held to a core here"
    };
    let version = |program: &str, word: &str| said(Run::new(program).args([word]));
    let python_peers = "import importlib.metadata as m\n\
        peers = 'pyreqwest', 'httpx', 'requests', 'aiohttp', 'uvloop', 'psycopg', 'psycopg-pool'\n\
        print(', '.join(f'{peer} {m.version(peer)}' for peer in peers))";
    let node_peers = "const peers = ['undici', 'better-sqlite3', 'pg']\n\
        const version = (peer) => `${peer} ${require(`${peer}/package.json`).version}`\n\
        console.log(peers.map(version).join(', '))";
    let hand_written = Run::cargo()
        .args(["tree", "--quiet", "--package", "payglot-bench", "--depth", "1", "--prefix", "none"])
        .at(&setup.root)
        .output()
        .map_or_else(|_| "unknown".to_owned(), |tree| crates(&tree));
    vec![
        ("processor", processor()),
        ("cores", format!("{cores}, {pinning}")),
        ("system", version("uname", "-sr")),
        ("file system", file_system(&setup.root)),
        ("Rust", version("rustc", "--version")),
        ("Python", said(setup.python().args(["--version"]))),
        ("Node", version("node", "--version")),
        ("Rust peers", hand_written),
        ("PostgreSQL", postgres::version().unwrap_or_else(|| "not installed".to_owned())),
        ("Python peers", said(setup.python().args(["-c", python_peers]))),
        ("Node peers", said(setup.node().args(["-e", node_peers])) + ", fetch of Node"),
    ]
}

/// What the file system of a folder is called, where it can be told.
pub fn file_system(folder: &Path) -> String {
    said(Run::new("stat").args(["--file-system", "--format", "%T"]).args([folder]))
}

/// The first line that a program prints.
fn said(mut run: Run) -> String {
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    run.output().map_or_else(|_| "unknown".to_owned(), first_line)
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    model.map_or_else(|| "unknown".to_owned(), |(_, model)| model.trim().to_owned())
}

fn crates(tree: &str) -> String {
    let wanted = ["reqwest ", "hmac ", "sha2 ", "serde_json "];
    let lines = tree.lines().filter(|line| wanted.iter().any(|name| line.starts_with(name)));
    let names = lines.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    names.collect::<Vec<_>>().join(", ").replace(" v", " ")
}
