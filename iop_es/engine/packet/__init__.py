"""Packets: facts with the proof that they are in the log, in an archive that a stranger can check offline."""
