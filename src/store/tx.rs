//! Wraps a transaction that knows what its commit causes outside of the database.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{PgConnection, Postgres, Transaction};
use tokio::sync::Notify;

use crate::store::StoreError;

/// Is a transaction that remembers whom to wake once it is committed, so that nobody wakes too early, for nothing, or
/// forgets to. It is rolled back, and wakes nobody, when it is dropped uncommitted. Statements run on it as on a
/// connection.
#[derive(Debug)]
pub struct Tx {
    transaction: Transaction<'static, Postgres>,
    after_commit: Vec<Arc<Notify>>,
}

impl Tx {
    pub(crate) fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self { transaction, after_commit: Vec::new() }
    }

    /// Wakes one task that waits for this, after the commit.
    pub fn notify_after_commit(&mut self, waiting: &Arc<Notify>) {
        if !self.after_commit.iter().any(|known| Arc::ptr_eq(known, waiting)) {
            self.after_commit.push(Arc::clone(waiting));
        }
    }

    /// Commits, and wakes whoever was to be woken.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await?;
        for waiting in self.after_commit {
            waiting.notify_one();
        }
        Ok(())
    }

    /// Rolls the transaction back.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
