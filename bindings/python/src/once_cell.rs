//! A cell that is initialized once, also in the child of a fork.
//!
//! Initializing it may run Python code, and another thread may fork meanwhile. A lock that is held at that moment stays
//! held in the child for ever. So no thread waits here: when several initialize the cell at once, one value is kept.

use std::sync::OnceLock;

pub struct OnceCell<T>(OnceLock<T>);

impl<T> OnceCell<T> {
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The value, made now if the cell is empty. For threads that are attached to the interpreter.
    pub fn get_or_try_init<E>(&self, init: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if let Some(value) = self.0.get() {
            return Ok(value);
        }
        let value = init()?;
        // No Python code runs in here, so no thread can fork meanwhile.
        Ok(self.0.get_or_init(|| value))
    }
}
