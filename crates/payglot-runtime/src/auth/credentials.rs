//! The values that a client authenticates with, wiped from memory when it is dropped.

use zeroize::Zeroizing;

use super::source::{Credential, NotRead};
use crate::error::Error;
use crate::schema::Provider;
use crate::variables::{Variables, file_variable};

/// Credentials by their names in the provider's table.
#[derive(Clone, Default)]
pub struct Credentials {
    known: Vec<Known>,
    /// Where those are that were not set.
    variables: Variables,
}

#[derive(Clone)]
struct Known {
    name: &'static str,
    source: Credential,
    /// None where it was not read yet.
    value: Option<Zeroizing<String>>,
}

impl Credentials {
    /// Sets one; what was set before is replaced.
    pub fn set(&mut self, name: &'static str, credential: impl Into<Credential>) {
        self.known.retain(|known| known.name != name);
        self.known.push(Known { name, source: credential.into(), value: None });
    }

    /// Takes what is not set from these variables instead of those of the process.
    pub fn variables(&mut self, variables: Variables) {
        self.variables = variables;
    }

    /// The value of one that was read.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Adds what the environment holds, reads what can be read at once, and checks every value.
    pub(crate) fn resolve(&mut self, provider: &Provider) -> Result<(), Error> {
        for credential in provider.credentials {
            let wrong = |problem: &str| wrong(provider, credential.name, problem);
            if self.known.iter().all(|known| known.name != credential.name) {
                // An empty variable counts as none; an empty argument is a mistake that another's key must not hide.
                match self.variables.either(credential.env).map_err(|problem| wrong(&problem))? {
                    Some(found) => self.set(credential.name, Credential::of_variable(found)),
                    None if credential.optional => continue,
                    None => {
                        let (env, file) = (credential.env, file_variable(credential.env));
                        return Err(wrong(&format!("is missing; pass it or set {env} or {file}")));
                    }
                }
            }
            let unread =
                |known: &&mut Known| known.name == credential.name && known.value.is_none();
            let Some(known) = self.known.iter_mut().find(unread) else { continue };
            match known.source.read_now() {
                Some(value) => known.value = Some(checked(provider, credential.name, value)?),
                None if credential.secret => {}
                None => {
                    return Err(wrong(
                        "is public and must be known when the client is made: pass it, or what gives it at once",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether a value has to be awaited before the first call.
    pub(crate) fn is_pending(&self) -> bool {
        self.known.iter().any(|known| known.value.is_none())
    }

    /// Whether there is something to read again.
    pub(crate) fn are_read_again(&self) -> bool {
        self.known.iter().any(|known| known.source.is_read_again())
    }

    /// Reads them again. Whether that changed anything.
    pub(crate) async fn read_again(&mut self, provider: &Provider) -> Result<bool, Error> {
        let mut has_changed = false;
        for Known { name, source, value } in &mut self.known {
            let new = checked(provider, name, source.read().await)?;
            let is_same = value.as_deref() == Some(&*new);
            let is_public =
                provider.credentials.iter().any(|known| known.name == *name && !known.secret);
            if is_public && !is_same {
                return Err(wrong(
                    provider,
                    name,
                    "is another account's now; `with_credentials` gives a client of another account",
                ));
            }
            has_changed |= !is_same;
            *value = Some(new);
        }
        Ok(has_changed)
    }

    /// Puts others in the slots of some, to be read.
    pub(crate) fn replace(&mut self, given: Vec<(&'static str, Credential)>) {
        for (name, source) in given {
            match self.known.iter_mut().find(|known| known.name == name) {
                // A public one is compared with what it was.
                Some(known) => known.source = source,
                None => self.known.push(Known { name, source, value: None }),
            }
        }
    }

    /// Whether the environment allows plain HTTP to other machines.
    pub(crate) fn allow_insecure_http(&self) -> bool {
        self.variables.allow_insecure_http()
    }

    /// Names and values. One that was not read has none to show, and is never sent: see `Authenticator::choose`.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.known.iter().map(|Known { name, value, .. }| {
            (*name, value.as_ref().map_or("", |value| value.as_str()))
        })
    }
}

/// The error for one credential.
fn wrong(provider: &Provider, name: &str, problem: &str) -> Error {
    Error::configuration(format!("{}: `{name}` {problem}", provider.title))
}

/// A value that can be a key.
fn checked(
    provider: &Provider,
    name: &str,
    value: Result<Zeroizing<String>, NotRead>,
) -> Result<Zeroizing<String>, Error> {
    let value = value.map_err(|NotRead { problem, source }| {
        let error = wrong(provider, name, &problem);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    })?;
    problem(&value).map_or(Ok(value), |problem| Err(wrong(provider, name, problem)))
}

/// What is wrong with a value. White space and invisible characters come with copying from a page or a file.
fn problem(value: &str) -> Option<&'static str> {
    let is_invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}');
    if value.is_empty() {
        Some("is empty; pass the key, or leave the argument out to take the environment's")
    } else if value.chars().any(char::is_control) {
        Some("has a control character in it, such as a line's end")
    } else if value.chars().any(is_invisible) {
        Some("has an invisible character in it, such as a byte order mark or a zero-width space")
    } else if value.trim() != value {
        Some("has white space around it")
    } else {
        None
    }
}

/// Shows names, never values.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
