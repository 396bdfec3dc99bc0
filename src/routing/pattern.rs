//! Matches path patterns: `*` is one segment, `{name}` one segment, `**` any number at the end.

use crate::routing::{CanonicalPath, PathError, path};

/// Says why a text is not a pattern.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum PatternError {
    #[error("`**` stands alone in the last segment, as in /files/**")]
    DoubleStar,
    #[error("`*` and `{{name}}` stand for a whole segment, as in /items/* or /items/{{id}}")]
    PartOfSegment,
    #[error("{0}")]
    Path(#[from] PathError),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Any,
}

impl Segment {
    fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(literal) => Some(literal),
            Self::Any => None,
        }
    }
}

/// Holds a compiled pattern. `/admin/**` covers `/admin`, `/admin/` and everything below, never `/administer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    /// Is what every covered path begins with: the literal segments before the first that stands for any. Most routes
    /// are ruled out by it, without splitting the path.
    beginning: String,
    segments: Vec<Segment>,
    open_end: bool,
}

impl PathPattern {
    /// Compiles a pattern of the configuration.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (fixed, open_end) = match text.strip_suffix("/**") {
            Some("") => ("/", true),
            Some(fixed) => (fixed, true),
            None => (text, false),
        };
        // Literals have the form that requests have. Only what is written plainly is a wildcard: `%2A` is a star.
        let canonical = CanonicalPath::parse(fixed)?;
        let pairs = path::segments(fixed).zip(canonical.segments());
        let segments =
            pairs.map(|(written, literal)| parse_segment(written, literal)).collect::<Result<Vec<_>, _>>()?;
        let beginning = segments.iter().map_while(Segment::literal).fold(String::new(), |text, it| text + "/" + it);
        Ok(Self { text: text.to_owned(), beginning, segments, open_end })
    }

    /// Returns the pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether it holds `;` parameters itself.
    pub(crate) fn names_parameters(&self) -> bool {
        self.segments.iter().filter_map(Segment::literal).any(|it| it.contains(';'))
    }

    /// Returns whether the whole path is covered.
    #[must_use]
    pub fn matches(&self, path: &CanonicalPath) -> bool {
        if !path.as_str().starts_with(&self.beginning) {
            return false;
        }
        let mut actual = path.segments();
        for expected in &self.segments {
            match (expected, actual.next()) {
                (_, None) => return false,
                (Segment::Literal(literal), Some(segment)) if literal != segment => return false,
                _ => {}
            }
        }
        self.open_end || actual.next().is_none()
    }

    /// Returns whether there is a path that both cover.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let lengths_meet = match (self.open_end, other.open_end) {
            (true, true) => true,
            (true, false) => self.segments.len() <= other.segments.len(),
            (false, true) => other.segments.len() <= self.segments.len(),
            (false, false) => self.segments.len() == other.segments.len(),
        };
        let may_be_one =
            |(mine, theirs): (&Segment, &Segment)| *mine == Segment::Any || *theirs == Segment::Any || mine == theirs;
        lengths_meet && self.segments.iter().zip(&other.segments).all(may_be_one)
    }

    /// Returns whether every path that `other` covers is covered by this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let long_enough = match (self.open_end, other.open_end) {
            (true, _) => other.segments.len() >= self.segments.len(),
            (false, true) => false,
            (false, false) => other.segments.len() == self.segments.len(),
        };
        long_enough
            && self.segments.iter().zip(&other.segments).all(|(mine, theirs)| *mine == Segment::Any || mine == theirs)
    }
}

