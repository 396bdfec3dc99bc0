-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; administrators look for users by the begin of a name, in any case.
create index concurrently if not exists users_lower_name_idx on auth.users ((lower(name) collate "C"));
