//! The framework with nothing around it: what AuthGate's own work is measured against in `benches/load/run`.
//!
//! usage: `bare_proxy LISTEN UPSTREAM`, both `address:port`

use std::{env, sync::Arc};

use async_trait::async_trait;
use pingora::{
    proxy::{ProxyHttp, Session, http_proxy_service},
    server::{Server, configuration::ServerConf},
    upstreams::peer::HttpPeer,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Forward(HttpPeer);

#[async_trait]
impl ProxyHttp for Forward {
    type CTX = ();

    fn new_ctx(&self) {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> pingora::Result<Box<HttpPeer>> {
        Ok(Box::new(self.0.clone()))
    }
}

fn main() {
    let [listen, upstream] = [1, 2].map(|n| env::args().nth(n).expect("usage: bare_proxy LISTEN UPSTREAM [THREADS]"));
    let threads = env::args().nth(3).map_or(1, |text| text.parse().expect("a number of threads"));
    let conf = ServerConf { threads, upstream_keepalive_pool_size: 1024, ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let peer = HttpPeer::new(upstream.as_str(), false, String::new());
    let mut service = http_proxy_service(&Arc::clone(&server.configuration), Forward(peer));
    service.add_tcp(&listen);
    server.add_service(service);
    server.run_forever();
}
