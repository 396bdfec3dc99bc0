//! Tells where an address is, by the operator's own `.mmdb` file. It is looked up when it is shown; nothing is stored.

use std::{fmt, net::IpAddr, sync::Arc};

use maxminddb::{Reader, path};

/// Is a place as the database names it, in English. At least one of its parts is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub city: Option<String>,
    pub country: Option<String>,
    /// Is the code of ISO 3166-1, two letters.
    pub country_code: Option<String>,
}

impl Location {
    /// Returns `Gothenburg, Sweden`, or the part that is known.
    #[must_use]
    pub fn label(&self) -> String {
        let country = self.country.as_deref().or(self.country_code.as_deref());
        [self.city.as_deref(), country].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Holds the database, wholly in memory, or none. Cheap to clone.
#[derive(Clone, Default)]
pub struct Locations(Option<Arc<Reader<Vec<u8>>>>);

/// Describes why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum LocationsError {
    #[error("is no MaxMind database (.mmdb): {0}")]
    Malformed(#[source] maxminddb::MaxMindDbError),
    #[error("is a database of the type {0:?}; one with cities or countries is needed, such as GeoLite2-City")]
    WithoutPlaces(String),
}

impl Locations {
    /// Reads the contents of an `.mmdb` file.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, LocationsError> {
        let reader = Reader::from_source(bytes).map_err(LocationsError::Malformed)?;
        let kind = &reader.metadata().database_type;
        // GeoLite2-City, GeoIP2-Enterprise, DBIP-City-Lite and GeoLite2-Country are all of one layout.
        if !["City", "Country", "Enterprise"].iter().any(|with_places| kind.contains(with_places)) {
            return Err(LocationsError::WithoutPlaces(kind.clone()));
        }
        Ok(Self(Some(Arc::new(reader))))
    }

    /// Finds where an address is. `None` where there is no database or it does not know the address.
    #[must_use]
    pub fn find(&self, address: IpAddr) -> Option<Location> {
        // An IPv6 address in a database of IPv4 addresses is an error; to people it is one more unknown place.
        let found = self.0.as_ref()?.lookup(address).ok()?;
        let text = |path: &[maxminddb::PathElement<'_>]| found.decode_path::<String>(path).ok().flatten();
        let location = Location {
            city: text(&path!["city", "names", "en"]),
            country: text(&path!["country", "names", "en"]),
            country_code: text(&path!["country", "iso_code"]),
        };
        let is_known = location.city.is_some() || location.country.is_some() || location.country_code.is_some();
        is_known.then_some(location)
    }
}

impl fmt::Debug for Locations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.as_ref().map(|reader| reader.metadata().database_type.as_str());
        write!(f, "Locations({})", kind.unwrap_or("none"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_for_people() {
        let of = |city: Option<&str>, country: Option<&str>, code: Option<&str>| Location {
            city: city.map(Into::into),
            country: country.map(Into::into),
            country_code: code.map(Into::into),
        };
        for (location, label) in [
            (of(Some("Gothenburg"), Some("Sweden"), Some("SE")), "Gothenburg, Sweden"),
            (of(None, Some("Sweden"), Some("SE")), "Sweden"),
            (of(Some("Gothenburg"), None, Some("SE")), "Gothenburg, SE"),
            (of(Some("Gothenburg"), None, None), "Gothenburg"),
        ] {
            assert_eq!(location.label(), label);
        }
    }

    #[test]
    fn without_a_database_no_place_is_known() {
        assert_eq!(Locations::default().find([203, 0, 113, 7].into()), None);
        assert!(matches!(Locations::parse(b"not a database".to_vec()), Err(LocationsError::Malformed(_))));
    }
}
