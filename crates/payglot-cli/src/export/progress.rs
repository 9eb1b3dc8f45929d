//! Shows how far an export is: a bar on a terminal, lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::state::Progress;

/// Between two lines.
const PAUSE: Duration = Duration::from_secs(10);

/// Where the progress goes: standard error.
pub struct Display {
    operation: &'static str,
    bar: Option<ProgressBar>,
    last_line: Instant,
}

impl Display {
    pub fn new(operation: &'static str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length();
            let style =
                "{msg} {wide_bar} {human_pos} of {human_len} records, {per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.set_message(operation);
            bar
        });
        Self { operation, bar, last_line: Instant::now() }
    }

    /// An export goes on that was begun by an earlier run.
    pub fn resumes(&mut self, progress: &Progress) {
        self.says(&format!("goes on after page {} with {}", progress.pages, records(progress)));
    }

    pub fn shows(&mut self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            if let Some(total) = progress.total {
                bar.set_length(total);
            }
            bar.set_position(progress.seen);
        } else if self.last_line.elapsed() >= PAUSE {
            self.last_line = Instant::now();
            self.says(&format!("{}, {} pages", records(progress), progress.pages));
        }
    }

    pub fn warns(&mut self, warning: &str) {
        self.says(&format!("warning: {warning}"));
    }

    pub fn ends(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn says(&self, text: &str) {
        let line = format!("payglot: {}: {text}", self.operation);
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }
}

fn records(progress: &Progress) -> String {
    let of_all = progress.total.map(|total| format!(" of {total}")).unwrap_or_default();
    let again = if progress.pass > 1 { " once more, as records moved" } else { "" };
    format!("{}{of_all} records{again}", progress.seen)
}
