//! Writes addresses with parameters, of pages and of the auth API.

use url::form_urlencoded::Serializer;

/// Returns an address with those of the parameters that have a value.
pub(crate) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_without_a_value_are_left_out() {
        assert_eq!(address("/a", &[("q", ""), ("page", "")]), "/a");
        assert_eq!(address("/a", &[("q", "a&b=ü"), ("page", ""), ("in", "name")]), "/a?q=a%26b%3D%C3%BC&in=name");
    }
}
