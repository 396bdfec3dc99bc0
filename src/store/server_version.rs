//! Asks the database which version it is.

use sqlx::PgConnection;

use crate::store::StoreError;

/// Returns the version of PostgreSQL, such as `17.2`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_server_version(connection: &mut PgConnection) -> Result<String, StoreError> {
    let version = sqlx::query_scalar!(r#"select current_setting('server_version') as "version!""#);
    Ok(version.fetch_one(connection).await?)
}
