//! Records the values in effect while they are compiled, for `check --print`.

use serde_json::Value;

use crate::config::source::path::Step;

/// Holds what is in effect at a path and below it, in the order in which it was compiled.
pub(crate) enum Effective {
    Value(Value),
    /// Stands for a secret, whose text is never recorded.
    Secret,
    Section(Vec<(Step, Effective)>),
}

impl Effective {
    /// Records a value or secret at a path below this one, in place of what was recorded there.
    pub(crate) fn record(&mut self, path: &[Step], leaf: Self) {
        let Some((step, below)) = path.split_first() else {
            *self = leaf;
            return;
        };
        if !matches!(self, Self::Section(_)) {
            *self = Self::Section(Vec::new());
        }
        let Self::Section(children) = self else { return };
        if let Some((_, child)) = children.iter_mut().find(|(known, _)| known == step) {
            return child.record(below, leaf);
        }
        let mut child = Self::Section(Vec::new());
        child.record(below, leaf);
        children.push((step.clone(), child));
    }
}
