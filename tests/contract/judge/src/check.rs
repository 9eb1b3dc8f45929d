//! Compares a request with what a scenario expects.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{Expected, Request};

/// Headers that every HTTP client may send by itself.
const ORDINARY: [&str; 5] =
    ["accept-encoding", "connection", "content-length", "host", "user-agent"];

/// What is not as expected; `target` is without the scenario's number.
pub fn problems(expected: &Expected, request: &Request, target: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut compare = |what: &str, wanted: Option<&str>, there: &str| {
        if wanted.is_some_and(|wanted| wanted != there) {
            problems.push(format!("{what}: wanted {}, came {there}", wanted.unwrap_or_default()));
        }
    };
    compare("method", expected.method.as_deref(), &request.method);
    compare("target", expected.target.as_deref(), target);
    compare("body", expected.body.as_deref(), &String::from_utf8_lossy(&request.body));
    if let Some(wanted) = &expected.headers {
        for (name, value) in wanted {
            let mut there =
                request.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
            match (there.next(), there.next()) {
                (Some(there), None) if holds(value, there, request) => {}
                (Some(there), None) => {
                    problems.push(format!("header {name}: wanted {value}, came {there}"));
                }
                (None, _) => problems.push(format!("header {name} did not come")),
                (Some(_), Some(_)) => problems.push(format!("header {name} came twice")),
            }
        }
        let is_known =
            |name: &String| wanted.contains_key(name) || ORDINARY.contains(&name.as_str());
        for (name, _) in request.headers.iter().filter(|(name, _)| !is_known(name)) {
            problems.push(format!("header {name} came and should not"));
        }
    }
    let agent = request
        .headers
        .iter()
        .find(|(name, _)| name == "user-agent")
        .map(|(_, value)| value.as_str());
    if !agent.is_some_and(|agent| agent.starts_with("payglot/")) {
        problems.push(format!("user-agent: {agent:?}"));
    }
    problems
}

fn holds(wanted: &str, there: &str, request: &Request) -> bool {
    if let Some(secret) = wanted.strip_prefix("$hmac:") {
        return signature(secret, request).as_deref() == Some(there);
    }
    if wanted == "$uuid" {
        return there.len() == 36
            && there.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    }
    if let Some(end) = wanted.strip_prefix("$ends:") {
        return there.ends_with(end);
    }
    wanted == there
}

/// Paywint's signature over the bytes that arrived: METHOD + PATH + QUERY + hex SHA-256 of the body.
pub fn signature(secret: &str, request: &Request) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(request.method.as_bytes());
    mac.update(request.target.as_bytes());
    mac.update(hex::encode(Sha256::digest(&request.body)).as_bytes());
    Some(hex::encode(mac.finalize().into_bytes()))
}
