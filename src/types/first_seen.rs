//! Tells values once.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Bounds the values that are told: whoever sends endless ones fills neither memory nor a console.
const MAX_VALUES: usize = 32;
/// Bounds a value, in characters.
const MAX_LENGTH: usize = 256;

/// Tells each value when it is seen for the first time, of endless ones the first few only.
#[derive(Clone)]
pub struct FirstSeen(Arc<Inner>);

struct Inner {
    seen: Mutex<HashSet<String>>,
    tell: Box<dyn Fn(&str) + Send + Sync>,
}

impl FirstSeen {
    /// Tells values by this function.
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { seen: Mutex::default(), tell: Box::new(tell) }))
    }

    /// Tells the value unless it was told before.
    pub fn see(&self, value: &str) {
        let value: String = value.chars().take(MAX_LENGTH).collect();
        let is_first = {
            let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.len() < MAX_VALUES && seen.insert(value.clone())
        };
        if is_first {
            (self.0.tell)(&value);
        }
    }
}

impl fmt::Debug for FirstSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstSeen")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_once_and_endless_ones_are_not() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&told);
        let values = FirstSeen::new(move |value| into.lock().unwrap().push(value.to_owned()));
        for value in ["a", "b", "a"] {
            values.see(value);
        }
        assert_eq!(*told.lock().unwrap(), ["a", "b"]);
        for number in 0..100 {
            values.see(&format!("{number}{}", "x".repeat(1000)));
        }
        let told = told.lock().unwrap();
        assert_eq!(told.len(), MAX_VALUES);
        assert!(told.iter().all(|value| value.len() <= MAX_LENGTH));
    }
}
