//! What every proxied request passes through, and a password's hash, by the clock.
//!
//! `cargo bench --features bench --bench hot_paths`, with `-- NAME` for some of them. On a busy machine the count of
//! instructions (benches/count) tells more.

mod cases;

use std::{hint::black_box, sync::Arc, time::Duration};

use authgate::{
    auth::{Client, ConcurrencyLimit, Hasher},
    observe::Metrics,
    policy::authorise,
    routing::{CanonicalPath, Requirements},
    sessions::credential::presented,
    types::{AcceptedCredentials, ClientIp, Password, PasswordRules, RequestId},
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{HeaderMap, Method};
use tokio::runtime::Builder;

fn requests(criterion: &mut Criterion) {
    for routes in [10, 1000] {
        let (table, path) = cases::table(routes);
        criterion.bench_function(&format!("find_route/{routes}"), |bencher| {
            bencher.iter(|| table.find(black_box(cases::HOST), black_box(&path), black_box(&Method::GET)));
        });
    }
    for (name, path) in [("plain", cases::PLAIN_PATH), ("escaped", cases::ESCAPED_PATH)] {
        criterion.bench_function(&format!("canonicalise_path/{name}"), |bencher| {
            bencher.iter(|| CanonicalPath::parse(black_box(path)));
        });
    }
    let fields = cases::browser_fields();
    let cookie = cases::cookie();
    criterion.bench_function("parse_cookie", |bencher| {
        bencher.iter(|| presented(black_box(&fields), black_box(&cookie), AcceptedCredentials::ALL));
    });
    let token = cases::token();
    criterion.bench_function("hash_token", |bencher| bencher.iter(|| black_box(&token).hash()));
    let (filter, request) = cases::header_filter();
    criterion.bench_function("filter_headers", |bencher| {
        bencher.iter_batched_ref(|| request.clone(), |request| filter.rewrite(request), BatchSize::SmallInput);
    });
    let (access, identity, facts) = cases::decision();
    let require = Requirements::default();
    criterion.bench_function("authorise", |bencher| {
        bencher.iter(|| {
            authorise(black_box(&access), black_box(&require), black_box(&identity).clone(), black_box(facts))
        });
    });
}

/// With the parameters of production, on the thread that production hashes on.
fn passwords(criterion: &mut Criterion) {
    let hasher = Hasher::start(1, Arc::new(Metrics::new()));
    let password = Password::attempt("correct horse battery staple", &PasswordRules::default()).expect("a password");
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let client = Client::new(ClientIp::new([127, 0, 0, 1].into()), &RequestId::generate(), &HeaderMap::new());
    let permit = runtime.block_on(ConcurrencyLimit::default().take(&client)).expect("nobody else waits");
    let mut group = criterion.benchmark_group("argon2id");
    group.sample_size(20).measurement_time(Duration::from_secs(10));
    group.bench_function("hash", |bencher| {
        bencher.iter(|| runtime.block_on(hasher.hash(&permit, password.clone())).expect("the queue is empty"));
    });
    group.finish();
}

criterion_group!(benches, requests, passwords);
criterion_main!(benches);
