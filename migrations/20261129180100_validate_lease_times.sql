-- Locks: share update exclusive on auth.accounts while it is read once; reads and writes go on. Rollout: after 20261129180000.

alter table auth.accounts validate constraint accounts_renewal_times_in_range;
