"""Read models: the fold (`fold`), the place its rows go to (`place`), the live driver (`driver`), the rebuild
(`rebuild`) and one patient's history in memory (`asof`)."""
