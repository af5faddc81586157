"""Times that all kinds keep."""

SILENCE_S = 0.8  # with the time to notice and tell, under the second that the seam allows
