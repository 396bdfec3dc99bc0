//! Reads PEM files. They are read when the configuration is, so that a wrong one is a mistake in it and none at run
//! time.

use std::path::Path;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

use crate::config::source::{path::KeyPath, report::Report, text::Text};

/// Returns every certificate of the file, at least one, in DER.
pub(crate) fn certificates(
    Text(file): &Text,
    folder: &Path,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<Vec<CertificateDer<'static>>> {
    report.record(path, file);
    let read = std::fs::read(folder.join(file)).map_err(|error| format!("cannot be read: {error}"));
    let parsed = read.and_then(|text| {
        CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())
    });
    match parsed {
        Ok(certificates) if certificates.is_empty() => wrong(file, "holds no CERTIFICATE in PEM", path, report),
        Ok(certificates) => Some(certificates),
        Err(problem) => wrong(file, &problem, path, report),
    }
}

/// Returns the first private key of the file.
pub(crate) fn private_key(
    Text(file): &Text,
    folder: &Path,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<PrivateKeyDer<'static>> {
    report.record(path, file);
    let read = std::fs::read(folder.join(file)).map_err(|error| format!("cannot be read: {error}"));
    match read.map(|text| PrivateKeyDer::from_pem_slice(&text)) {
        Ok(Ok(key)) => Some(key),
        // What a file holds instead of a key may be a secret too.
        Ok(Err(_)) => wrong(file, "holds no PRIVATE KEY in PEM", path, report),
        Err(problem) => wrong(file, &problem, path, report),
    }
}

fn wrong<T>(file: &str, problem: &str, path: &KeyPath, report: &mut Report<'_>) -> Option<T> {
    report.at(path, format!("{file:?} {problem}"));
    None
}
