//! Splits lists into pages.

use crate::{
    language::Texts,
    pages::{admin::address::address, visit::Visit},
};

/// Is the number of rows on a page.
pub(crate) const ROWS: u64 = 25;

/// Shows where in a list a page is, and leads to those beside it.
pub(crate) struct Paging {
    pub(crate) text: String,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    /// Is the id of what the way back says.
    pub(crate) back: &'static str,
}

/// Returns the number of the page that is asked for, from 1.
pub(crate) fn page_number(visit: &Visit) -> u64 {
    let asked = visit.query("page").and_then(|text| text.parse().ok()).unwrap_or(1);
    u64::clamp(asked, 1, 1_000_000)
}

impl Paging {
    /// Describes a page of a list whose length is known. `parameters` are those that all its pages have.
    pub(crate) fn of_total(t: Texts, path: &str, parameters: &[(&str, &str)], page: u64, total: u64) -> Self {
        let (before, behind) = ((page - 1) * ROWS, page * ROWS);
        let to = |page: u64| {
            let page = page.to_string();
            address(path, &[parameters, &[("page", page.as_str())]].concat())
        };
        // A list of one page says itself how long it is.
        let text = if page == 1 && behind >= total {
            String::new()
        } else {
            let (first, last) = (t.number((before + 1).min(total)), t.number(behind.min(total)));
            t.with("admin-page-of", &[("first", &first), ("last", &last), ("total", &t.number(total))])
        };
        Self {
            text,
            previous: (page > 1).then(|| to((page - 1).min(total.div_ceil(ROWS).max(1)))),
            next: (behind < total).then(|| to(page + 1)),
            back: "admin-previous",
        }
    }

    /// Describes a page of a list that is only read forwards, by the cursor that the page ends with.
    pub(crate) fn of_cursor(path: &str, parameters: &[(&str, &str)], is_first: bool, next: Option<&str>) -> Self {
        let next = next.map(|cursor| address(path, &[parameters, &[("cursor", cursor)]].concat()));
        let previous = (!is_first).then(|| address(path, parameters));
        Self { text: String::new(), previous, next, back: "admin-to-the-first" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn pages_lead_to_those_beside_them() {
        let t = Texts::new(Language::English);
        let at = |page, total| {
            let paging = Paging::of_total(t, "/users", &[("q", "a")], page, total);
            (paging.text, paging.previous, paging.next)
        };
        let to = |page| Some(format!("/users?q=a&page={page}"));
        assert_eq!(at(1, 0), (String::new(), None, None));
        assert_eq!(at(1, 25), (String::new(), None, None));
        assert_eq!(at(1, 5000), ("1–25 of 5,000".to_owned(), None, to(2)));
        assert_eq!(at(2, 60), ("26–50 of 60".to_owned(), to(1), to(3)));
        assert_eq!(at(3, 60), ("51–60 of 60".to_owned(), to(2), None));
        assert_eq!(at(9, 60).1, to(3), "behind the end it leads back to the last");
    }
}
