-- Locks: share on auth.mail_outbox while it is read three times: writes wait for a moment, since what waits for delivery, or was
-- given up within the month, is little. Rollout: before the version that asks for the oldest message.
--
-- The sweep of mail that was given up reads what it deletes, how long the oldest message waits is read from one entry, and
-- the mail to a user who is deleted is found by their address.

create index mail_outbox_failed_at_idx on auth.mail_outbox (failed_at) where failed_at is not null;
create index mail_outbox_waiting_created_at_idx on auth.mail_outbox (created_at) where failed_at is null;
create index mail_outbox_recipient_idx on auth.mail_outbox (recipient);
