//! Reads the database of better-auth, releases 1.2 to 1.7, with the tables of its own migrations or of an ORM
//! (contract §§5, 13).

mod accounts;
mod api_keys;
mod columns;
mod context;
mod organizations;
mod passkeys;
mod sealed;
mod sessions;
mod two_factors;
mod users;
mod verifications;

use std::collections::HashSet;

use futures_util::TryStreamExt;
use sqlx::PgConnection;

use crate::{
    import::{
        better_auth::context::Context,
        error::ImportError,
        in_progress::Import,
        record::Kind,
        tables::{Names, Step, check_names, find_table, read_tables},
    },
    store::{
        self,
        imports::source::{self, Selection},
    },
    types::Secret,
};

/// Says where it is, and what opens it.
#[derive(Debug)]
pub struct BetterAuth {
    pub url: Secret,
    pub names: Names,
    /// Opens second factors and tokens of providers. Without one these do not come.
    pub secrets: Vec<Secret>,
}

/// Reads everything.
pub(super) async fn read(settings: &BetterAuth, import: &mut Import) -> Result<(), ImportError> {
    let steps = steps();
    check_names(&settings.names, &steps.each_ref().map(|step| step.name), columns::of)?;
    let mut connection = store::connect_to_read(&settings.url).await.map_err(ImportError::Source)?;
    let with_second_factor: HashSet<String> =
        match find_table(&mut connection, &settings.names, &steps[0], "twoFactorEnabled").await? {
            Some((table, key, column)) => {
                let schema = &settings.names.schema;
                let flagged = source::list_flagged(&mut connection, schema, &table, &key, &column).await;
                flagged.map_err(ImportError::SourceRead)?.into_iter().collect()
            }
            None => HashSet::new(),
        };
    // They would come with a password alone.
    if settings.secrets.is_empty() && !with_second_factor.is_empty() && import.takes(Kind::TwoFactor) {
        return Err(ImportError::Origin(format!(
            "{} users have a second factor, which better-auth's secret opens: give it in BETTER_AUTH_SECRET, or leave \
             second factors out with --without two-factor",
            with_second_factor.len()
        )));
    }
    let mut without_proof = HashSet::new();
    if !with_second_factor.is_empty() && import.takes(Kind::TwoFactor) {
        without_proof.clone_from(&with_second_factor);
        for user_id in list_proved(&mut connection, &settings.names, &steps[2]).await? {
            without_proof.remove(&user_id);
        }
    }
    let context = Context { secrets: &settings.secrets, with_second_factor, without_proof, now: import.now() };
    read_tables(&mut connection, &settings.names, &steps, &context, import).await
}

/// Lists the users who have a second factor that was proved; before release 1.6 every row says so.
async fn list_proved(
    connection: &mut PgConnection,
    names: &Names,
    step: &Step<Context<'_>>,
) -> Result<Vec<String>, ImportError> {
    let Some((table, _, user)) = find_table(connection, names, step, "userId").await? else { return Ok(Vec::new()) };
    let proved = if let Some((.., verified)) = find_table(connection, names, step, "verified").await? {
        source::list_flagged(connection, &names.schema, &table, &user, &verified).await
    } else {
        let (schema, table, key) = (names.schema.as_str(), table.as_str(), user.as_str());
        let rows = source::read(connection, &Selection { schema, table, key, after: None, joined: &[] });
        rows.map_ok(|row| row.key).try_collect().await
    };
    proved.map_err(ImportError::SourceRead)
}

/// Lists the tables in the order in which they are read: nothing before what it refers to.
fn steps<'a>() -> [Step<Context<'a>>; 12] {
    [
        Step {
            name: "user",
            spellings: &["user", "users"],
            columns: &["id", "email"],
            kind: Kind::User,
            is_required: true,
            read: users::read,
        },
        Step {
            name: "account",
            spellings: &["account", "accounts"],
            columns: &["userId", "providerId", "accountId"],
            kind: Kind::Identity,
            is_required: false,
            read: accounts::read,
        },
        Step {
            name: "twoFactor",
            spellings: &["twofactor", "twofactors"],
            columns: &["userId", "secret"],
            kind: Kind::TwoFactor,
            is_required: false,
            read: two_factors::read,
        },
        Step {
            name: "passkey",
            spellings: &["passkey", "passkeys"],
            columns: &["userId", "publicKey", "credentialID"],
            kind: Kind::Passkey,
            is_required: false,
            read: passkeys::read,
        },
        Step {
            name: "organization",
            spellings: &["organization", "organizations"],
            columns: &["id", "slug"],
            kind: Kind::Organization,
            is_required: false,
            read: organizations::read,
        },
        Step {
            name: "team",
            spellings: &["team", "teams"],
            columns: &["id", "organizationId", "name"],
            kind: Kind::Team,
            is_required: false,
            read: organizations::read_team,
        },
        Step {
            name: "member",
            spellings: &["member", "members"],
            columns: &["organizationId", "userId", "role"],
            kind: Kind::Member,
            is_required: false,
            read: organizations::read_member,
        },
        Step {
            name: "teamMember",
            spellings: &["teammember", "teammembers"],
            columns: &["teamId", "userId"],
            kind: Kind::TeamMember,
            is_required: false,
            read: organizations::read_team_member,
        },
        Step {
            name: "invitation",
            spellings: &["invitation", "invitations"],
            columns: &["organizationId", "email", "inviterId"],
            kind: Kind::Invitation,
            is_required: false,
            read: organizations::read_invitation,
        },
        Step {
            name: "apikey",
            spellings: &["apikey", "apikeys"],
            columns: &["id", "key"],
            kind: Kind::ApiKey,
            is_required: false,
            read: api_keys::read,
        },
        Step {
            name: "session",
            spellings: &["session", "sessions"],
            columns: &["userId", "token", "expiresAt"],
            kind: Kind::Session,
            is_required: false,
            read: sessions::read,
        },
        Step {
            name: "verification",
            spellings: &["verification", "verifications"],
            columns: &["identifier", "value", "expiresAt"],
            kind: Kind::Verification,
            is_required: false,
            read: verifications::read,
        },
    ]
}
