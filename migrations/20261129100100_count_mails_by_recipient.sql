-- To whom mails went, and who asked for them.
-- Locks: access exclusive on auth.verifications for a moment (nullable columns without a default rewrite nothing).
-- Rollout: migrate, then start the new version; rows of the former one have neither and count by their user.

-- SHA-256 of the address, so that no address outlives its account here.
alter table auth.verifications add column recipient_hash bytea;
-- The client address or the known browser that asked; null where an account did, which is user_id.
alter table auth.verifications add column asked_by text;
