//! How the calls authenticate.

use anyhow::{Result, bail};
use payglot_codegen::model::{Auth, CanonicalPart, EmptyBody, Encoding, Operation, ProviderConfig};

use crate::shell::{credential, filled, quoted};

/// Lines before the call: the signature, where there is one.
pub fn prepare(config: &ProviderConfig, operation: &Operation) -> Result<String> {
    let Auth::Hmac { canonical, separator, encoding, empty_body, key, .. } = &config.auth else {
        return Ok(String::new());
    };
    let mut parts = Vec::new();
    for part in canonical {
        parts.push(match part {
            CanonicalPart::Method => operation.http_method.to_string(),
            CanonicalPart::Path => "\"${target%%\\?*}\"".to_owned(),
            CanonicalPart::Query if operation.query.is_empty() => String::new(),
            CanonicalPart::Query => "'?'\"${target#*\\?}\"".to_owned(),
            CanonicalPart::BodyHash => "\"$body_hash\"".to_owned(),
            CanonicalPart::Literal(text) => quoted(text),
            CanonicalPart::Timestamp | CanonicalPart::Nonce => {
                bail!("a signature with a timestamp or a nonce is not written for the shell")
            }
        });
    }
    let separator = if separator.is_empty() { String::new() } else { quoted(separator) };
    let body_hash = match empty_body {
        EmptyBody::Omit if operation.body.is_none() => "  body_hash=\n".to_owned(),
        _ => "  body_hash=$(printf %s \"$body\" | openssl dgst -sha256 -r | cut -d ' ' -f 1)\n"
            .to_owned(),
    };
    let written = match encoding {
        Encoding::Hex => "-r | cut -d ' ' -f 1",
        Encoding::Base64 => "-binary | openssl base64 -A",
    };
    let key = credential(config, key);
    let parts = parts.join(&separator);
    Ok(format!(
        "{body_hash}  signature=$(printf %s {parts} |\n    openssl dgst -sha256 -hmac \"{key}\" {written})\n"
    ))
}

/// Options of the call.
pub fn options(config: &ProviderConfig) -> Vec<String> {
    match &config.auth {
        Auth::Hmac { headers, .. } | Auth::Headers { headers } => headers
            .iter()
            .map(|(name, template)| format!("--header \"{name}: {}\"", filled(config, template)))
            .collect(),
        Auth::Bearer { token } => {
            vec![format!("--header \"Authorization: Bearer {}\"", credential(config, token))]
        }
        Auth::Basic { user, password } => vec![format!(
            "--user \"{}:{}\"",
            credential(config, user),
            credential(config, password)
        )],
        // In the URL; a token and schemes by name need more than a line.
        Auth::Query { .. } | Auth::ClientCredentials { .. } | Auth::None | Auth::Schemes { .. } => {
            Vec::new()
        }
    }
}
