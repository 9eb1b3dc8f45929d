//! A response that is written to a file while it comes. The file appears under its name when it is complete, and not before.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::call::Described;
use super::{Call, CallOptions, Core, Payload, apart};
use crate::error::Error;
use crate::request::PreparedRequest;
use crate::response::Response;
use crate::schema::Operation;

/// Bytes that are written at a time.
const PIECE: usize = 256 * 1024;

impl Core {
    /// Makes a call of the provider's document, and writes what comes to a file: beside it first, and renamed when it is
    /// complete. What had the name before is replaced. The response's payload is the number of bytes.
    ///
    /// The time for the call counts until the response begins, and then between any two pieces of it. No limit of a
    /// response's size counts.
    ///
    /// # Errors
    ///
    /// Those of any call, and [`InvalidRequest`](crate::ErrorKind::InvalidRequest) where the file cannot be made: nothing is
    /// sent then.
    pub async fn download(
        &self,
        operation: &'static Operation,
        request: &PreparedRequest,
        options: &CallOptions,
        path: &Path,
    ) -> Result<Response, Error> {
        let target = path.to_owned();
        let made = apart(usize::MAX, move || Unfinished::beside(&target)).await;
        let mut file = made.map_err(|source| {
            Error::invalid_request("save_as", "names a file that cannot be written")
                .with_operation(operation.name)
                .with_source(source)
        })?;
        let mut response = self.open(operation, request, options).await?;
        let mut count: u64 = 0;
        let mut piece: Vec<u8> = Vec::new();
        loop {
            let bytes = response.next().await?;
            let has_ended = bytes.is_none();
            if let Some(bytes) = bytes {
                count += bytes.len() as u64;
                piece.extend_from_slice(&bytes);
            }
            if has_ended || piece.len() >= PIECE {
                let full = std::mem::take(&mut piece);
                let written = apart(usize::MAX, move || {
                    let result = file.write(&full, has_ended);
                    (file, result)
                });
                let (given_back, result) = written.await;
                file = given_back;
                result.map_err(|source| {
                    response.unusable("cannot be written to the file", Some(source.into()))
                })?;
            }
            if has_ended {
                return Ok(Response::of_json(
                    response.status,
                    response.headers,
                    &count.to_string(),
                ));
            }
        }
    }
}

impl<T: Payload> Call<'_, T> {
    /// Sends the call, and writes the response to a file instead of holding it in memory: see [`Core::download`]. Gives the
    /// number of bytes.
    ///
    /// # Errors
    ///
    /// Those of any call, and [`InvalidRequest`](crate::ErrorKind::InvalidRequest) where the file cannot be made.
    pub async fn download_to(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let Described { core, operation, request, options } = self.call;
        let response = core.download(operation, &request?, &options, path.as_ref()).await?;
        let count: i64 = response.read().unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

/// A file beside the one that it becomes; gone where it does not become it.
struct Unfinished {
    file: Option<File>,
    beside: PathBuf,
    target: PathBuf,
}

impl Unfinished {
    fn beside(target: &Path) -> std::io::Result<Self> {
        let name = target.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
        if target.is_dir() {
            return Err(std::io::ErrorKind::IsADirectory.into());
        }
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{:016x}.part", fastrand::u64(..)));
        let beside = target.with_file_name(beside);
        let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        Ok(Self { file: Some(file), beside, target: target.to_owned() })
    }

    /// Writes bytes; with `is_last`, the file gets its name.
    fn write(&mut self, bytes: &[u8], is_last: bool) -> std::io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(bytes)?;
        if is_last {
            file.sync_all()?;
            std::fs::rename(&self.beside, &self.target)?;
            self.file = None;
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Nobody is there to be told, and the name says that it is a part.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}
