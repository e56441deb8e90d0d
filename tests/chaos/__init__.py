"""Fault drills: processes die, connections break, disks fill, and nothing that was acknowledged is lost."""
