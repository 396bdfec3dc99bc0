-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; administrators list users in this order. The id
-- is left out: an index that has it could be taken for one of ids where tables are empty.
create index concurrently if not exists users_created_at_idx on auth.users (created_at);
