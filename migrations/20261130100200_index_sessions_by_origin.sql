-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; the end of a session asks it.
create index concurrently if not exists sessions_impersonated_from_idx on auth.sessions (impersonated_from)
    where impersonated_from is not null;
