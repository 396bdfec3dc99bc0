### Why something cannot be done, by the stable code of the problem.
