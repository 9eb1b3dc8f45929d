//! What other people on this machine, or in a log, should not see: secrets, and the addresses that hold some.

use std::io::{self, Read as _};

use anyhow::{Context as _, bail};
use reqwest::Url;

/// Standard input, as a file's name.
pub const STDIN: &str = "-";

/// The secret that an environment variable holds, or the file that `source` names, or standard input. The name of a variable
/// is only repeated where it is the default: somebody may have given the secret itself.
pub fn secret(
    variable: &str,
    default: &str,
    file: Option<&str>,
    what: &str,
) -> anyhow::Result<Vec<u8>> {
    if let Some(file) = file {
        let text = read(file).context("--secret-file")?;
        if text.is_empty() {
            bail!("--secret-file: there is nothing in it, where {what} should be");
        }
        return Ok(text.into_bytes());
    }
    let secret = std::env::var_os(variable).filter(|secret| !secret.is_empty());
    match secret {
        Some(secret) => Ok(secret.into_encoded_bytes()),
        None if variable == default => {
            bail!("the environment variable {default} is not set: it holds {what}")
        }
        None => bail!(
            "the environment variable that --secret-env names is not set: it holds {what}, and the option its name"
        ),
    }
}

/// The text of a file, of standard input (`-`), or of an environment variable (`env:NAME`), without the end of its last
/// line. Errors repeat no name: it may be the text itself, given by mistake.
pub fn read(source: &str) -> anyhow::Result<String> {
    let mut text = if source == STDIN {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        text
    } else if let Some(name) = source.strip_prefix("env:") {
        let value =
            std::env::var_os(name).context("there is no environment variable of that name")?;
        value.into_string().ok().context("the environment variable is not UTF-8")?
    } else {
        std::fs::read_to_string(source).context("cannot read the file")?
    };
    without_mark(&mut text);
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// A URL without the parts that may hold a secret.
pub fn shown_url(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return "the URL".to_owned() };
    if url.set_username("").is_err() || url.set_password(None).is_err() {
        return "the URL".to_owned();
    }
    let query = if url.query().is_some() { "?…" } else { "" };
    url.set_query(None);
    url.set_fragment(None);
    format!("{url}{query}")
}

/// Takes away the mark that some programs put before UTF-8.
pub fn without_mark(text: &mut String) {
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops the moment something is not as it should be")]
mod tests {
    use super::*;

    #[test]
    fn issue_12_34_urls_are_shown_without_secrets() {
        assert_eq!(shown_url("http://user:pass@host:1/hook?token=t#f"), "http://host:1/hook?…");
        assert_eq!(shown_url("https://host/hook"), "https://host/hook");
        for odd in ["user:pass@host", "mailto:user@host", "//user:pass@host", ""] {
            assert_eq!(shown_url(odd), "the URL", "{odd}");
        }
    }

    #[test]
    fn issue_12_34_a_source_that_cannot_be_read_is_not_repeated() {
        for source in ["123456789", "env:123456789", "/no/such/123456789"] {
            let error = format!("{:#}", read(source).unwrap_err());
            assert!(!error.contains("123456789"), "{error}");
        }
    }
}
