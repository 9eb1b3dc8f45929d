//! The scripted server of the contract tests: responds as a scenario says, and judges what arrived.
//!
//! All three languages play the same scenarios against it. A scenario's base URL is the server's with the
//! scenario's number as a path; `GET /verdict/<number>` tells what was not as it should be. Nothing of payglot
//! is used here, signatures included, so that a mistake of the client cannot hide in its judge.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;

mod check;
mod fault;
mod wire;

pub use check::signature;
pub use fault::{End, Piece};
pub use wire::{Request, send_response};

/// A file of scenarios.
#[derive(Debug, Deserialize)]
pub struct File {
    /// What is played, in order; the position is the scenario's number.
    pub scenarios: Vec<Scenario>,
}

/// One call with what it must send and gets back.
#[derive(Debug, Deserialize)]
pub struct Scenario {
    /// Name for messages.
    pub name: String,
    /// One request after the other; more than these is a fault.
    pub steps: Vec<Step>,
    /// Makes the steps of a paged list.
    #[serde(default)]
    pub pages: Option<Pages>,
}

/// A paged list of this many records.
#[derive(Debug, Deserialize)]
pub struct Pages {
    /// Records over all pages.
    pub total: usize,
    /// Records per page.
    pub size: usize,
    /// Where pages are asked for.
    pub target: String,
}

impl Scenario {
    fn into_steps(self) -> Vec<Step> {
        let Some(pages) = self.pages else { return self.steps };
        let count = pages.total.div_ceil(pages.size).max(1);
        (1..=count).map(|number| pages.step(number)).collect()
    }
}

impl Pages {
    fn step(&self, number: usize) -> Step {
        let first = (number - 1) * self.size;
        let last = (first + self.size).min(self.total);
        let records: Vec<_> = (first..last)
            .map(|position| serde_json::json!({"user_id": format!("u{position}"), "name": format!("User {position}")}))
            .collect();
        let body =
            serde_json::json!({"success": true, "records": records, "totalRecords": self.total});
        Step {
            request: Expected {
                method: Some("POST".to_owned()),
                target: Some(self.target.clone()),
                body: Some(format!(r#"{{"rows_per_page":{},"page_no":{number}}}"#, self.size)),
                headers: None,
            },
            response: Some(Response {
                status: 200,
                headers: BTreeMap::new(),
                body: body.to_string(),
            }),
            drop: false,
            raw: None,
            silence_ms: None,
            wire: None,
            end: End::Close,
            reset_within_request: false,
        }
    }
}

/// A request and its response.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// What must arrive; what it does not name is not judged.
    #[serde(default)]
    pub request: Expected,
    /// What is said.
    #[serde(default)]
    pub response: Option<Response>,
    /// Closes the connection instead of responding.
    #[serde(default)]
    pub drop: bool,
    /// Sends these bytes as they are, and closes the connection.
    #[serde(default)]
    pub raw: Option<String>,
    /// Says nothing for this long, and closes the connection.
    #[serde(default)]
    pub silence_ms: Option<u64>,
    /// Sends these pieces instead of a response, and ends the connection.
    #[serde(default)]
    pub wire: Option<Vec<Piece>>,
    /// How the connection ends after pieces.
    #[serde(default)]
    pub end: End,
    /// Resets the connection when the head of the request has come, and never reads its body.
    #[serde(default)]
    pub reset_within_request: bool,
}

/// What must arrive.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Expected {
    /// Upper-case method.
    pub method: Option<String>,
    /// Path and query, after the scenario's base URL.
    pub target: Option<String>,
    /// The exact body.
    pub body: Option<String>,
    /// Exactly these headers, beside those that every client sends. `$hmac:<secret>` and `$uuid` are worked out,
    /// `$ends:<text>` is the end of the value.
    pub headers: Option<BTreeMap<String, String>>,
}

/// A response.
#[derive(Debug, Clone, Deserialize)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: String,
}

/// How a TLS connection begins, and no request does.
const TLS_HANDSHAKE: u8 = 0x16;

/// A running judge.
pub struct Judge {
    url: String,
}

