//! Shows how far a run is: a bar on a terminal, lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use payglot::journal::BatchProgress;

/// Between two lines.
const PAUSE: Duration = Duration::from_secs(10);

/// Where the progress goes: standard error.
pub struct Display {
    name: String,
    bar: Option<ProgressBar>,
    last_line: Instant,
}

impl Display {
    pub fn new(name: &str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length();
            let style = "{prefix} {wide_bar} {human_pos} of {human_len} rows, {eta} left{msg}";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.set_prefix(name.to_owned());
            bar
        });
        Self { name: name.to_owned(), bar, last_line: Instant::now() }
    }

    pub fn shows(&mut self, progress: &BatchProgress) {
        if let Some(bar) = &self.bar {
            bar.set_length(progress.rows as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(beside(progress));
        } else if self.last_line.elapsed() >= PAUSE {
            self.last_line = Instant::now();
            let BatchProgress { rows, done, .. } = progress;
            self.says(&format!("{done} of {rows} rows{}", beside(progress)));
        }
    }

    pub fn ends(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    pub fn says(&self, text: &str) {
        let line = format!("payglot: {}: {text}", self.name);
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }
}

/// What is not as it should be.
fn beside(progress: &BatchProgress) -> String {
    let counts = [
        (progress.refused, "refused"),
        (progress.unknown, "unknown"),
        (progress.slowed, "times too fast for the vendor"),
    ];
    let mut text = String::new();
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        text += &format!(", {count} {what}");
    }
    text
}
