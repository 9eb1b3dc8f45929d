//! What the figures were measured on and with.

use crate::bench::pinned;
use crate::bench::setup::Setup;
use crate::shell::Run;

/// Lines for the report.
pub fn describe(setup: &Setup) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let pinning = if pinned::is_possible() {
        "one for the client, one for the server"
    } else {
        "shared by client and server: processes cannot be held to a core here"
    };
    let said =
        |mut run: Run| run.output().map_or_else(|_| "unknown".to_owned(), |text| first_line(&text));
    let version = |program: &str, word: &str| said(Run::new(program).args([word]));
    let peers = "import importlib.metadata as m\n\
        print(', '.join(f'{p} {m.version(p)}' for p in ('pyreqwest', 'httpx', 'aiohttp', 'uvloop')))";
    let undici = "console.log('undici ' + require('undici/package.json').version)";
    let hand_written = Run::cargo()
        .args(["tree", "--quiet", "--package", "payglot-bench", "--depth", "1", "--prefix", "none"])
        .at(&setup.root)
        .output()
        .map_or_else(|_| "unknown".to_owned(), |tree| crates(&tree));
    vec![
        ("processor", processor()),
        ("cores", format!("{cores}, {pinning}")),
        ("system", version("uname", "-sr")),
        ("Rust", version("rustc", "--version")),
        ("Python", said(setup.python().args(["--version"]))),
        ("Node", version("node", "--version")),
        ("Rust peers", hand_written),
        ("Python peers", said(setup.python().args(["-c", peers]))),
        ("Node peers", said(setup.node().args(["-e", undici])) + ", fetch of Node"),
    ]
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
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
