//! The values that a client authenticates with, wiped from memory when it is dropped.

use zeroize::Zeroizing;

use crate::error::Error;
use crate::schema::Provider;

/// Credentials by their names in the provider's table.
#[derive(Clone, Default)]
pub struct Credentials(Vec<(&'static str, Zeroizing<String>)>);

impl Credentials {
    /// Sets one; a value that was set before is replaced.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, Zeroizing::new(value.into())));
    }

    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Adds what the environment holds, and checks that nothing is missing. One that is empty counts as missing.
    pub(crate) fn resolve(&mut self, provider: &Provider) -> Result<(), Error> {
        for credential in provider.credentials {
            let is_given = self.get(credential.name).is_some_and(|value| !value.is_empty());
            if !is_given {
                let value = std::env::var(credential.env)
                    .ok()
                    .filter(|value| !value.is_empty())
                    .ok_or_else(|| {
                        Error::configuration(format!(
                            "{}: `{}` is missing; pass it or set {}",
                            provider.title, credential.name, credential.env
                        ))
                    })?;
                self.set(credential.name, value);
            }
        }
        for (name, value) in self.iter() {
            if value.chars().any(|c| c.is_ascii_control()) || value.trim() != value {
                return Err(Error::configuration(format!(
                    "{}: `{name}` has white space around it or a control character in it",
                    provider.title
                )));
            }
        }
        Ok(())
    }

    /// Names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// Shows names, never values.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