struct State {
    steps: Vec<Step>,
    next: usize,
    problems: Vec<String>,
}

type States = Arc<Vec<Mutex<State>>>;

impl Judge {
    /// Starts one for the scenarios of a file, on a free port. It runs until the program ends.
    pub fn start(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let file: File = serde_json::from_str(&text)
            .with_context(|| format!("{} is no scenario file", file.display()))?;
        let states: States = Arc::new(
            file.scenarios
                .into_iter()
                .map(|scenario| {
                    Mutex::new(State {
                        steps: scenario.into_steps(),
                        next: 0,
                        problems: Vec::new(),
                    })
                })
                .collect(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let url = format!("http://{}", listener.local_addr().context("no address")?);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let states = states.clone();
                std::thread::spawn(move || serve(stream, &states));
            }
        });
        Ok(Self { url })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Serves one connection until it closes.
fn serve(stream: TcpStream, states: &States) {
    let Ok(copy) = stream.try_clone() else { return };
    let mut reader = BufReader::new(copy);
    let mut stream = stream;
    if reader.fill_buf().is_ok_and(|bytes| bytes.first() == Some(&TLS_HANDSHAKE)) {
        // Silence, until the client gives up.
        let _ = std::io::copy(&mut reader, &mut std::io::sink());
        return;
    }
    while let Some(mut request) = Request::head(&mut reader) {
        if is_reset(&request, states) {
            fault::reset(&stream);
            return;
        }
        if request.read_body(&mut reader).is_none() || !respond(&mut stream, &request, states) {
            return;
        }
    }
}

/// Whether the connection breaks before the request has come whole.
fn is_reset(request: &Request, states: &States) -> bool {
    let (first, _) = split(&request.target);
    let Some(state) = number(first, states) else { return false };
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let is_reset = state.steps.get(state.next).is_some_and(|step| step.reset_within_request);
    state.next += usize::from(is_reset);
    is_reset
}

/// The scenario's number, and what follows it.
fn split(target: &str) -> (&str, &str) {
    let target = target.trim_start_matches('/');
    target.split_once('/').unwrap_or((target, ""))
}

/// Whether the connection stays open.
fn respond(stream: &mut TcpStream, request: &Request, states: &States) -> bool {
    let (first, rest) = split(&request.target);
    if first == "verdict" {
        let problems =
            number(rest, states).map_or_else(|| vec!["no such scenario".to_owned()], verdict);
        let body = serde_json::json!({ "problems": problems }).to_string();
        return wire::send_response(stream, 200, &BTreeMap::new(), &body);
    }
    let Some(state) = number(first, states) else {
        return wire::send_response(stream, 404, &BTreeMap::new(), "no such scenario");
    };
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(step) = state.steps.get(state.next).cloned() else {
        state.problems.push(format!("one request too many: {} {}", request.method, request.target));
        return wire::send_response(stream, 500, &BTreeMap::new(), "one request too many");
    };
    state.next += 1;
    let position = state.next;
    let problems = check::problems(&step.request, request, &format!("/{rest}"));
    state
        .problems
        .extend(problems.into_iter().map(|problem| format!("request {position}: {problem}")));
    drop(state);
    if let Some(milliseconds) = step.silence_ms {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
    if let Some(raw) = &step.raw {
        let _ = stream.write_all(raw.as_bytes());
    }
    if let Some(pieces) = &step.wire {
        fault::send(stream, pieces, step.end);
        return false;
    }
    match step.response {
        Some(response) if !step.drop => {
            wire::send_response(stream, response.status, &response.headers, &response.body)
        }
        _ => false,
    }
}

fn number<'s>(text: &str, states: &'s States) -> Option<&'s Mutex<State>> {
    states.get(text.parse::<usize>().ok()?)
}

/// What was wrong, requests that never came included.
fn verdict(state: &Mutex<State>) -> Vec<String> {
    let state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let mut problems = state.problems.clone();
    if state.next < state.steps.len() {
        problems.push(format!("{} of {} requests came", state.next, state.steps.len()));
    }
    problems
}
