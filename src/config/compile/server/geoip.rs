//! Compiles `geoip:`. The file is read here, so that a wrong one is a mistake in the configuration and none at run
//! time.

use std::path::Path;

use crate::{
    auth::Locations,
    config::{
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
};

pub(crate) fn compile(raw: Option<raw::GeoIp>, folder: &Path, report: &mut Report<'_>) -> Locations {
    let Some(raw) = raw else { return Locations::default() };
    let path = KeyPath::from_keys(&["geoip", "database"]);
    let Some(Text(file)) = raw.database.filter(|Text(file)| !file.is_empty()) else {
        report.missing(&path, "database: GeoLite2-City.mmdb, or leave geoip out");
        return Locations::default();
    };
    report.record(&path, &file);
    let read = std::fs::read(folder.join(file)).map_err(|error| format!("cannot be read: {error}"));
    let locations = read.and_then(|bytes| Locations::parse(bytes).map_err(|error| error.to_string()));
    locations.unwrap_or_else(|problem| {
        let found = report.found(&path);
        report.at(&path, format!("{found} {problem}"));
        Locations::default()
    })
}
