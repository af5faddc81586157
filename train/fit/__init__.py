"""Fitting: a configuration, its data and a network become weights, whatever interrupts it."""
