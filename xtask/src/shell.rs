//! Runs programs, and says what failed in one line.

use std::cell::Cell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

/// How often a step that is long says so.
const STILL_THERE: Duration = Duration::from_secs(15);

thread_local! {
    /// Whether programs that this thread runs are shown at their end, as another thread shows its own.
    static IS_BESIDE_OTHERS: Cell<bool> = const { Cell::new(false) };
}

/// A program to run, with its words.
pub struct Run {
    command: Command,
    shown: String,
    is_quiet: bool,
}

impl Run {
    /// A program by its path or name.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let shown =
            Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned();
        Self { command: Command::new(program), shown, is_quiet: false }
    }

    /// The cargo that runs this xtask.
    pub fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// Adds words.
    pub fn args<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        for word in words {
            self.shown.push(' ');
            self.shown.push_str(&word.as_ref().to_string_lossy());
            self.command.arg(word);
        }
        self
    }

    /// Sets where it runs.
    pub fn at(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Programs of a folder are found by their names, before all others.
    pub fn on_path(self, folder: impl Into<PathBuf>) -> Result<Self> {
        let mut given = self.command.get_envs();
        let given = given.find_map(|(name, value)| value.filter(|_| name == "PATH"));
        let path = given.map(ToOwned::to_owned).or_else(|| std::env::var_os("PATH"));
        let path = path.unwrap_or_default();
        let folders = std::iter::once(folder.into()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).context("PATH")?;
        Ok(self.env("PATH", path))
    }

    /// Shows its output only when it fails.
    pub fn quiet(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// Runs it to its end; an exit code other than 0 is an error.
    pub fn run(mut self) -> Result<()> {
        if self.is_quiet {
            return self.output().map(drop);
        }
        if IS_BESIDE_OTHERS.get() {
            return self.shown().map(|shown| print!("{shown}"));
        }
        let status =
            self.command.status().with_context(|| format!("cannot start `{}`", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it and gives what it printed.
    pub fn output(&mut self) -> Result<String> {
        self.outputs().map(|(output, _)| output)
    }

    /// Runs it and gives what it printed, and then what it wrote to standard error.
    pub fn shown(&mut self) -> Result<String> {
        self.outputs().map(|(output, errors)| output + &errors)
    }

    fn outputs(&mut self) -> Result<(String, String)> {
        let output =
            self.command.output().with_context(|| format!("cannot start `{}`", self.shown))?;
        let [text, errors] =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        if !output.status.success() {
            bail!("`{}` failed ({})\n{text}{errors}", self.shown, output.status);
        }
        Ok((text, errors))
    }

    /// The command itself, for what this module does not offer.
    pub fn into_command(self) -> Command {
        self.command
    }
}

/// Runs one step under a heading, and says how long it took. A step that is long says from time to time that it goes on.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n== {name}");
    let started = Instant::now();
    let (end, ended) = mpsc::channel::<()>();
    let result = std::thread::scope(|scope| {
        scope.spawn(move || {
            while ended.recv_timeout(STILL_THERE) == Err(mpsc::RecvTimeoutError::Timeout) {
                println!("== {name}: {} s so far", started.elapsed().as_secs());
            }
        });
        let result = work();
        drop(end);
        result
    });
    let result = result.with_context(|| name.to_owned())?;
    println!("== {name}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(result)
}

/// Steps that are run one after the other, beside those of others.
pub type Lane<'a> = Box<dyn FnOnce() -> Result<()> + Send + 'a>;

/// Runs lanes beside each other, each to its end or its first fault; the faults of all are told.
pub fn beside(lanes: Vec<Lane<'_>>) -> Result<()> {
    let mut faults = Vec::new();
    std::thread::scope(|scope| {
        let started = lanes.into_iter().map(|lane| {
            scope.spawn(move || {
                IS_BESIDE_OTHERS.set(true);
                lane()
            })
        });
        for thread in started.collect::<Vec<_>>() {
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => faults.push(format!("{fault:#}")),
                Err(_) => faults.push("a step panicked".to_owned()),
            }
        }
    });
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// `python3`, or what `PYTHON` names.
pub fn python() -> PathBuf {
    std::env::var_os("PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

/// npm.
pub fn npm() -> Run {
    // No notes about newer versions, no audit: the output is for people who build payglot.
    Run::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
        .env("NPM_CONFIG_AUDIT", "false")
        .env("NPM_CONFIG_FUND", "false")
        .env("NO_UPDATE_NOTIFIER", "1")
}
