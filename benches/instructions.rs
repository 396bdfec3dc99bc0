//! What every proxied request passes through, in instructions: the same on an idle and on a busy machine. benches/count
//! runs it and prints the table.
//!
//! Each case runs once in a process of its own, under valgrind. It has run once before it is counted, so that what is
//! only done the first time (the allocator's first page of a size, the look at what the processor can do) is not.
//! Passwords are left to the clock: the hasher's metrics ask for the time in a way that valgrind 3.19 does not survive.

mod cases;

use std::hint::black_box;

use authgate::{
    policy::{Decision, RequestFacts, authorise},
    proxy::header_filter::{HeaderFilter, RequestHeader},
    routing::{Access, CanonicalPath, PathError, Requirements, RouteId, Routes},
    sessions::{
        CookieSettings,
        credential::{Presented, presented},
    },
    types::{AcceptedCredentials, Identity, SessionToken, TokenHash},
};
use gungraun::{library_benchmark, library_benchmark_group, main};
use http::{HeaderMap, Method};

fn table(routes: usize) -> (Routes, CanonicalPath) {
    let (table, path) = cases::table(routes);
    assert_eq!(table.find(cases::HOST, &path, &Method::GET).map(RouteId::index), Some(routes - 1));
    (table, path)
}

#[library_benchmark]
#[bench::of_10(table(10))]
#[bench::of_1000(table(1000))]
fn find_route((table, path): (Routes, CanonicalPath)) -> (Option<RouteId>, (Routes, CanonicalPath)) {
    let found = table.find(black_box(cases::HOST), black_box(&path), black_box(&Method::GET));
    (found, (table, path))
}

fn path(text: &'static str) -> &'static str {
    CanonicalPath::parse(text).expect("a path with a canonical form");
    text
}

#[library_benchmark]
#[bench::plain(path(cases::PLAIN_PATH))]
#[bench::escaped(path(cases::ESCAPED_PATH))]
fn canonicalise_path(text: &'static str) -> Result<CanonicalPath, PathError> {
    CanonicalPath::parse(black_box(text))
}

fn fields() -> HeaderMap {
    let fields = cases::browser_fields();
    assert!(matches!(presented(&fields, &cases::cookie(), AcceptedCredentials::ALL), Presented::Cookie(_)));
    fields
}

#[library_benchmark]
#[bench::of_a_browser((fields(), cases::cookie()))]
fn parse_cookie((fields, cookie): (HeaderMap, CookieSettings)) -> (Presented, (HeaderMap, CookieSettings)) {
    (presented(black_box(&fields), black_box(&cookie), AcceptedCredentials::ALL), (fields, cookie))
}

fn token() -> SessionToken {
    let token = cases::token();
    black_box(token.hash());
    token
}

#[library_benchmark]
#[bench::of_a_session(token())]
fn hash_token(token: SessionToken) -> (TokenHash, SessionToken) {
    (black_box(&token).hash(), token)
}

fn header_filter() -> (HeaderFilter, RequestHeader) {
    let (filter, request) = cases::header_filter();
    let mut rewritten = request.clone();
    filter.rewrite(&mut rewritten);
    assert_eq!(rewritten.headers["x-user-id"], "01976a6f-0000-7000-8000-000000000001");
    (filter, request)
}

#[library_benchmark]
#[bench::of_a_browser(header_filter())]
fn filter_headers((filter, mut request): (HeaderFilter, RequestHeader)) -> (HeaderFilter, RequestHeader) {
    filter.rewrite(black_box(&mut request));
    (filter, request)
}

fn decision() -> (Access, Identity, RequestFacts) {
    let (access, identity, facts) = cases::decision();
    assert!(matches!(authorise(&access, &Requirements::default(), identity.clone(), facts), Decision::Allow(_)));
    (access, identity, facts)
}

#[library_benchmark]
#[bench::by_role(decision())]
fn authorise_session((access, identity, facts): (Access, Identity, RequestFacts)) -> (Decision, Access) {
    (authorise(black_box(&access), black_box(&Requirements::default()), identity, black_box(facts)), access)
}

library_benchmark_group!(
    name = hot_paths,
    benchmarks = [find_route, canonicalise_path, parse_cookie, hash_token, filter_headers, authorise_session]
);
main!(library_benchmark_groups = hot_paths);
