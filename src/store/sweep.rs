//! Deletion of what has expired (DATA-02), a bounded batch a statement, so that no lock is held for long and no replica
//! falls behind.
