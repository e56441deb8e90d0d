"""A simulated clinic on a simulated clock: three programs, sixty people, twelve weeks, and the mess of real life.

Everything here is invented: people, answers, rates marked *demo*. It goes the way real work goes, through commands,
and may know no more than a person at that desk would. The same seed gives the same facts.

`agenda` is the clock, `desk` sends commands, `people`, `world`, `clinic` are who and where, `intake`, `stay`, `room`,
`writing`, `measures`, `money`, `payers`, `accounts`, `disputes` and `correcting` are the work, `mess` is what goes
wrong, `report` and `show` tell it at the end.
"""
