-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; few users have roles, and administrators look for those.
create index concurrently if not exists users_roles_idx on auth.users using gin ((roles collate "C")) where roles <> '{}';
