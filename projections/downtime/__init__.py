"""What a program needs on paper for a day on which it may be without this system.

Who is expected in which group, with room to write who came; how everybody may be reached; whom somebody should watch.
`reading` gathers it, `paper` sets it, `lines` prints the commands with which the paper is recorded afterwards. It is a
reading of the caseload, of open alerts and of the patients' own streams, with no table of its own.
"""
