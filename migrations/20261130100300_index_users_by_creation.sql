-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; administrators list users in this order.
create index concurrently if not exists users_created_at_id_idx on auth.users (created_at, id);
