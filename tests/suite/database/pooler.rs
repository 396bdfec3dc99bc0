//! `database.pooler: transaction`: what belongs to one connection stays off the address of the pooler. PgBouncer itself,
//! in a version that follows prepared statements, is what `benches/load/replicas --pooler` is run with.

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::harness::{PASSWORD, Setup, client::AUTH, cluster::OwnCluster};

/// A wire to PostgreSQL that keeps what clients say on it.
struct Wire {
    port: u16,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, said) = (listener.local_addr().unwrap().port(), Arc::default());
        let heard = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, server, Arc::clone(&heard)));
            }
        });
        Self { port, said }
    }

    fn has_heard(&self, text: &str) -> bool {
        self.said.lock().unwrap().windows(text.len()).any(|window| window == text.as_bytes())
    }
}

async fn pass_on(client: TcpStream, server: SocketAddr, said: Arc<Mutex<Vec<u8>>>) -> io::Result<()> {
    let (mut answers, mut server) = TcpStream::connect(server).await?.into_split();
    let (mut questions, mut client) = client.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut answers, &mut client).await });
    let mut chunk = vec![0; 65536];
    loop {
        let length = questions.read(&mut chunk).await?;
        if length == 0 {
            return server.shutdown().await;
        }
        said.lock().unwrap().extend(&chunk[..length]);
        server.write_all(&chunk[..length]).await?;
    }
}

#[tokio::test]
async fn nothing_that_belongs_to_one_connection_is_asked_of_the_pooler() {
    /// Settings at the start of a connection, which poolers refuse or forget.
    const SETTINGS: [&str; 3] = ["statement_timeout", "extra_float_digits", "force_generic_plan"];
    let cluster = OwnCluster::start();
    let server = ([127, 0, 0, 1], cluster.port()).into();
    for (pooler, expected) in [("none", true), ("transaction", false)] {
        let (pooled, direct) = (Wire::to(server).await, Wire::to(server).await);
        let db = cluster.database();
        let mut direct_url = NamedTempFile::new().unwrap();
        write!(direct_url, "{}", db.url_through(direct.port)).unwrap();
        let config = json!({ "database": { "pooler": pooler, "direct_url": { "file": direct_url.path() } } });
        let url = db.url_through(pooled.port);
        let gw = Setup::new(config).database(db).database_url(url).start().await;

        let alice = gw.signed_up_user("alice").await;
        assert_eq!(alice.status("/items").await, 200);
        let wrong = json!({ "email": alice.email, "password": format!("{PASSWORD}!") });
        assert_eq!(gw.anonymous().auth("/sign-in/email", &wrong).await.status(), 401);
        assert_eq!(alice.post(&format!("{AUTH}/sign-out")).send().await.unwrap().status(), 200);
        assert_eq!(alice.status("/items").await, 401);

        assert!(pooled.has_heard("s.token_hash = any($1)"), "{pooler}: the pooler's address is used");
        for setting in SETTINGS {
            assert_eq!(pooled.has_heard(setting), expected, "{pooler}: {setting}");
        }
        // Notifications and locks would come to, or be held by, whoever has the connection next.
        assert!(direct.has_heard("LISTEN") && !pooled.has_heard("LISTEN"), "{pooler}");
        assert!(!pooled.has_heard("advisory_lock"), "{pooler}");
    }
}
