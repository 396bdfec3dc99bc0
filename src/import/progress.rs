//! Shows how far an import is: a bar on a terminal, and a line now and then elsewhere.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Says how often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
const STYLE: &str = "{msg:>14} {wide_bar} {percent}%, {per_sec}, {eta} left";
const STYLE_OF_BYTES: &str = "{msg:>14} {wide_bar} {percent}%, {binary_bytes_per_sec}, {eta} left";
const MIB: u64 = 1024 * 1024;

/// Says what is counted against the whole: nobody knows how many rows a file has before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Rows,
    Bytes,
}

/// Counts rows and tells of them on standard error.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    begun: Instant,
    told: Instant,
    what: &'static str,
    unit: Unit,
    /// Counts rows, whatever the unit is.
    rows: u64,
    done: u64,
    /// Is what was done by an earlier run, which took none of this one's time.
    skipped: u64,
    total: u64,
}

impl Progress {
    /// Begins with nothing to do yet.
    pub(crate) fn new() -> Self {
        let bar = io::stderr()
            .is_terminal()
            .then(|| ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5)));
        let now = Instant::now();
        let (unit, rows, done, skipped, total) = (Unit::Rows, 0, 0, 0, 0);
        Self { bar, begun: now, told: now, what: "", unit, rows, done, skipped, total }
    }

    /// Says how much there is.
    pub(crate) fn begin(&mut self, total: u64, unit: Unit) {
        self.total = total;
        self.unit = unit;
        if let Some(bar) = &self.bar {
            let style = if unit == Unit::Rows { STYLE } else { STYLE_OF_BYTES };
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
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

    /// Leaves out what an earlier run has done.
    pub(crate) fn skip(&mut self, amount: u64) {
        self.done += amount;
        self.skipped += amount;
        if let Some(bar) = &self.bar {
            bar.inc(amount);
            bar.reset_eta();
        }
    }

    /// Counts a row, which is so much of the whole.
    pub(crate) fn advance(&mut self, amount: u64) {
        self.rows += 1;
        self.done += amount;
        match &self.bar {
            Some(bar) => bar.inc(amount),
            None if self.told.elapsed() >= LINE_EVERY => {
                self.told = Instant::now();
                // Nobody may read it: standard error may be closed.
                drop(writeln!(io::stderr(), "{}", self.line(self.begun.elapsed())));
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

    /// Says how far it is after some time.
    fn line(&self, elapsed: Duration) -> String {
        let Self { what, unit, rows, done, skipped, total, .. } = self;
        let rate = (done - skipped) / elapsed.as_secs().max(1);
        let left = total.saturating_sub(*done).checked_div(rate).unwrap_or_default();
        match unit {
            Unit::Rows => format!("{what}: {done} of {total} rows, {rate} a second, {left} s left"),
            Unit::Bytes => {
                let (done, total, rate) = (done / MIB, total.div_ceil(MIB), rate / 1024);
                format!("{what}: {rows} read, {done} of {total} MiB, {rate} KiB a second, {left} s left")
            }
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_called_bytes_and_rows_rows() {
        let mut rows = Progress::new();
        rows.begin(1000, Unit::Rows);
        rows.say("users");
        rows.skip(400);
        (0..200).for_each(|_| rows.advance(1));
        assert_eq!(rows.line(Duration::from_secs(10)), "users: 600 of 1000 rows, 20 a second, 20 s left");
        let mut bytes = Progress::new();
        bytes.begin(10 * MIB, Unit::Bytes);
        bytes.say("users");
        (0..4).for_each(|_| bytes.advance(MIB / 2));
        let line = "users: 4 read, 2 of 10 MiB, 204 KiB a second, 40 s left";
        assert_eq!(bytes.line(Duration::from_secs(10)), line);
    }
}
