-- Locks: access exclusive on auth.passkeys for a moment; a column with a constant default rewrites nothing. Rollout: migrate, then
-- start the version that reads it. The previous version refuses passkeys with the mark where their authenticator names its user.
--
-- Passkeys that were made elsewhere may know their user by a handle that nobody wrote down: it is not compared then. Whose a
-- passkey is says its id, and its signature is verified as ever.
alter table auth.passkeys add column has_known_handle boolean not null default true;
