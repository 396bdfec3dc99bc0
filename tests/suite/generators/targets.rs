//! Request targets of every shape, the same ones for the same seed.

/// Pieces between separators: names of the routes and what could be taken for them.
const SEGMENTS: [&str; 58] = [
    "public",
    "public",
    "admin",
    "admin",
    "items",
    "files",
    "open",
    "docs",
    "internal",
    "assets",
    "health",
    "private",
    "preview",
    "42",
    "a",
    "panel",
    "x.css",
    "secret",
    "Public",
    "ADMIN",
    "publicx",
    "admin.",
    "admin ",
    ".",
    "..",
    "...",
    ".hidden",
    "%2e",
    "%2e%2e",
    ".%2e",
    "%2E.",
    "%252e%252e",
    "%252f",
    "%2f",
    "%5c",
    "..%2f",
    "%2fadmin",
    "a%2fb",
    ";",
    "..;",
    "..;a=b",
    "admin;x=1",
    ";admin",
    "%3b",
    "..%3b",
    "%00",
    "%20",
    "%0d%0a",
    "%c3%a9",
    "%ff",
    "%c0%ae",
    "%",
    "%2",
    "%zz",
    "%u002e",
    "%61dmin",
    "%70ublic",
    "adm%69n",
];
const SEPARATORS: [&str; 12] = ["/", "/", "/", "/", "/", "/", "/", "//", "%2f", "%2F", "\\", "/./"];
const QUERIES: [&str; 6] = ["?", "?x=1", "?/public/x", "?next=/../admin", "?%2f..%2fadmin", "?a?b"];
/// Paths that are whole, so that enough of the targets lead somewhere.
const WHOLE: [&str; 16] = [
    "/v1/things:purge",
    "/v1/things",
    "/@admin/panel",
    "/lit/x",
    "/public/a",
    "/public/a/b",
    "/public/admin/a",
    "/assets/x.css",
    "/items/42/preview",
    "/items/42",
    "/files/open/a",
    "/files/secret",
    "/docs/a",
    "/docs/internal/a",
    "/admin/panel",
    "/private/a",
];

/// A generator of numbers (SplitMix64): nothing about targets needs a better one.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below the bound")
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Returns what a segment can hold beside letters and digits.
pub(crate) fn literals() -> impl Iterator<Item = char> {
    (' '..='~').filter(|c| !c.is_ascii_alphanumeric() && !['/', '\\'].contains(c))
}

/// A name with such a character, as itself or escaped in upper or lower case.
fn literal_name(random: &mut Random) -> String {
    let all: Vec<char> = literals().collect();
    let character = all[random.below(all.len())];
    let code = u32::from(character);
    match random.below(3) {
        0 if !['#', '?', ' ', '%'].contains(&character) => format!("x{character}y"),
        1 => format!("x%{code:02x}y"),
        _ => format!("x%{code:02X}y"),
    }
}

/// One target: a known path or one put together from pieces, then changed in a few places.
pub(crate) fn target(random: &mut Random) -> String {
    let mut path = match random.below(5) {
        0 => format!("/lit/{}{}", literal_name(random), random.of(&["", "/", "/a", "/../x", ";v=1"])),
        1 | 2 => random.of(&WHOLE).to_owned(),
        _ => put_together(random),
    };
    for _ in 0..random.below(3) {
        path = changed(&path, random);
    }
    if random.one_in(8) {
        path.push('/');
    }
    if random.one_in(8) {
        path.push_str(random.of(&QUERIES));
    }
    // These end the connection; a few are enough.
    if random.one_in(50) { path } else { path.replace([' ', '#'], "%20") }
}

fn put_together(random: &mut Random) -> String {
    let mut path = String::new();
    for _ in 0..=random.below(5) {
        path.push_str(if path.is_empty() { "/" } else { random.of(&SEPARATORS) });
        path.push_str(random.of(&SEGMENTS));
    }
    path
}

