//! Chooses the one address of a user. Django itself knows nothing of verified addresses; django-allauth does.

use crate::import::{django::context::ADDRESS, fields::Fields, finding::Reason, person::no_address, tables::Found};

/// Returns the address, and whether it is verified: the primary one that is verified, else the primary one, else that of
/// the user itself.
pub(super) fn choose(row: &Fields, found: &mut Found) -> Result<(String, bool), Reason> {
    let own = row.text("email");
    let Some(addresses) = row.joined(ADDRESS) else {
        return own.map(|address| (address, false)).ok_or_else(|| no_address(false));
    };
    let addresses: Vec<Address> = addresses.iter().filter_map(Address::read).collect();
    let primary = addresses.iter().filter(|address| address.is_primary);
    let chosen = primary.max_by_key(|address| address.is_verified);
    let is_own = |address: &&Address| own.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&address.text));
    let chosen = chosen.or_else(|| addresses.iter().find(is_own));
    let (address, is_verified) = match chosen {
        Some(address) => (address.text.clone(), address.is_verified),
        None => (own.ok_or_else(|| no_address(false))?, false),
    };
    for other in addresses.iter().filter(|other| !other.text.eq_ignore_ascii_case(&address)) {
        found.changes.push(Reason::new(
            "ADDRESS_LEFT_OUT",
            format!("{address} comes, and the further address {} does not", other.text),
            "nothing has to be done: everybody has one address here, and can change it",
        ));
    }
    Ok((address, is_verified))
}

struct Address {
    text: String,
    is_verified: bool,
    is_primary: bool,
}

impl Address {
    fn read(row: &Fields) -> Option<Self> {
        let text = row.text("email")?;
        Some(Self { text, is_verified: row.flag("verified"), is_primary: row.flag("primary") })
    }
}
