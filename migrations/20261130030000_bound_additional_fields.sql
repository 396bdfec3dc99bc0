-- Users fill in additional fields one by one, each within its own bound; what they come to is read with every user and, as far as
-- upstreams are told, with every request. So the object is bounded too, as text: 16 KiB.
--
-- Locks: access exclusive on auth.users, for a moment; nothing is scanned. Rollout: before the new version. The previous one
-- answers a change that would come to more with 500.

alter table auth.users add constraint users_additional_fields_bounded check (
    octet_length(additional_fields::text) <= 16384
) not valid;
