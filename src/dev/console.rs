//! Prints what `authgate dev` says to the person who started it: in colours on a terminal, unless `NO_COLOR` is set.

use std::io::Write;

use anstyle::{AnsiColor, Style};

/// Is for what to look at first.
pub(crate) const STRONG: Style = Style::new().bold();
/// Is for what can be clicked or typed.
pub(crate) const LINK: Style = AnsiColor::Cyan.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// Is for what explains.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Writes a line for the person. Where standard output is gone, nobody is reading.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// Wraps a text in a style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
