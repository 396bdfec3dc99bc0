//! Holds the colour of buttons and links of pages and mails, and how well white can be read on it.

use std::fmt;

/// Holds a colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color([u8; 3]);

impl Color {
    /// Parses `#rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let [_, red, green, blue] = value.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Returns the contrast to white, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast_to_white(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    }
}

impl Default for Color {
    fn default() -> Self {
        Self([0x1d, 0x4e, 0xd8])
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_written_as_in_css() {
        for (text, expected) in [
            ("#1d4ed8", Some("#1d4ed8")),
            ("#ABCDEF", Some("#abcdef")),
            ("1d4ed8", None),
            ("#fff", None),
            ("#+12345", None),
        ] {
            assert_eq!(Color::parse(text).map(|color| color.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        for (text, expected) in [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54), ("#1d4ed8", 6.70)] {
            let contrast = Color::parse(text).unwrap().contrast_to_white();
            assert!((contrast - expected).abs() < 0.05, "{text}: {contrast}");
        }
    }
}
