-- Who made a user, and which ways to sign in outlive the proof of the user's address.
-- Locks: access exclusive on auth.accounts and auth.users, for a moment: a column with a constant default rewrites nothing,
-- and the next file fills the columns. Rollout: migrate, then start the new version; the former one goes on writing both
-- tables meanwhile.

-- This way to sign in came from an operator, or from whoever receives the address's mail. Others end when the address of
-- an unverified user is proved.
alter table auth.accounts add column address_proved boolean not null default false;

-- An operator made the user: a sign-up with the address is told so by mail and changes nothing.
alter table auth.users add column created_by_operator boolean not null default false;