/// Parses a segment as it is written, and in its canonical form.
fn parse_segment(written: &str, literal: &str) -> Result<Segment, PatternError> {
    let is_parameter = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    match written {
        "**" => Err(PatternError::DoubleStar),
        "*" => Ok(Segment::Any),
        _ if written.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(is_parameter) => {
            Ok(Segment::Any)
        }
        _ if written.contains(['*', '{', '}']) => Err(PatternError::PartOfSegment),
        _ => Ok(Segment::Literal(literal.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        PathPattern::parse(text).unwrap()
    }

    #[test]
    fn matches_whole_segments_only() {
        for (text, path, expected) in [
            ("/**", "/", true),
            ("/**", "/a/b/", true),
            ("/admin/**", "/admin", true),
            ("/admin/**", "/admin/", true),
            ("/admin/**", "/admin/x/y", true),
            ("/admin/**", "/administer", false),
            ("/admin/**", "/Admin", false),
            ("/items/*", "/items/7", true),
            ("/items/*", "/items", false),
            ("/items/{id}", "/items/7/", true),
            ("/items/{id}/parts/**", "/items/7/parts", true),
            ("/items/{id}/parts", "/items/7/other", false),
            ("/exact", "/exact", true),
            ("/exact", "/exact/", true),
            ("/exact", "/exact/more", false),
            ("/", "/", true),
            ("/", "/a", false),
            ("/enc%3Aoded", "/enc:oded", true),
            ("/enc:oded", "/enc%3aoded", true),
            ("/%40admin/**", "/@admin/x", true),
            ("/[x]/**", "/%5Bx%5D/y", true),
            ("/a%3Bx/**", "/a;x/y", true),
            ("/items/*", "/items/a%3Ab", true),
            ("/items/%2A", "/items/*", true),
            ("/items/%2A", "/items/%2a", true),
            ("/items/%2A", "/items/7", false),
            ("/items/%2A%2A", "/items/**", true),
            ("/items/%2A%2A", "/items/7/8", false),
            ("/items/%7Bid%7D", "/items/{id}", true),
            ("/items/%7Bid%7D", "/items/7", false),
        ] {
            assert_eq!(pattern(text).matches(&CanonicalPath::parse(path).unwrap()), expected, "{text} {path}");
        }
    }

    #[test]
    fn knows_what_meets() {
        for (first, second, expected) in [
            ("/users/{id}", "/users/me", true),
            ("/users/{id}", "/users/me/keys", false),
            ("/users/**", "/users/{id}/keys", true),
            ("/a/**", "/b/**", false),
            ("/a/b/**", "/a/*", true),
            ("/a/b/**", "/a/c/**", false),
            ("/**", "/", true),
        ] {
            assert_eq!(pattern(first).overlaps(&pattern(second)), expected, "{first} {second}");
            assert_eq!(pattern(second).overlaps(&pattern(first)), expected, "{second} {first}");
        }
    }

    #[test]
    fn knows_what_shadows_what() {
        for (first, second, expected) in [
            ("/**", "/anything", true),
            ("/a/**", "/a", true),
            ("/a/**", "/a/b/**", true),
            ("/a/b/**", "/a/**", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/{x}", true),
            ("/a/b", "/a/*", false),
            ("/a/*", "/a/b/c", false),
            ("/a/*", "/a/**", false),
            ("/a/%2A", "/a/b", false),
            ("/a/b%3Ac", "/a/b:c", true),
            ("/a/b:c", "/a/b%3ac/", true),
        ] {
            assert_eq!(pattern(first).covers(&pattern(second)), expected, "{first} {second}");
        }
    }

    #[test]
    fn refuses_ambiguous_patterns() {
        for (text, error) in [
            ("/a/**/b", PatternError::DoubleStar),
            ("/a*", PatternError::PartOfSegment),
            ("/{a}b", PatternError::PartOfSegment),
            ("/%2A*", PatternError::PartOfSegment),
            ("/{%61}", PatternError::PartOfSegment),
            ("a", PatternError::Path(PathError::NotAbsolute)),
            ("/a/../b", PatternError::Path(PathError::DotSegment)),
            ("/a//b", PatternError::Path(PathError::EmptySegment)),
        ] {
            assert_eq!(PathPattern::parse(text), Err(error), "{text}");
        }
    }
}
