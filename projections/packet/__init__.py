"""A dispute's packet: claims as they were billed, as they were known at a moment, and as they are known today.

What it says is read from the patient's facts and from the read models folded as of both moments; there is no second
path. Each section names the facts that it rests on, and those go into the packet with their proof.
"""
