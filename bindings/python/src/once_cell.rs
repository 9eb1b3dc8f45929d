//! A value that is made once, and that the child of a fork can still make.
//!
//! Making it may run Python code, and another thread may fork meanwhile. A lock that is held then is held in the child
//! for ever. So nobody waits here: of several that are made at the same time one is kept.

use std::sync::OnceLock;

pub struct Once<T>(OnceLock<T>);

impl<T> Once<T> {
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The value, made now if nobody has yet. Called by threads that are attached to the interpreter.
    pub fn get_or_try_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if let Some(value) = self.0.get() {
            return Ok(value);
        }
        let value = make()?;
        // No Python code runs in here, so that nobody forks.
        Ok(self.0.get_or_init(|| value))
    }
}
