//! `cargo xtask prove`: the double-spend proof in full, written to `docs/replay-safety.md`; with `--endurance`, what
//! only shows in the long run, written to `docs/endurance.md`.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::bench::endurance;
use crate::postgres;
use crate::shell::{Run, step};

/// What to prove.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// That nothing grows over 10,000 clients and 1,000,000 calls in each language, and that a thousand processes end
    /// well with calls in flight; written to docs/endurance.md.
    #[arg(long)]
    endurance: bool,
}

/// Calls at random for each transport, after those that strike every boundary once.
const RANDOM_CALLS: &str = "20000";

/// Intents for each journal and number of workers.
const INTENTS: &str = "3400";

/// Receivers and workers of an inbox that are killed, for each store.
const KILLS: &str = "1000";

/// Runs it and writes the page.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    if options.endurance {
        return endurance::run(root);
    }
    let package = ["--quiet", "--release", "--package", "payglot-proof"];
    step("build", || Run::cargo().args(["build"]).args(package).at(root).run())?;
    let report = step("simulation", || {
        Run::new(root.join("target/release/payglot-proof")).args([RANDOM_CALLS]).at(root).output()
    })?;
    let programs = step("programs that are killed", || {
        let server = postgres::Server::start(root)?;
        let url = server.as_ref().map(|server| server.url.clone());
        Run::new(root.join("target/release/payglot-proof"))
            .args(["programs", INTENTS])
            .args(url)
            .at(root)
            .output()
    })?;
    step("inboxes that are killed", || {
        let server = postgres::Server::start(root)?;
        let test = ["--package", "payglot-journal", "--test", "inbox_kills"];
        let run =
            Run::cargo().args(["test", "--quiet"]).args(test).env("PAYGLOT_INBOX_KILLS", KILLS);
        postgres::named(run, server.as_ref()).at(root).run()
    })?;
    step("batches that are killed", || {
        let server = postgres::Server::start(root)?;
        let test = ["--package", "payglot-cli", "--test", "batch"];
        let run = Run::cargo().args(["test", "--quiet"]).args(test).args(["--", "--ignored"]);
        postgres::named(run, server.as_ref()).at(root).run()
    })?;
    let page = root.join("docs/replay-safety.md");
    std::fs::write(&page, format!("{HEAD}\n{report}\n{PROGRAMS}\n{programs}"))
        .context("cannot write docs/replay-safety.md")?;
    print!("{report}\n{programs}");
    Ok(())
}

const HEAD: &str = "\
# Replay safety

A payment is never sent twice, and a call always tells the truth about what it knows. This page says what each transport
can know, and shows the proof.

## What a transport can know

A call that fails may say that nothing was sent: then trying again is safe, for a payment too, and payglot does so by
itself as long as retries are left. Where the request may have arrived, a call that must not be repeated ends in
`OutcomeUnknownError` and is never sent again. What can be known depends on what sends the request:

| transport | nothing was sent when | otherwise |
| --- | --- | --- |
| built in | connecting failed; a connection broke before a byte of the request left; the time for the call ran out while connecting | it may have arrived |
| `ReqwestTransport::build(builder)` | connecting failed, within the client's own time to connect; reqwest refused the request | it may have arrived |
| a finished `reqwest::Client` | the request could not be handed to it | it may have arrived |
| a `reqwest_middleware` stack | the request could not be handed to it | it may have arrived |

`ReqwestTransport::build` switches off redirects and retries, so that an error is about the one request there is. A
finished client may have followed a redirect before it failed: an error while connecting, or about a URL, is then that of
a second request, and the first may have been acted on. Its retry policy, and a redirect, cannot send a body again,
because payglot gives it one that cannot be copied. A middleware may fail after the response came, and may send a request
again: leave retries out of a stack, payglot has its own.

The bindings for Python and Node use the built-in transport.

## The proof

`cargo xtask prove` makes real calls with the real client through each of the four transports, over real sockets, against
a vendor that reads the raw bytes itself, acts when a request is whole, and counts. Each call is struck by a fault:

- no address, nobody listening, a host that does not react, a connection that is closed as soon as it is made;
- a TLS handshake that breaks after each byte or is never answered, a certificate that nobody signed;
- the connection breaks after each byte of the request, by a reset;
- the vendor acts, and the connection breaks after each byte of the response, by a close or a reset, or falls silent;
- the vendor acts or does not, and responds with each of 16 statuses, with more than the client reads, with a redirect to
  itself, to a host that does not exist and to another scheme, or says nothing until time has run out;
- the vendor acts or does not, and responds with a 2xx that does not hold what was promised: nothing, no JSON, no
  `success`, no data, another record;
- the caller gives up, at once, while the request leaves, or while it waits for the response or for the next attempt.

The finished client is the worst that a user can bring: it follows redirects and tries a 503 twice more. The stack has a
middleware that fails after the response came.

Every fault is tried for every replay class and for 0, 1, 2 and 5 retries; after these come calls that are struck several
times in a row, drawn at random. After each call it is checked that

1. the vendor acted at most once for `create` and `money`, and saw one key for `keyed`;
2. where it acted and the call did not succeed, the call ended in `OutcomeUnknownError`, or with the vendor's own rejection;
3. a call that succeeded was acted on;
4. a call that says that nothing was sent sent nothing: not a byte came. Where a transport can know it (the table above),
   the call does say so, and where it cannot, it never does;
5. a repeatable call never ends in `OutcomeUnknownError`;
6. an error whose `may_have_happened` is false is right: the vendor did not act, or said itself how it ended;
7. a 2xx without what was promised is no success of a `create` or `money` call;
8. a call that was given up does not go on by itself;
9. status and headers of a response that broke off, fell silent or was too large are in the error.

A small form of this runs in `cargo xtask test`.

## Result
";

const PROGRAMS: &str = "\
## The proof of programs

What is shown above is true of one call in one process. A program can still pay twice: it dies between sending a payment and
writing it down, and is started again. With a [journal](journal.md) it does not.

Workers (1, 2 and 8 at once) pay the same intents, four at a time, each in an order of its own, with a journal in SQLite and
in a PostgreSQL that the proof starts. They die by SIGKILL: before and after each write to the journal, when the vendor has
received a payment, when it has paid, in the middle of its response, shortly after it, and at any other time; and they are
started again until each has gone through. The vendor also loses connections and responds 503, paid or not, and 422. Most
intents pay, some make users, which the vendor lists, and half of these are alike, two by two. What is unknown at the end is
looked up; what that leaves open, a person decides by the vendor's ledger, and the workers go over all of it once more. It is
checked that

1. the vendor acted at most once for each intent;
2. no intent stays in `sending`, and in the end each is `succeeded` where the vendor acted and `refused` where it did not;
3. a response that reached a program is in the journal;
4. what a program was told to be unknown is unknown in the log;
5. a look-up that decides is right: what it finds was made for that very intent, what it says was not done was not. Two that are
   alike are not told apart.

The same with programs that write down by themselves what is paid, each in a file of its own, pays twice: so it is known that
the proof can fail.
";
