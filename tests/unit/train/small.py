"""The configuration of a run that takes seconds; [fit] is open at its end, for what differs."""

SMALL = """
[network]
name = "portrait_fast"
[data]
index = "people"
sizes = [[64, 64]]
side = 96
held_out = 0.4
validate_on = 2
[fit]
checkpoint = 1
batch = 4
device = "cpu"
threads = 1
"""
