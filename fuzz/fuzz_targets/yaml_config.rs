//! Any text is a configuration or a list of mistakes with their places; no mistake shows a secret.

#![no_main]

use authgate::config::{Environment, compile};
use libfuzzer_sys::fuzz_target;

const SECRETS: [(&str, &str); 4] = [
    ("DATABASE_URL", "postgres://gate:hunter2-of-the-database@127.0.0.1/authgate"),
    ("AUTHGATE_SECRET", "k2Vx0dLrXvSxkJm9q0uG1yN8bq1jv3Yt7r5wZ4cE6hA="),
    ("OTHER_SECRET", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0RFRkdISUo="),
    ("SMTP_PASSWORD", "hunter3-of-the-mail-server"),
];

fuzz_target!(|text: &str| {
    // Files are outside of what is looked at here.
    if ["file", "directory", "geoip"].iter().any(|word| text.contains(word)) {
        return;
    }
    let environment: Environment = SECRETS.into_iter().collect();
    match compile("gateway.yaml", text, &environment) {
        Ok(config) => {
            assert!(!config.listen.is_empty() && (1..=512).contains(&config.threads));
            assert!(!config.secrets.is_empty());
            assert!(config.secrets.iter().all(|secret| secret.expose().len() >= 32));
            assert!(!config.listen.contains(&config.ops_listen) || config.ops_listen.port() == 0);
            let shown = format!("{config:?}");
            assert!(SECRETS.iter().all(|(_, value)| text.contains(value) || !shown.contains(value)), "{shown}");
        }
        Err(errors) => {
            let report = errors.to_string();
            assert!(report.contains("gateway.yaml"), "{report}");
            assert!(text.contains("hunter") || !report.contains("hunter"), "{report}");
            assert!(SECRETS.iter().all(|(_, value)| text.contains(value) || !report.contains(value)), "{report}");
            // One line on the terminal for each mistake, whatever the file holds.
            assert!(!report.chars().any(|c| c.is_control() && c != '\n'), "{report:?}");
        }
    }
});
