//! What the Python and the Node binding share: calls in the background, and log records on their way to a logger.
//!
//! May use the runtime. Knows neither interpreter.

mod background;
mod log;
mod running;

pub use background::Background;
pub use log::{LogRecord, subscribe};
pub use running::Running;
