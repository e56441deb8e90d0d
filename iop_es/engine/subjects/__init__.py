"""Personal parts under a key of their subject's own: sealing, the keys, their rotation, and how they are destroyed.

    master key (a file, or a key service)  ─ wraps →  a subject's key (a table of its own)
        ─ HKDF, with the place of one fact →  the key of that fact's personal part

A subject is a patient, a session (what a group's documents share), a clinician or the organization. When the key of a
subject is destroyed nothing of the log changes: its proofs hold, what is counted from it stays, and its personal parts
open no more. `layout` is the format, `master` who wraps, `keys` where the keys are, `sealing` the sealer, `keeping`
what is done to keys.

What stays open for a while: another process remembers a key for `keys.LOOK_SECONDS`; a backup of the table of keys
opens what the master keys of its time open, so that a destroyed key is gone from there once those are forgotten
(`iop-es keys rotate-master --forget`) or the backup is.
"""
