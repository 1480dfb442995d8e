-- A slice changes twice after it was written, so that a tenth of `lot` has changed with every few
-- seconds of traffic, and ANALYZE with its sample of 6000 pages came in every round of autovacuum
-- (docs/decisions/0042). How many rows and pages there are vacuum tells, which comes as before.
alter table lot set (autovacuum_analyze_scale_factor = 1);
