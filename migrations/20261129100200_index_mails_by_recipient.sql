-- no-transaction
-- Locks: share update exclusive on auth.verifications while it is built. Rollout: any order.
create index concurrently if not exists verifications_recipient_hash_idx on auth.verifications (recipient_hash, purpose)
    where recipient_hash is not null;
