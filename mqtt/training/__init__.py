"""The training kit: a whole world for one unit on one machine, with a real card service, broker and office (design D6)."""
