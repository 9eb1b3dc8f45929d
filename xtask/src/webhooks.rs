//! Runs the webhook examples: each gets a genuine delivery, which it must handle once, also where handling it fails at first, and
//! where the process is killed before it has handled it; and a tampered one, which it must not take.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::install::Installed;
use crate::server::{PATIENCE, Server};
use crate::shell::Run;
use crate::{apis, tools};

const SECRET: &str = "whsec_for_tests";

/// Runs every example of every language.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    let packages = ["--package", "payglot-examples", "--package", "payglot-cli"];
    Run::cargo().args(["build", "--quiet"]).args(packages).at(root).run()?;
    let site_packages = tools::python_tools(root)?.site_packages()?;
    let node = installed.node_examples(root, "webhooks")?;
    for (name, path) in [
        ("examples/python/webhooks/fastapi_app.py", "/webhooks"),
        ("examples/python/webhooks/django_app.py", "/webhooks"),
        ("examples/node/webhooks/express.mjs", "/webhooks"),
        ("examples/node/next", "/api/webhooks"),
        ("examples/rust/webhooks/axum.rs", "/webhooks"),
    ] {
        let file = Path::new(name);
        let run = || {
            Ok(match file.extension().and_then(|ending| ending.to_str()) {
                Some("py") => installed
                    .venv
                    .python()
                    .args([root.join(file)])
                    .env("PYTHONPATH", &site_packages)
                    .env("PYTHONDONTWRITEBYTECODE", "1"),
                Some("mjs") => {
                    Run::new("node").args([node.join(file.file_name().unwrap_or_default())])
                }
                Some(_) => Run::new(root.join("target/debug/webhook_axum")),
                None => apis::next(root)?,
            })
        };
        example(root, run, path).with_context(|| name.to_owned())?;
        println!("{name}: takes what is genuine, refuses what is not");
    }
    Ok(())
}

fn example(root: &Path, run: impl Fn() -> Result<Run>, path: &str) -> Result<()> {
    let folder = root.join("target/webhook-payments");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).context("cannot make the folder of the inbox")?;
    // In a folder that is not there yet: handling fails.
    let payments_file = folder.join("paid/payments.txt");
    let start = || {
        let run =
            run()?.env("INBOX", folder.join("inbox.db")).env("PAYGLOT_WEBHOOK_SECRET", SECRET);
        Server::start(run.env("PAYMENTS_FILE", &payments_file))
    };
    let send = |server: &Server, arguments: &[&str]| {
        Run::new(root.join("target/debug/payglot"))
            .args(["webhook", "send", "--url"])
            .args([server.url(path)])
            .args(arguments)
            .env("PAYGLOT_WEBHOOK_SECRET", SECRET)
            .output()
    };
    let entries = || std::fs::read_to_string(&payments_file).unwrap_or_default().lines().count();
    let wait = |expected: usize, what: &str| -> Result<()> {
        let started = Instant::now();
        while entries() < expected {
            ensure!(started.elapsed() < PATIENCE, "{what}: it was never handled");
            std::thread::sleep(Duration::from_millis(50));
        }
        // Whether it is handled once more.
        std::thread::sleep(Duration::from_millis(300));
        ensure!(entries() == expected, "{what}: {} entries instead of {expected}", entries());
        Ok(())
    };
    let server = start()?;
    let taken = |said: &str, what: &str| -> Result<()> {
        ensure!(said.trim() == "payment.success: 200", "{what}: {said}");
        Ok(())
    };
    // It is acknowledged, cannot be handled, and comes twice.
    let again = ["--id", "6d9a4b6e-6f6a-4d7b-9a57-2f0d1c8f7b11"];
    for delivery in ["the first delivery", "the second delivery"] {
        taken(&send(&server, &again)?, delivery)?;
    }
    ensure!(entries() == 0, "what could not be written is in the file");
    // Killed before it is handled, and started again: nothing is delivered once more.
    drop(server);
    std::fs::create_dir_all(folder.join("paid")).context("cannot make the folder of the file")?;
    let server = start()?;
    wait(1, "after the process was killed")?;
    taken(&send(&server, &again)?, "a delivery after it was handled")?;
    wait(1, "after the third delivery")?;
    taken(&send(&server, &[])?, "another delivery")?;
    wait(2, "another delivery")?;
    send(&server, &["--event", "kyc.approved"])?;
    // Succeeds where the handler refuses it.
    let said = send(&server, &["--tamper"])?;
    ensure!(said.contains("payment.success: 401"), "a tampered delivery: {said}");
    Ok(())
}
