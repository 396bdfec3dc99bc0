//! Says what an operator reads of users who do not come, or come otherwise than they were.

use crate::{
    import::{error::ImportError, finding::Reason, place::Place},
    types::Username,
};

pub(super) fn address_here(email: &str) -> Reason {
    Reason::new(
        "EMAIL_TAKEN",
        format!("{email} has an account here already"),
        "let --on-clash merge join the two, or delete one of them",
    )
}

pub(super) fn unproved_address(email: &str) -> Reason {
    Reason::new(
        "EMAIL_TAKEN_UNVERIFIED",
        format!("{email} has an account here already, and is not verified on both sides"),
        "two accounts are joined only where both addresses are verified; delete one of them, or verify the address",
    )
}

pub(super) fn banned_there(email: &str) -> Reason {
    Reason::new(
        "BANNED_THERE",
        format!("{email} has an account here already, and is banned in the origin"),
        "nothing has to be done: what a banned person signed in with does not open somebody's account",
    )
}

pub(super) fn not_the_same_any_more(email: &str) -> Reason {
    Reason::new(
        "EMAIL_CHANGED",
        format!("was joined with {email}, and has another address in the origin now, or one that is not verified"),
        "nothing has to be done: what the origin adds from now on does not belong to that account",
    )
}

pub(super) fn id_twice(id: &str) -> Reason {
    Reason::new(
        "ID_TWICE",
        format!("another row has the id {id:?} already, or the same address where ids are made of it"),
        "give each user an id, or an address, of their own in the origin",
    )
}

pub(super) fn another_origin(place: &Place, name: &str, id: &str, (before, now): (&str, &str)) -> ImportError {
    ImportError::Origin(format!(
        "{place}: the id {id:?} was that of {before} at the last import of {name:?}, and is that of {now} here \
         (ANOTHER_ORIGIN): give another database a name of its own with --name"
    ))
}

pub(super) fn changed_here(email: &str) -> Reason {
    Reason::new(
        "CHANGED_HERE",
        format!("{email} was changed here and in the origin since the last import, and stays as here"),
        "change the user here too, if the origin is right",
    )
}

pub(super) fn address_kept(email: &str) -> Reason {
    Reason::new(
        "EMAIL_KEPT",
        format!("somebody has the new address {email} here, so that the former one stays"),
        "give one of the two another address",
    )
}

pub(super) fn same_address_twice(email: &str) -> Reason {
    Reason::new(
        "EMAIL_TWICE",
        format!("{email} came once already: the first row of the address counts"),
        "join the two accounts in the origin, or change one of the addresses",
    )
}

pub(super) fn reserved_address(email: &str) -> Reason {
    Reason::new(
        "EMAIL_RESERVED",
        format!("{email} was left by somebody here who can still undo that"),
        "run the import again after seven days, or change the address in the origin",
    )
}

pub(super) fn taken_meanwhile(email: &str) -> Reason {
    Reason::new(
        "TAKEN_MEANWHILE",
        format!("{email} signed up here at this very moment"),
        "run the import again, which treats them like all others who are here",
    )
}

pub(super) fn deleted_here() -> Reason {
    Reason::new(
        "DELETED_HERE",
        "came with an earlier import and was deleted here since",
        "nothing has to be done; a deleted user does not come back",
    )
}

pub(super) fn id_replaced(source: &str, id: &str) -> Reason {
    Reason::new(
        "ID_REPLACED",
        format!("the id {source:?} cannot be one here, and is {id:?} from now on"),
        "tell backends that store the former id; auth.imported_ids has both",
    )
}

pub(super) fn id_taken(source: &str, id: &str) -> Reason {
    Reason::new(
        "ID_TAKEN",
        format!("somebody else has the id {source:?} here, so that it is {id:?} from now on"),
        "tell backends that store the former id; auth.imported_ids has both",
    )
}

pub(super) fn name_taken(name: &Username) -> Reason {
    Reason::new(
        "USERNAME_TAKEN",
        format!("somebody has the name {:?} here, or one that looks like it", name.display()),
        "the user signs in with the address, and can choose another name",
    )
}
