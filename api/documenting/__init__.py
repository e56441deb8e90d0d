"""Documenting a whole group in one call: what all share and each one's own part, stored, looked over, laid out to sign.

- `group.py`: the call itself; each part is stored whole or not at all;
- `payers.py`: which sections the patients' payers want, and until when a signature is in time;
- `notices.py`: in which charts an amended narrative stands, so that each says so;
- `looking.py`: what the author should see before signing: what is missing, whose name stands there, what reads alike;
- `alike.py`: with which documents a new one is compared;
- `goals.py`: the words of the goals that documents name, which make none like another.
"""
