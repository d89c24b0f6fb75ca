"""The unit's durable memory: sealed records, the audit chain, the outbox, and the encrypted roster of the day."""
