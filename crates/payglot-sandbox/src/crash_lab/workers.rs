//! The program under test as processes, each with all that it starts.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::basics::Error;

/// How long a program that serves may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(2);
/// As much of what a program says as is shown.
const LONGEST_OUTPUT: usize = 4000;

/// Copies of the program that run.
pub struct Workers(Vec<Child>);

impl Workers {
    /// Starts them. What they say goes to `log`.
    pub fn start(
        count: u8,
        command: &[String],
        environment: &[(String, String)],
        log: &Path,
    ) -> Result<Self, Error> {
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| Error::CrashLab("no program is named".to_owned()))?;
        let mut children = Vec::new();
        for number in 1..=count {
            let [out, err] = both(log)?;
            let mut command = Command::new(program);
            command
                .args(arguments)
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .env("CRASH_LAB_WORKER", number.to_string())
                .stdin(Stdio::null())
                .stdout(out)
                .stderr(err)
                .kill_on_drop(true);
            #[cfg(unix)]
            command.process_group(0);
            let child = command.spawn();
            let child = child
                .map_err(|error| Error::CrashLab(format!("cannot start {program}: {error}")))?;
            children.push(child);
        }
        Ok(Self(children))
    }

    /// Waits until all have ended; whether all ended well. May be dropped and called again.
    pub async fn wait(&mut self) -> bool {
        let mut is_well = true;
        for child in &mut self.0 {
            is_well &= child.wait().await.is_ok_and(|status| status.success());
        }
        is_well
    }

    /// Kills them with all that they have started, and waits until they are gone.
    pub async fn kill(&mut self) {
        self.signal(true);
        self.wait().await;
    }

    /// Asks them to end, and kills those that do not.
    pub async fn stop(&mut self) {
        self.signal(false);
        if tokio::time::timeout(GRACE, self.wait()).await.is_err() {
            self.kill().await;
        }
    }

    #[cfg(unix)]
    fn signal(&mut self, is_kill: bool) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = if is_kill { Signal::KILL } else { Signal::TERM };
        for child in &self.0 {
            let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            // One that has ended meanwhile cannot be killed.
            let _ = id.map(|id| kill_process_group(id, signal));
        }
    }

    #[cfg(not(unix))]
    fn signal(&mut self, _is_kill: bool) {
        for child in &mut self.0 {
            let _ = child.start_kill();
        }
    }
}

/// The end of what the program said.
pub fn output(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let start = text.len().saturating_sub(LONGEST_OUTPUT);
    String::from_utf8_lossy(text.get(start..).unwrap_or_default()).into_owned()
}

/// Runs a shell command to its end.
pub async fn shell(
    command: &str,
    environment: &[(String, String)],
    log: &Path,
) -> Result<(), Error> {
    let [out, err] = both(log)?;
    let status = Command::new("sh")
        .args(["-c", command])
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .status()
        .await
        .map_err(|error| Error::CrashLab(format!("cannot run the trigger: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::CrashLab(format!("the trigger failed ({status}):\n{}", output(log))))
}

/// The log for both streams of a program.
fn both(log: &Path) -> Result<[File; 2], Error> {
    let open = || File::options().append(true).create(true).open(log);
    let failed = |error| Error::CrashLab(format!("cannot write the program's log: {error}"));
    Ok([open().map_err(failed)?, open().map_err(failed)?])
}
