-- The former file took the statistics of the columns that it altered, which plans go by.
-- Locks: share update exclusive on each table: nobody who reads or writes rows waits. Rollout: any order.

analyze auth.users (id, email);
analyze auth.accounts (id, user_id, provider_id, account_id);
analyze auth.sessions (id, user_id);
analyze auth.known_devices (user_id, device);
analyze auth.verifications (id, user_id, purpose);
analyze auth.audit_events (user_id);
