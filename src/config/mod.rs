//! Turns gateway.yaml into a [`Config`] (text → tree → raw mirror → [`Config`]), with every mistake reported at once.
//! This room reads the environment and files; no other sees YAML, and nothing here knows what the settings do.

mod compile;
mod draft;
mod load;
mod print;
mod raw;
mod schema;
mod settings;
pub(crate) mod source;
#[cfg(test)]
mod tests;

pub(crate) use draft::Draft;
pub use load::{compile, load, print_effective};
pub use schema::schema;
pub use settings::Config;
pub use source::environment::Environment;
pub use source::errors::ConfigErrors;
