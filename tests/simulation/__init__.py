"""The clinic on a virtual clock, with seeded faults: the same seed, the same run."""
