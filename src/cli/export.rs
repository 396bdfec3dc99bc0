//! Runs `authgate export`: everything that is stored of users, for another system or for safe keeping.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{self, BufWriter, IsTerminal, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::json;

use crate::{
    auth::{Event, PROVIDER_TOKEN_PURPOSE, TOTP_PURPOSE},
    cli::{Failure, administer::administer_database, config_file::ConfigArgs},
    config,
    crypto::Keyring,
    export::{Secrets, export},
    import::record::Kind,
    store,
};

/// Says how often a long export tells how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file, which must not be there yet; standard output without it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write secrets of authenticator apps and tokens of providers in plain text. Whoever has the file can use them
    #[arg(long)]
    with_secrets: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Does what the arguments say.
pub(crate) fn run(arguments: Export) -> Result<ExitCode, Failure> {
    let Export { output, with_secrets, config } = arguments;
    if output.is_none() && io::stdout().is_terminal() {
        return Err(Failure::Usage(anyhow!("there are password hashes in it: write it to a file with --output")));
    }
    let config = config::load(&config.config)?;
    let keyring = Keyring::new(&config.secrets);
    let secrets = with_secrets.then(|| Secrets {
        totp: keyring.sealer(TOTP_PURPOSE),
        provider_tokens: keyring.sealer(PROVIDER_TOKEN_PURPOSE),
    });
    let mut out: BufWriter<Box<dyn Write>> = BufWriter::new(match &output {
        Some(path) => {
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            Box::new(file.with_context(|| path.display().to_string()).map_err(Failure::Usage)?)
        }
        None => Box::new(io::stdout()),
    });
    let exported = administer_database(&config, &config.database, async |config, administration, now| {
        let mut connection = store::connect_to_read(&config.database.direct_url)
            .await
            .context("the database could not be reached")
            .map_err(Failure::Runtime)?;
        let mut told = Instant::now();
        let progress = |counts: &BTreeMap<Kind, u64>| {
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                drop(writeln!(io::stderr(), "{} records", counts.values().sum::<u64>()));
            }
        };
        let exported = export(&mut connection, secrets.as_ref(), &mut out, progress).await;
        // Somebody who broke it off has read what came until then.
        let detail = match &exported {
            Ok(counts) => json!({ "counts": counts, "with_secrets": with_secrets }),
            Err(_) => json!({ "broken_off": true, "with_secrets": with_secrets }),
        };
        let recorded = administration.record_alone(Event::EverythingExported, detail, now).await;
        let counts = exported.map_err(|error| Failure::Runtime(error.into()))?;
        recorded.map_err(|error| Failure::Runtime(error.into()))?;
        Ok(counts)
    });
    // Nobody can tell half an export from a whole one, and it would be in the way of the next.
    if let (Err(_), Some(path)) = (&exported, &output) {
        drop(fs::remove_file(path));
    }
    let counts = exported?;
    let counted: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {}", kind.plural())).collect();
    drop(writeln!(io::stderr(), "{}", counted.join(", ").replace('_', " ")));
    Ok(ExitCode::SUCCESS)
}
