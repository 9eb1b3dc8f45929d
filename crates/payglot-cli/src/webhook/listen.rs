//! `payglot webhook listen`: prints the deliveries that arrive, with the details of their signature check.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use payglot::webhooks::{Headers as _, Parts, Scheme, verify};

use super::{SchemeArgs, SecretArgs, providers};
use crate::private::shown_url;

/// Print deliveries as they arrive, with the details of their signature check.
///
/// Responds with 200 to a genuine delivery and with 400 to any other; with --forward, with the status that the handler
/// responded with.
#[derive(clap::Args)]
pub struct Args {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8788")]
    listen: SocketAddr,
    /// Forward each delivery to this URL unchanged, genuine or not. A URL with a secret belongs into the environment
    /// variable: other users can see it here.
    #[arg(long, value_name = "URL", env = "PAYGLOT_WEBHOOK_FORWARD", hide_env_values = true)]
    forward: Option<String>,
    /// Print the bodies too. They may hold personal data.
    #[arg(long)]
    show_body: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    scheme: SchemeArgs,
}

struct Listener {
    scheme: Scheme,
    secret: Vec<u8>,
    forward: Option<String>,
    show_body: bool,
    http: reqwest::Client,
}

pub async fn run(args: &Args) -> anyhow::Result<()> {
    let listener = Arc::new(Listener {
        scheme: args.scheme.scheme(),
        secret: args.secret.read().map_err(crate::WrongInput::of)?,
        forward: args.forward.clone(),
        show_body: args.show_body,
        http: reqwest::Client::new(),
    });
    let socket = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    writeln!(io::stdout(), "payglot webhook: listening on http://{}", socket.local_addr()?)?;
    let app = Router::new().fallback(receive).with_state(listener);
    axum::serve(socket, app).await.context("the server ended")
}

async fn receive(
    State(listener): State<Arc<Listener>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let (mut text, is_genuine) = listener.describe(&headers, &body);
    let status = match &listener.forward {
        Some(url) => {
            let status = listener.forward_to(url, &headers, body).await;
            let url = shown_url(url);
            let _ = match &status {
                Ok(status) => {
                    writeln!(text, "  forwarded: {url} responded with {}", status.as_u16())
                }
                Err(error) => writeln!(text, "  forwarded: no response from {url} ({error})"),
            };
            status.unwrap_or(StatusCode::BAD_GATEWAY)
        }
        None if is_genuine => StatusCode::OK,
        None => StatusCode::BAD_REQUEST,
    };
    let _ = writeln!(text, "  response:  {}", status.as_u16());
    // Deliveries get their response even if the output is closed.
    let _ = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    status
}

impl Listener {
    /// What arrived and how its signature was checked, and whether it is genuine.
    fn describe(&self, headers: &HeaderMap, body: &[u8]) -> (String, bool) {
        let mut text = String::from("\n");
        let mut add = |label: &str, value: &str| {
            let _ = writeln!(text, "{label}{value}");
        };
        // The envelope of the first provider that reads it.
        let read = providers().find_map(|(_, webhooks)| Parts::read(body, headers, webhooks).ok());
        match read {
            Some(parts) => add("", &format!("{} {}", parts.event, parts.id)),
            None => add("", "not an event of a known API"),
        }
        let scheme = &self.scheme;
        let seen = |name: &str| if headers.header(name).is_some() { "there" } else { "missing" };
        let header = &scheme.signature_header;
        add("  signature: ", &format!("header {header} is {}", seen(header)));
        match &scheme.timestamp_header {
            Some(header) => {
                let age = headers.header(header).as_deref().map_or_else(|| "missing".into(), age);
                let tolerance = scheme.tolerance.as_secs();
                add(
                    "  timestamp: ",
                    &format!("header {header} is {age}; {tolerance} s are allowed"),
                );
                let (separator, length) = (&scheme.separator, body.len());
                add(
                    "  signed:    ",
                    &format!("timestamp, {separator:?}, and the {length} bytes of the body"),
                );
            }
            None => add("  signed:    ", &format!("the {} bytes of the body", body.len())),
        }
        if self.show_body {
            add("  body:      ", &String::from_utf8_lossy(body));
        }
        let result = verify(body, headers, &self.secret, scheme);
        match &result {
            Ok(()) => add("  result:    ", "genuine"),
            Err(error) => add("  result:    ", &format!("not genuine: {error}")),
        }
        (text, result.is_ok())
    }

    async fn forward_to(
        &self,
        url: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<StatusCode, reqwest::Error> {
        let of_this_hop = |name: &HeaderName| {
            [
                header::HOST,
                header::CONNECTION,
                header::CONTENT_LENGTH,
                header::TRANSFER_ENCODING,
                header::EXPECT,
            ]
            .contains(name)
        };
        let mut request = self.http.post(url).body(body);
        for (name, value) in headers.iter().filter(|(name, _)| !of_this_hop(name)) {
            request = request.header(name, value);
        }
        Ok(request.send().await.map_err(reqwest::Error::without_url)?.status())
    }
}

/// How long ago a timestamp is.
fn age(timestamp: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    match timestamp.trim().parse::<u64>() {
        Ok(sent) if sent <= now => format!("{} s ago", now - sent),
        Ok(sent) => format!("{} s ahead", sent - now),
        Err(_) => "not Unix seconds".into(),
    }
}
