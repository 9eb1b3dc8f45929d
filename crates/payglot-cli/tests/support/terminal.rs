//! A terminal for a command's standard error.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Runs a command whose standard error is a terminal: how it ended, and all that it wrote there.
pub fn on_terminal(mut command: Command) -> (i32, String) {
    let ours: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&ours, size).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let theirs = File::options().read(true).write(true).open(path).unwrap();
    command.env("TERM", "xterm").stdin(Stdio::null()).stdout(Stdio::null()).stderr(theirs);
    let mut child = command.spawn().unwrap();
    // It holds the other side, and would keep it open.
    drop(command);
    let (mut written, mut ours) = (Vec::new(), File::from(ours));
    let mut chunk = [0; 4096];
    // Where the last one has closed it, some systems say so by an error.
    while let Ok(count @ 1..) = ours.read(&mut chunk) {
        written.extend_from_slice(&chunk[..count]);
    }
    let status = child.wait().unwrap();
    (status.code().unwrap(), String::from_utf8(written).unwrap())
}
