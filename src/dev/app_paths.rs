//! Reads the app's own description (`OpenAPI`), for paths that never reach the app because AuthGate answers below
//! `auth.base_path`.

use std::time::Duration;

use serde_json::Value;
use tokio::{task::JoinSet, time::sleep};

use crate::{auth, dev::notices, proxy};

/// `FastAPI` and others serve it there.
const PATH: &str = "/openapi.json";
/// Larger documents than this are none that a person wrote or a framework made.
const MAX_DOCUMENT: usize = 20 * 1024 * 1024;
/// Separates two looks at an app that is not started yet.
const POLL: Duration = Duration::from_secs(2);

/// Waits for every upstream, looks once at its description, and tells what is hidden of it. Never ends.
pub(crate) async fn watch(urls: Vec<String>, base_path: String) -> std::convert::Infallible {
    let mut upstreams = JoinSet::new();
    if let Ok(client) = auth::outgoing_client() {
        for url in urls {
            let (client, base_path) = (client.clone(), base_path.clone());
            upstreams.spawn(async move {
                let paths = hidden(&described_paths(&client, &url).await, &base_path);
                if !paths.is_empty() {
                    notices::hidden_paths(&paths, &base_path);
                }
            });
        }
    }
    while upstreams.join_next().await.is_some() {}
    std::future::pending().await
}

/// Returns the URL of one server of each upstream; of those on a Unix socket nothing is known.
pub(crate) fn urls(settings: &proxy::Settings) -> Vec<String> {
    let first = settings.upstreams.iter().filter_map(|upstream| upstream.servers.first());
    first.filter(|server| server.url.starts_with("http")).map(|server| server.url.clone()).collect()
}

/// Returns the paths of the description, none where there is no description.
async fn described_paths(client: &reqwest::Client, url: &str) -> Vec<String> {
    let place = format!("{}{PATH}", url.trim_end_matches('/'));
    let mut response = loop {
        match client.get(&place).send().await {
            Ok(response) => break response,
            Err(_) => sleep(POLL).await,
        }
    };
    let mut text = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        text.extend_from_slice(&chunk);
        if text.len() > MAX_DOCUMENT {
            return Vec::new();
        }
    }
    let document: Value = serde_json::from_slice(&text).unwrap_or_default();
    document["paths"].as_object().into_iter().flatten().map(|(path, _)| path.clone()).collect()
}

fn hidden(paths: &[String], base_path: &str) -> Vec<String> {
    let is_below =
        |path: &&String| path.strip_prefix(base_path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    paths.iter().filter(is_below).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_the_base_path_is_hidden() {
        let paths = ["/api/auth", "/api/auth/me", "/api/authors", "/auth/x", "/api"].map(str::to_owned);
        assert_eq!(hidden(&paths, "/api/auth"), ["/api/auth", "/api/auth/me"]);
    }
}