/// Written differently in one place: escaped, escaped twice, another case, a piece put in or taken out.
fn changed(path: &str, random: &mut Random) -> String {
    let places: Vec<usize> = path.char_indices().map(|(at, _)| at).skip(1).collect();
    if places.is_empty() {
        return path.to_owned();
    }
    let at = places[random.below(places.len())];
    let (before, rest) = path.split_at(at);
    let mut characters = rest.chars();
    let character = characters.next().expect("there is one at each place");
    let after = characters.as_str();
    match random.below(9) {
        0 | 1 => format!("{before}%{:02x}{after}", u32::from(character)),
        2 => format!("{before}%{:02X}{after}", u32::from(character)),
        3 => format!("{before}%25{:02x}{after}", u32::from(character)),
        4 if character.is_ascii_lowercase() => format!("{before}{}{after}", character.to_ascii_uppercase()),
        5 => format!("{before}{}{rest}", random.of(&SEGMENTS)),
        6 => format!("{before}{}{rest}", random.of(&SEPARATORS)),
        7 => format!("{before}/../{rest}"),
        _ => format!("{before}{after}"),
    }
}

/// Known tricks, and neighbours of the rules' edges.
pub(crate) fn handpicked() -> Vec<String> {
    [
        "/",
        "/public",
        "/public/",
        "/public/../admin",
        "/public/..%2fadmin",
        "/public/%2e%2e/admin",
        "/public/%252e%252e/admin",
        "/public/..;/admin",
        "/public/..;a=b/admin/panel",
        "/public/admin",
        "/public/admin/",
        "/public/%61dmin",
        "/public/%61dmin/x",
        "/public/Admin",
        "/public/admin;x",
        "/public/admin%20",
        "/public//admin",
        "/public/./admin",
        "/public%2fadmin",
        "/publicx",
        "/public.admin",
        "//public/a",
        "//admin/panel",
        "///admin",
        "/%2fadmin",
        "/admin%2fpanel",
        "/%61dmin/panel",
        "/admin/../public/a",
        "/admin/%2e%2e/public/a",
        "/private/../public/a",
        "/admin/;/public/",
        "/admin?x=/public/a",
        "/admin;/public/",
        "/admin/public/a",
        "/health",
        "/health/",
        "/health/x",
        "/healthz",
        "/health%2f..%2fadmin",
        "/assets/a",
        "/assets/a/",
        "/assets/a/b",
        "/assets/a%2fb",
        "/assets/..%2fadmin",
        "/assets/..",
        "/assets/%2e%2e",
        "/items/1/preview",
        "/items/1/preview/",
        "/items/1/preview/x",
        "/items/a%2fsecret/preview",
        "/items/a%252fsecret/preview",
        "/items//preview",
        "/items/1/secret/preview",
        "/items/1%2fpreview",
        "/items/1/PREVIEW",
        "/files/open/../secret",
        "/files/open%2f..%2fsecret",
        "/files/open",
        "/files/openx",
        "/files/OPEN/a",
        "/files//open/a",
        "/docs",
        "/docs/",
        "/docs/internal",
        "/docs/internal/",
        "/docs/internal/a",
        "/docs//internal/a",
        "/docs/%69nternal/a",
        "/docs/internal%2fa",
        "/docs/./internal/a",
        "/docs/x/../internal/a",
        "/docs/internal;/a",
        "/PUBLIC/a",
        "/Docs/a",
        "/public/\\..\\admin",
        "/public/%5c..%5cadmin",
        "/public/%00/admin",
        "/public/a%0d%0aX:%20y",
        "/public/%c0%ae%c0%ae/admin",
        "/public/%ff",
        "/public/%zz",
        "/public/%",
        "/public/#/../admin",
        "admin",
        "?/public/a",
        "*",
        "http://localhost/public/a",
        "http://localhost/admin",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Characters that have two spellings, and what could be taken for them.
pub(crate) fn handpicked_literals() -> Vec<String> {
    [
        "/v1/things:purge",
        "/v1/things%3Apurge",
        "/v1/things%3apurge/",
        "/v1/%74hings%3Apurge",
        "/v1/things%253Apurge",
        "/@admin/x",
        "/%40admin/x",
        "/%40%61dmin",
        "/lit/x*y",
        "/lit/x%2ay",
        "/lit/x{y}",
        "/lit/x%7By",
        "/lit/x+y",
        "/lit/x%2By/a",
        "/lit/x%20y",
        "/lit/x;y/a",
        "/lit/x%3By/a",
        "/lit/x%3by",
    ]
    .map(str::to_owned)
    .to_vec()
}
