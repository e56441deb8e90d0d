"""Signing documents: what is to be signed is shown with a challenge, and comes back with proof of who signs.

- `challenge.py`: what a signer answers; for these envelopes, this person, two minutes, once;
- `known.py`: what any process of the house knows again of what another said;
- `proof.py`: the token that answers it, and factors of how many kinds it takes;
- `desk.py`: the two calls over any commands that make a signature.
"""
