"""Lower bounds of the p-median: Lagrangean relaxation and Benders cuts."""
