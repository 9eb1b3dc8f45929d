//! A pair of sockets that wakes an event loop without the interpreter.
//!
//! Only on Unix. Elsewhere there is none, and the loop is called instead, see `wake`; tests on Unix do that too.

pub use platform::{Reader, Writer, pair};

#[cfg(unix)]
mod platform {
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::UnixStream;

    use pyo3::prelude::*;

    /// The end that the loop watches.
    pub struct Reader(UnixStream);

    /// The end that the runtime's threads write to.
    pub struct Writer(UnixStream);

    /// A new pair.
    pub fn pair() -> PyResult<(Reader, Writer)> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok((Reader(reader), Writer(writer)))
    }

    impl Reader {
        pub fn fileno(&self) -> i32 {
            self.0.as_raw_fd()
        }

        /// Reads what was written: a byte or two, or none.
        pub fn clear(&self) {
            drop((&self.0).read(&mut [0; 16]));
        }
    }

    impl Writer {
        /// Makes the reader readable.
        pub fn wake(&self) {
            drop((&self.0).write(&[1]));
        }
    }
}

#[cfg(not(unix))]
mod platform {
    use std::convert::Infallible;

    use pyo3::exceptions::PyNotImplementedError;
    use pyo3::prelude::*;

    /// Never made.
    pub struct Reader(Infallible);

    /// Never made.
    pub struct Writer(Infallible);

    /// Always an error: the loop must be called.
    pub fn pair() -> PyResult<(Reader, Writer)> {
        Err(PyNotImplementedError::new_err("this platform has no sockets that need no interpreter"))
    }

    impl Reader {
        pub fn fileno(&self) -> i32 {
            match self.0 {}
        }

        pub fn clear(&self) {
            match self.0 {}
        }
    }

    impl Writer {
        pub fn wake(&self) {
            match self.0 {}
        }
    }
}
