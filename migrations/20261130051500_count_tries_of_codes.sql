-- How often a mailed code was tried (auth.email_otp): by whoever asked for it, and by everybody else, so that a stranger who
-- guesses does not use up the owner's tries.
-- Locks: access exclusive on auth.verifications for a moment (columns with a constant default rewrite nothing). Rollout: migrate,
-- then start the version that reads them; the previous one writes no codes.

alter table auth.verifications
    add column tries smallint not null default 0,
    add column foreign_tries smallint not null default 0;
