//! Makes the state file, which holds credentials, readable for its owner alone.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use crate::basics::Error;

/// The absolute path of a state file, which is made where there is none.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, Error> {
    let name = path.as_os_str().as_encoded_bytes();
    if name.is_empty() || name.starts_with(b":") || name.starts_with(b"file:") {
        let reason = "its name is not that of a file; without one the state is kept in memory";
        return Err(Error::State(reason.to_owned()));
    }
    let path = std::path::absolute(path).map_err(cannot_open)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path).map_err(cannot_open)?;
    Ok(path)
}

/// Takes from others what an earlier version let them read.
#[cfg(unix)]
pub(super) fn close_to_others(path: &Path) -> Result<(), Error> {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match set_permissions(PathBuf::from(name), Permissions::from_mode(0o600)) {
            Err(error) if suffix.is_empty() || error.kind() != io::ErrorKind::NotFound => {
                return Err(cannot_open(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// On other systems a file has the permissions of its folder.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
pub(super) fn close_to_others(_: &Path) -> Result<(), Error> {
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
fn cannot_open(error: io::Error) -> Error {
    Error::State(format!("cannot be opened: {error}"))
}
