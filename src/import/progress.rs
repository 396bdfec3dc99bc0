//! Shows how far an import is: a bar on a terminal, and a line now and then elsewhere.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Says how often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
const STYLE: &str = "{msg:>14} {wide_bar} {percent}%, {per_sec}, {eta} left";

/// Counts rows and tells of them on standard error.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    begun: Instant,
    told: Instant,
    what: &'static str,
    done: u64,
    total: u64,
}

impl Progress {
    /// Begins with nothing to do yet.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5));
            bar.set_style(ProgressStyle::with_template(STYLE).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, begun: now, told: now, what: "", done: 0, total: 0 }
    }

    /// Says how many rows there are.
    pub(crate) fn begin(&mut self, total: u64) {
        self.total = total;
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
    }

    /// Says what the next rows are.
    pub(crate) fn say(&mut self, what: &'static str) {
        self.what = what;
        if let Some(bar) = &self.bar {
            bar.set_message(what);
        }
    }

    /// Counts rows.
    pub(crate) fn advance(&mut self, rows: u64) {
        self.done += rows;
        match &self.bar {
            Some(bar) => bar.inc(rows),
            None if self.told.elapsed() >= LINE_EVERY => {
                self.told = Instant::now();
                self.write_line();
            }
            None => {}
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Nobody may read it.
    fn write_line(&self) {
        let seconds = self.begun.elapsed().as_secs().max(1);
        let rate = self.done / seconds;
        let left = self.total.saturating_sub(self.done).checked_div(rate).unwrap_or_default();
        let Self { what, done, total, .. } = self;
        drop(writeln!(io::stderr(), "{what}: {done} of {total} rows, {rate} a second, {left} s left"));
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}
