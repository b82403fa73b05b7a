-- Which permits of a step are in use, and who waits for them: without this, a claim reads all shards of its run.
create index shard_limited on exosphere.shard (run, limit_step) where limit_step is not null;
