//! The values that a client authenticates with, wiped from memory when it is dropped.

use zeroize::Zeroizing;

use crate::error::Error;
use crate::schema::Provider;
use crate::variables::Variables;

/// Credentials by their names in the provider's table.
#[derive(Clone, Default)]
pub struct Credentials {
    values: Vec<(&'static str, Zeroizing<String>)>,
    /// Where those are that were not set.
    variables: Variables,
}

impl Credentials {
    /// Sets one; a value that was set before is replaced.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.values.retain(|(known, _)| *known != name);
        self.values.push((name, Zeroizing::new(value.into())));
    }

    /// Takes what is not set from these variables instead of those of the process.
    pub fn variables(&mut self, variables: Variables) {
        self.variables = variables;
    }

    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Adds what the environment holds, and checks every value.
    pub(crate) fn resolve(&mut self, provider: &Provider) -> Result<(), Error> {
        for credential in provider.credentials {
            let wrong = |problem: &str| {
                Error::configuration(format!("{}: `{}` {problem}", provider.title, credential.name))
            };
            if self.get(credential.name).is_none() {
                // An empty variable counts as none; an empty argument is a mistake that another's key must not hide.
                match self.variables.get(credential.env) {
                    Some(value) => self.values.push((credential.name, value)),
                    None if credential.optional => {}
                    None => {
                        return Err(wrong(&format!(
                            "is missing; pass it or set {}",
                            credential.env
                        )));
                    }
                }
            }
            if let Some(problem) = self.get(credential.name).and_then(problem) {
                return Err(wrong(problem));
            }
        }
        Ok(())
    }

    /// Whether the environment allows plain HTTP to other machines.
    pub(crate) fn allow_insecure_http(&self) -> bool {
        self.variables.allow_insecure_http()
    }

    /// Names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }
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
