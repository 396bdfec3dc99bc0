//! Names texts of the catalogue in the source, so that a test finds each of them.

/// Names a text of the catalogue. It is made with `text!` alone: a test looks each up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextId(&'static str);

impl TextId {
    /// Is for `text!` alone.
    #[must_use]
    pub(crate) const fn named(id: &'static str) -> Self {
        Self(id)
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Names a text of the catalogue by its id, which is a literal.
macro_rules! text {
    ($id:literal) => {
        $crate::language::TextId::named($id)
    };
}

pub(crate) use text;
