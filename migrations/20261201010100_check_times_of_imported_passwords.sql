-- Holds every row to the check that the migration before brought. Locks: share update exclusive on auth.accounts, which lets
-- everybody read and write.
alter table auth.accounts validate constraint accounts_left_at_in_range;
