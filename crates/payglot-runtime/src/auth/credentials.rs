//! The values that a client authenticates with, wiped from memory when it is dropped.

use zeroize::Zeroizing;

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
